"""What IPVS does by mode: with direct routing the director sees one direction; checks run where there are any."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Facts
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts of a virtual server, or of a table nobody described."""
    out = dict(facts)
    if "dsr" in site.traits:
        because = "direct routing or tunnelling: the director sees the client's packets only"
        for timer in ("flow.idle_tcp", "flow.counts"):
            out[timer] = tuple(replace(fact, because=because) for fact in out.get(timer, ()))
    if "check" not in site.settings:
        for timer in [name for name in out if name.startswith("lifecycle.health_")]:
            del out[timer]
    return {timer: found for timer, found in out.items() if found}
