"""Contour's conditions: a retry policy without a count retries once."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Facts
from tochain.model.limit import Finite, Never
from tochain.products.amend import followed, silence_counted
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with the tries of a retry policy: once more by default, none with a negative count."""
    facts = dict(facts)
    followed(facts, "connect.attempt_total", "connect.request_total")
    silence_counted(facts, "timeouts.stream-idle-timeout")
    tries = next(iter(facts.get("connect.attempts", ())), None)
    if tries is None:
        return facts
    if tries.origin == "default" and "retryPolicy" in site.settings:
        because = "a retryPolicy without count retries once"
        return {**facts, "connect.attempts": (replace(tries, limit=Finite(2), because=because),)}
    if isinstance(tries.limit, Never):
        return {**facts, "connect.attempts": (replace(tries, limit=Finite(1), because="a negative count: no retry"),)}
    return facts
