"""Node's agents: one made without keepAlive keeps nothing, one with it keeps without limit unless it has a timeout."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Facts
from tochain.model.limit import NEVER, OFF, Limit
from tochain.products.amend import amended, first, text_of
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """The idle time of the agent in use: the one made in the code, else the global one."""
    out = dict(facts)
    made = first(site, "new Agent")
    if made is None or "connect.idle_keep" not in out or first(site, "freeSocketTimeout") is not None:
        return out
    if text_of(site, "keepAlive") != "true":
        limit: Limit = OFF
        because = "an Agent made without keepAlive: true opens a connection for each request"
    elif first(site, "Agent.timeout") is None:
        because, limit = "an Agent made with keepAlive: true and no timeout keeps idle sockets", NEVER
    else:
        return out
    if limit == NEVER:
        amended(
            out, "connect.honours_hint", lambda _: OFF, "a hint only shortens the agent's own timeout, and it has none"
        )
    span = (first(site, "keepAlive") or made).span
    out["connect.idle_keep"] = (
        replace(out["connect.idle_keep"][0], limit=limit, setting="Agent.timeout", span=span, because=because),
    )
    return out
