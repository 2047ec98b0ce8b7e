"""Azure Load Balancer: what the Azure cloud provider of Kubernetes switches on by itself."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import Word
from tochain.products.base import Site
from tochain.products.makers import Maker, made_by

__all__ = ["adjust"]

_MAKERS = {
    "kubernetes": Maker(
        "the Azure cloud provider of Kubernetes switches TCP reset on for Standard load balancers",
        "https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/",
        {
            "flow.on_expiry": Word("rst"),
        },
    ),
}


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with the maker's own defaults."""
    return made_by(facts, site, _MAKERS)
