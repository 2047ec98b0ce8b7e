"""The R2DBC pool's condition: a query to test with is sent whenever a connection is handed out."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import Finite
from tochain.products.amend import amended, text_of
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """A validationQuery tests at once, whatever its text."""
    out = dict(facts)
    query = text_of(site, "validationQuery")
    if query:
        amended(out, "connect.validate_after_idle", lambda _: Finite(0), f"{query[:40]} is sent before each use")
    return out
