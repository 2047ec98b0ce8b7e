"""gRPC's conditions: switches written as 0 and 1, and the largest integer that stands for never."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import NEVER, OFF, Finite, Limit, Word
from tochain.products.amend import amended
from tochain.products.base import Site

__all__ = ["adjust"]

_UNLIMITED = 2_147_483_647_000
_SWITCHES: dict[Limit, Limit] = {Word("1"): Word("on"), Word("0"): OFF}


def adjust(facts: Facts, site: Site) -> Facts:
    """Switches as on and off; INT_MAX milliseconds as never."""
    out = dict(facts)
    for timer, found in facts.items():
        if any(fact.limit in _SWITCHES for fact in found):
            amended(out, timer, _switched, "")
        if any(_unlimited(fact.limit) for fact in found):
            amended(
                out, timer, lambda limit: NEVER if _unlimited(limit) else limit, "the largest integer stands for never"
            )
    return out


def _switched(limit: Limit) -> Limit:
    return _SWITCHES.get(limit, limit)


def _unlimited(limit: Limit) -> bool:
    return isinstance(limit, Finite) and limit.amount >= _UNLIMITED
