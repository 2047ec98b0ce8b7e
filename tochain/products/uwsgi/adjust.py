"""Which of uWSGI's timers count: those of its HTTP router only where requests come through the router."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """Without `http` or `https` there is no router: its limits on both sides are gone, written or not."""
    if "sockets" not in site.traits or site.side == "link":
        return facts
    return {
        timer: found
        for timer, found in facts.items()
        if not found[0].setting.startswith("http-") or timer == "accept.idle_close"
    }
