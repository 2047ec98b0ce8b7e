"""Node's conditions: the buffer on top of keepAliveTimeout, and headersTimeout that never exceeds requestTimeout."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Facts
from tochain.model.limit import Finite, Limit, OneOf
from tochain.model.version import Versions
from tochain.products.amend import added, amended, first
from tochain.products.base import Site
from tochain.products.facts import load
from tochain.products.values import fact_value, read_value

__all__ = ["adjust"]

_FAULTY = (((8, 17), (9,)), ((10, 15, 2), (12, 19)), ((13,), (13, 14)))
BUFFER = "server.keepAliveTimeoutBuffer"


def adjust(facts: Facts, site: Site) -> Facts:
    """The idle close as it happens on the wire, and the head limit in force."""
    out = dict(facts)
    buffer = _buffer(site)
    if buffer != Finite(0):
        amended(
            out,
            "accept.idle_close",
            lambda limit: added(limit, buffer),
            "closes keepAliveTimeoutBuffer later than keepAliveTimeout",
        )
    _header(out, site)
    if _counts_from_last_request(site.versions):
        because = "counted from the end of the last request, nodejs/node issue 27363"
        found = out.get("accept.header_read", ())
        out["accept.next_head"] = tuple(replace(fact, timer="accept.next_head", because=because) for fact in found)
    return out


def _counts_from_last_request(versions: Versions) -> bool:
    """Whether the time for a head surely began when the request before it ended: 8.17, 10.15.2 to 12.18, and 13 to 13.13."""
    return any(
        versions.surely_since(since) is True and versions.surely_since(until) is False for since, until in _FAULTY
    )


def _buffer(site: Site) -> Limit:
    written = first(site, BUFFER, "keepAliveTimeoutBuffer")
    if written is not None:
        try:
            return written.limit or read_value(written.text, "ms")
        except ValueError:
            # What is no number was reported when the setting was read.
            return Finite(0)
    known = load("nodejs-http")
    row = next((row for row in known.settings if row.setting == BUFFER), None) if known else None
    if row is None:
        return Finite(0)
    ends = [later.since for later in row.defaults[1:]] + [None]
    found = [d for d, until in zip(row.defaults, ends, strict=True) if site.versions.possible(d.since, until)]
    limits = tuple(fact_value(d.value, row.unit, "time") for d in found or row.defaults[-1:])
    finite = tuple(dict.fromkeys(limit for limit in limits if isinstance(limit, Finite)))
    return finite[0] if len(finite) == 1 else OneOf(finite)


def _header(facts: Facts, site: Site) -> None:
    """Since 18 the head has no longer than the whole request."""
    if site.versions.surely_since((18,)) is False:
        return
    whole = facts.get("accept.request_read", ())
    if len(whole) != 1 or not isinstance(whole[0].limit, Finite):
        return
    most = whole[0].limit

    def least(limit: Limit) -> Limit:
        return most if isinstance(limit, Finite) and limit.amount > most.amount else limit

    if any(least(fact.limit) != fact.limit for fact in facts.get("accept.header_read", ())):
        amended(facts, "accept.header_read", least, "never longer than requestTimeout")
