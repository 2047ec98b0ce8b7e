"""AWS Application Load Balancer: what the AWS Load Balancer Controller of Kubernetes sets by itself."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Facts
from tochain.model.limit import Finite, Limit, seconds
from tochain.products.base import Site

__all__ = ["adjust"]

_BECAUSE = "the AWS Load Balancer Controller's own default"
_SOURCE = "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/"
_DEFAULTS: dict[str, Limit] = {
    "lifecycle.health_interval": seconds(15),
    "lifecycle.health_ok_count": Finite(2),
    "lifecycle.health_fail_count": Finite(2),
}


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with the controller's health checks in place of the API's, where Kubernetes made the balancer."""
    if "kubernetes" not in site.traits:
        return facts
    done = dict(facts)
    for timer, limit in _DEFAULTS.items():
        done[timer] = tuple(
            replace(fact, limit=limit, because=_BECAUSE, source=_SOURCE) if fact.origin == "default" else fact
            for fact in facts.get(timer, ())
        )
    return {timer: found for timer, found in done.items() if found}
