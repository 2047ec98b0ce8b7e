"""What Prometheus makes of a scrape's times together: a timeout nobody wrote is never above the interval."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import Finite, Limit
from tochain.products.amend import defaulted
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with the default timeout cut to a shorter interval."""
    done = dict(facts)
    interval = done.get("monitor.interval")
    timeout = done.get("monitor.timeout")
    if interval and timeout and _shorter(interval[0].limit, timeout[0].limit):
        defaulted(done, "monitor.timeout", interval[0].limit, "scrape_interval is shorter than the usual timeout")
    return done


def _shorter(one: Limit, other: Limit) -> bool:
    return isinstance(one, Finite) and isinstance(other, Finite) and one.amount < other.amount
