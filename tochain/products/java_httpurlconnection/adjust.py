"""HttpURLConnection's conditions: no pool without keep-alive, and a system property that does nothing."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.issue import Issue
from tochain.model.limit import OFF
from tochain.products.amend import amended, text_of
from tochain.products.base import Site
from tochain.products.javaproperties import without_effect

__all__ = ["adjust", "issues"]


def adjust(facts: Facts, site: Site) -> Facts:
    """Nothing is kept for another request where http.keepAlive is false."""
    out = dict(facts)
    if text_of(site, "http.keepAlive") == "false":
        amended(out, "connect.idle_keep", lambda _: OFF, "http.keepAlive is false")
    return out


def issues(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """A time for names that nobody reads."""
    return without_effect(site)
