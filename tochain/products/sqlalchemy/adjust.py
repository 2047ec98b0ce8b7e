"""What Flask-SQLAlchemy adds: connections to MySQL are given up after two hours."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import seconds
from tochain.products.amend import defaulted, first
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """The extension's own pool_recycle."""
    out = dict(facts)
    if first(site, "Flask-SQLAlchemy") is not None and site.protocol == "mysql":
        defaulted(out, "connect.max_age", seconds(7200), "Flask-SQLAlchemy sets pool_recycle to 7200 for MySQL")
    return out
