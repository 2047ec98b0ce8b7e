"""DBCP 2's condition: nothing is evicted before the evictor runs at all."""

from __future__ import annotations

import re

from tochain.model.fact import Facts
from tochain.model.limit import NEVER
from tochain.products.amend import amended, text_of
from tochain.products.base import Site

__all__ = ["adjust"]

_RUNS = ("timeBetweenEvictionRunsMillis", "durationBetweenEvictionRuns")


def adjust(facts: Facts, site: Site) -> Facts:
    """minEvictableIdleTimeMillis counts only where timeBetweenEvictionRunsMillis is above zero."""
    if site.product != "dbcp2":  # the forms its reader also makes have conditions of their own
        return facts
    out = dict(facts)
    runs = text_of(site, *_RUNS)
    if not runs or re.fullmatch(r"-\d+|0", runs):
        why = "timeBetweenEvictionRunsMillis is not above zero, so no connection is evicted for being idle"
        amended(out, "connect.idle_keep", lambda _: NEVER, why)
    return out
