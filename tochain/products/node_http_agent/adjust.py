"""Node's agents: one made without keepAlive keeps nothing, one with it keeps without limit unless it has a timeout."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Facts
from tochain.model.limit import NEVER, OFF
from tochain.products.amend import first, text_of
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """The idle time of the agent in use: the one made in the code, else the global one."""
    out = dict(facts)
    made = first(site, "new Agent")
    if made is None or "connect.idle_keep" not in out or first(site, "freeSocketTimeout") is not None:
        return out
    if text_of(site, "keepAlive") != "true":
        because, limit = "an Agent made without keepAlive: true opens a connection for each request", OFF
    elif first(site, "Agent.timeout") is None:
        because, limit = "an Agent made with keepAlive: true and no timeout keeps idle sockets", NEVER  # type: ignore[assignment]
    else:
        return out
    span = (first(site, "keepAlive") or made).span
    out["connect.idle_keep"] = (
        replace(out["connect.idle_keep"][0], limit=limit, setting="Agent.timeout", span=span, because=because),
    )
    return out
