"""What follows from the kernel's own settings: how long unacknowledged data is sent again before a socket fails."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Facts
from tochain.model.limit import Finite
from tochain.products.base import Site

__all__ = ["adjust"]

_SHORTEST, _LONGEST = 200_000, 120_000_000  # TCP_RTO_MIN and TCP_RTO_MAX in microseconds
_DOUBLINGS = 9  # the last pause below the longest one: 200 ms x 2^9 is 102.4 s
_MOST = 255  # the kernel takes no more
_BECAUSE = "the least it can be: pauses from 200 ms on, doubled up to 120 s each"


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with the time that tcp_retries2 retransmissions take at least."""
    found = facts.get("kernel.tcp_retries2", ())
    if not found or not isinstance(found[0].limit, Finite) or found[0].limit.amount > _MOST:
        return facts
    total = Finite(_total(found[0].limit.amount))
    timer = "kernel.retransmit_total"
    return {**facts, timer: (replace(found[0], timer=timer, limit=total, because=_BECAUSE),)}


def _total(retries: int) -> int:
    """What the kernel itself reckons with (tcp_model_timeout)."""
    doubled = min(retries, _DOUBLINGS)
    return ((2 << doubled) - 1) * _SHORTEST + (retries - doubled) * _LONGEST
