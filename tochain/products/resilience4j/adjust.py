"""Resilience4j's guards: the defaults of one hold only where that one is used."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.products.base import Site

__all__ = ["adjust"]

_KIND_OF = {
    "connect.attempt_total": "timelimiter",
    "connect.attempts": "retry",
    "connect.retry_backoff": "retry",
    "connect.pool_wait": "bulkhead",
    "connect.circuit_open": "circuitbreaker",
}


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts without the defaults of guards nobody named: a call may be guarded by any of them alone."""
    named = {name.partition(".")[0] for name in site.settings}
    done: Facts = {}
    for timer, found in facts.items():
        kept = tuple(fact for fact in found if fact.origin != "default" or _KIND_OF.get(timer, "") in {*named, ""})
        # A default beside written ones is that of no instance.
        several = tuple(fact for fact in kept if fact.origin != "default")
        if kept:
            done[timer] = several or kept
    return done
