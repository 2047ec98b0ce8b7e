"""curl's condition: with --retry, --max-time counts anew for each try."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Facts
from tochain.model.limit import Finite
from tochain.products.base import Site

__all__ = ["adjust"]

_WHY = "--max-time starts anew for each --retry; --retry-max-time limits all of them"


def adjust(facts: Facts, site: Site) -> Facts:
    """The time of a transfer is that of one try where there may be several."""
    tries = facts.get("connect.attempts", ())
    if not any(isinstance(fact.limit, Finite) and fact.limit.amount > 1 for fact in tries):
        return facts
    out = dict(facts)
    whole = out.pop("connect.request_total", ())
    if whole:
        out["connect.attempt_total"] = tuple(replace(f, timer="connect.attempt_total", because=_WHY) for f in whole)
    return out
