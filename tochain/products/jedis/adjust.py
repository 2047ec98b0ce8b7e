"""Jedis' condition: only JedisPoolConfig has an evictor of its own."""

from __future__ import annotations

import re

from tochain.model.fact import Facts
from tochain.model.limit import NEVER
from tochain.products.amend import amended, first, text_of
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """A plain GenericObjectPoolConfig evicts nothing unless its evictor is given a period."""
    out = dict(facts)
    runs = text_of(site, "timeBetweenEvictionRuns")
    if first(site, "no evictor") is not None and (not runs or re.fullmatch(r"-\d+|0", runs)):
        why = "a plain GenericObjectPoolConfig runs no evictor, so no connection is dropped for being idle"
        amended(out, "connect.idle_keep", lambda _: NEVER, why)
    return out
