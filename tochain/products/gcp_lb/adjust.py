"""Google Cloud load balancers: what the Terraform provider and GKE set by themselves."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.issue import Issue
from tochain.model.limit import Finite, OneOf, seconds
from tochain.products.base import Site
from tochain.products.healthchecks import outlasting
from tochain.products.makers import Maker, made_by

__all__ = ["adjust", "issues"]

_CHECKS = "https://cloud.google.com/compute/docs/reference/rest/v1/healthChecks"
_MAKERS = {
    "terraform": Maker(
        "the Terraform provider's default; the API's is 0",
        "https://registry.terraform.io/providers/hashicorp/google/latest/docs/resources/compute_backend_service",
        {
            "lifecycle.deregistration_delay": seconds(300),
        },
    ),
    "kubernetes": Maker(
        "GKE's own: 15 s with network endpoint groups, 60 s with instance groups",
        "https://cloud.google.com/kubernetes-engine/docs/concepts/ingress#health_checks",
        {
            "lifecycle.health_interval": OneOf((seconds(15), seconds(60))),
            "lifecycle.health_timeout": OneOf((seconds(15), seconds(60))),
            "lifecycle.health_ok_count": Finite(1),
            "lifecycle.health_fail_count": OneOf((Finite(2), Finite(10))),
        },
    ),
}

_KEPT = {
    "passthrough": ("flow.", "lifecycle."),
    "external-passthrough": ("flow.", "lifecycle."),
    "proxy-network": ("accept.stream_idle", "connect.stream_idle", "lifecycle."),
}
"""What the balancers of layer 4 have of the timers, by variant."""


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with the maker's own defaults; a balancer that ends no HTTP has none of the timers of HTTP."""
    kept = _KEPT.get(site.variant or "")
    return made_by({t: found for t, found in facts.items() if t.startswith(kept)} if kept else facts, site, _MAKERS)


def issues(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """A health check that is refused."""
    return outlasting(facts, _CHECKS)
