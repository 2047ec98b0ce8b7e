"""Spring Cloud Gateway's conditions: the Retry filter without a number tries three times more."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Facts
from tochain.model.limit import Finite
from tochain.products.base import Site

__all__ = ["adjust"]

_RETRIES = 3


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with the number of tries of a Retry filter that names none."""
    tries = next(iter(facts.get("connect.attempts", ())), None)
    if tries is None or tries.origin != "default" or "Retry" not in site.settings:
        return facts
    because = "the Retry filter without retries: 3 of them"
    return {**facts, "connect.attempts": (replace(tries, limit=Finite(_RETRIES + 1), because=because),)}
