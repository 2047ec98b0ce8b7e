"""What Prometheus makes of a scrape's times together: a timeout its job does not have is never above the interval."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Facts
from tochain.model.limit import Finite, Limit
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with a default or inherited timeout cut to a shorter interval of the job's own."""
    interval, timeout = facts.get("monitor.interval"), facts.get("monitor.timeout")
    if not interval or not timeout or timeout[0].origin not in ("default", "inherited"):
        return facts
    if interval[0].origin == timeout[0].origin == "inherited" or not _shorter(interval[0].limit, timeout[0].limit):
        return facts
    because = "scrape_interval is shorter than the timeout of all jobs"
    cut = tuple(replace(fact, limit=interval[0].limit, because=because) for fact in timeout)
    return {**facts, "monitor.timeout": cut}


def _shorter(one: Limit, other: Limit) -> bool:
    return isinstance(one, Finite) and isinstance(other, Finite) and one.amount < other.amount
