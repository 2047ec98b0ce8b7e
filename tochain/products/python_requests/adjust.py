"""requests' conditions: only a Session keeps connections, and urllib3 by itself tries again."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import OFF, Finite
from tochain.products.amend import amended, defaulted, first
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """No idle connections with requests.get() and its like; three retries with urllib3 alone."""
    out = dict(facts)
    if first(site, "no session") is not None and site.side == "link":
        amended(out, "connect.idle_keep", lambda _: OFF, "requests.get() and its like open a connection for each call")
    if site.variant == "urllib3":
        defaulted(out, "connect.attempts", Finite(4), "urllib3 by itself retries three times")
    return out
