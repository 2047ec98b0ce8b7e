"""Azure Load Balancer: what Kubernetes switches on by itself."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Facts
from tochain.model.limit import Word
from tochain.products.base import Site

__all__ = ["adjust"]

_BECAUSE = "the Azure cloud provider of Kubernetes switches TCP reset on for Standard load balancers"


def adjust(facts: Facts, site: Site) -> Facts:
    """A balancer made for a Service answers late packets with a reset unless an annotation switches that off."""
    if "kubernetes" not in site.traits or site.settings.get("enableTcpReset"):
        return facts
    found = tuple(replace(fact, limit=Word("rst"), because=_BECAUSE) for fact in facts.get("flow.on_expiry", ()))
    return {**facts, "flow.on_expiry": found} if found else facts
