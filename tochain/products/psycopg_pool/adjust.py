"""psycopg's pool: connections up to its smallest size are kept however long they are idle."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.products.amend import kept_at_least
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """The idle limit only where the pool may become empty."""
    out = dict(facts)
    kept_at_least(out, site, "min_size", usual=4)
    return out
