"""java.net.http's condition: a system property that does nothing."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.issue import Issue
from tochain.products.base import Site
from tochain.products.javaproperties import without_effect

__all__ = ["issues"]


def issues(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """A time for names that nobody reads."""
    return without_effect(site)
