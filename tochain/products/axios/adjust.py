"""axios uses the agent it is given: without one Node's own, with one what that agent says."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Fact, Facts
from tochain.model.limit import NEVER, OFF, Limit, Unknown
from tochain.products.amend import first, text_of
from tochain.products.base import Site
from tochain.products.values import read_value

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """The idle time of pooled sockets when the code hands over an agent."""
    out = dict(facts)
    made = first(site, "new Agent")
    if made is None or "connect.idle_keep" not in out:
        return out
    keep = first(site, "Agent.keepAlive")
    timeout = first(site, "Agent.timeout")
    if text_of(site, "Agent.keepAlive") != "true":
        limit: Limit = OFF
        because = "an Agent made without keepAlive: true opens a connection for each request"
    elif timeout is None:
        limit, because = NEVER, "an Agent made with keepAlive: true and no timeout keeps idle sockets"
    else:
        limit, because = timeout.limit or _read(timeout.text), ""
    fact: Fact = out["connect.idle_keep"][0]
    place = timeout or keep or made
    out["connect.idle_keep"] = (
        replace(fact, limit=limit, setting="Agent.timeout", span=place.span, origin="written", because=because),
    )
    return out


def _read(text: str) -> Limit:
    try:
        return read_value(text, "ms")
    except ValueError as error:
        return Unknown(str(error))
