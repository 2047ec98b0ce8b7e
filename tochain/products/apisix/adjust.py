"""APISIX's conditions: an upstream without `retries` tries as often as it has nodes."""

from __future__ import annotations

from tochain.model.fact import Fact, Facts
from tochain.model.limit import Finite
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with the tries that follow from the number of nodes."""
    nodes = site.settings.get("nodes", ())
    if "connect.attempts" in facts or not nodes or not nodes[0].text.isdecimal():
        return facts
    count = max(int(nodes[0].text), 1)
    because = (
        f"retries is not set: one try for each of {count} nodes"
        if count > 1
        else "retries is not set and there is one node"
    )
    fact = Fact("connect.attempts", Finite(count), "retries", "default", nodes[0].span, None, because, nodes[0].scope)
    return {**facts, "connect.attempts": (fact,)}
