"""What Spring Boot's properties mean together: graceful shutdown, and keep-alive before it had a limit of its own."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Facts
from tochain.model.limit import Finite
from tochain.products.amend import amended, defaulted, text_of
from tochain.products.base import Site

__all__ = ["adjust"]

_DRAIN = ("accept.drain", "lifecycle.drain")


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with the conditions applied; clients an application is given are left alone."""
    if site.product != "spring-boot" or site.side == "link":
        return facts
    done = dict(facts)
    _shutdown(done, site)
    if "accept.idle_close" not in done and "accept.header_read" in done:
        because = "before 2.5 an idle connection is closed by server.tomcat.connection-timeout"
        done["accept.idle_close"] = tuple(
            replace(f, timer="accept.idle_close", because=because) for f in done["accept.header_read"]
        )
    return done


def _shutdown(facts: Facts, site: Site) -> None:
    """The phase's timeout counts where shutdown is graceful; immediate cuts running requests at once."""
    chosen = text_of(site, "server.shutdown").lower()
    if not chosen and site.versions.surely_since((3, 4)) is False:
        chosen = "immediate"
    for timer in _DRAIN:
        if chosen == "graceful":
            defaulted(facts, timer, Finite(30_000_000), "server.shutdown is graceful")
        elif chosen == "immediate":
            amended(facts, timer, lambda limit: Finite(0), "server.shutdown is immediate")
