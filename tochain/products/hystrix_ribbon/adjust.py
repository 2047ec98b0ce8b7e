"""What Ribbon's two counts come to together, and which requests it tries again."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Facts
from tochain.model.limit import OFF, Finite, Word
from tochain.products.amend import amended, text_of
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """Tries are (same server + 1) x (further servers + 1); only GET is repeated without OkToRetryOnAllOperations."""
    done = dict(facts)
    same, other = text_of(site, "ribbon.MaxAutoRetries") or "0", text_of(site, "ribbon.MaxAutoRetriesNextServer") or "1"
    if "connect.attempts" in done and same.isdecimal() and other.isdecimal():
        tries = (int(same) + 1) * (int(other) + 1)
        because = f"({same} + 1) on one server x ({other} + 1) servers"
        found = done["connect.attempts"]
        done["connect.attempts"] = tuple(replace(fact, limit=Finite(tries), because=because) for fact in found)
    amended(done, "connect.retry_condition", lambda limit: Word("GET") if limit == OFF else Word("all"), "")
    return done
