"""BIG-IP's conditions: a full proxy or a packet forwarder, OneConnect or not, TLS and monitors only where used."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Fact, Facts
from tochain.model.limit import Finite, Limit, Never, OneOf, Unknown, Word
from tochain.products.base import Site

__all__ = ["adjust"]

_POOL = ("connect.idle_keep", "connect.max_age", "connect.max_requests", "connect.idle_pool_size")


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts of a virtual server, or of a declared BIG-IP nobody looked into."""
    out = dict(facts)
    if site.variant == "fastl4":
        out = {timer: found for timer, found in out.items() if timer.startswith(("flow.", "lifecycle."))}
    else:
        out = {timer: found for timer, found in out.items() if not timer.startswith("flow.")}
    if "flow.on_expiry" in out:
        out["flow.on_expiry"] = tuple(_expiry(fact) for fact in out["flow.on_expiry"])
    if site.traits:
        _unused(out, site)
    return out


def _expiry(fact: Fact) -> Fact:
    words = {"enabled": "rst", "true": "rst", "on": "rst", "disabled": "drop", "false": "drop"}
    text = fact.limit.text if isinstance(fact.limit, Word) else "drop"
    return replace(fact, limit=Word(words.get(text, text)))


def _unused(out: Facts, site: Site) -> None:
    """What profiles that are not attached would do does not count."""
    if "one-connect" not in site.traits:
        for timer in _POOL:
            out.pop(timer, None)
        if "http" in site.traits:
            _bound(out)
    if "http" not in site.traits:
        out.pop("accept.max_requests", None)
    if "server-ssl" not in site.traits:
        out.pop("connect.sni", None)
        out.pop("connect.tls_handshake", None)
    if "client-ssl" not in site.traits:
        out.pop("accept.sni_required", None)
        out.pop("accept.tls_handshake", None)
    if "monitor" not in site.traits:
        for timer in ("lifecycle.health_interval", "lifecycle.health_timeout"):
            out.pop(timer, None)


def _bound(out: Facts) -> None:
    """Without OneConnect a server connection belongs to one client connection: the smaller idle timeout ends both."""
    sides = [*out.get("accept.idle_close", ()), *out.get("connect.read_stall", ())]
    if not sides or any(isinstance(fact.limit, Unknown | OneOf) for fact in sides):
        return
    least = min(sides, key=lambda fact: _size(fact.limit))
    because = "no OneConnect profile: a server connection lives as long as its client's"
    out["connect.idle_keep"] = (replace(least, timer="connect.idle_keep", because=because),)


def _size(limit: Limit) -> int:
    if isinstance(limit, Finite):
        return limit.amount
    return 10**30 if isinstance(limit, Never) else 0
