"""Defaults of whoever makes a cloud's resource: a Terraform provider or a controller sets what its user leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tochain.model.fact import Facts
from tochain.model.limit import Limit
from tochain.products.base import Site

__all__ = ["Maker", "made_by"]


@dataclass(frozen=True, slots=True)
class Maker:
    """What one maker sets by itself: limits by timer, the reason for people, and where it is documented."""

    because: str
    source: str
    limits: Mapping[str, Limit]


def made_by(facts: Facts, site: Site, makers: Mapping[str, Maker]) -> Facts:
    """The facts with the defaults of the maker among the site's traits in place of the service's own."""
    done = dict(facts)
    for trait in sorted(site.traits & set(makers)):
        maker = makers[trait]
        for timer, limit in maker.limits.items():
            if timer in done:
                done[timer] = tuple(
                    replace(fact, limit=limit, because=maker.because, source=maker.source)
                    if fact.origin in ("default", "fixed")
                    else fact
                    for fact in done[timer]
                )
    return done
