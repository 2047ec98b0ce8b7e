"""AWS Network Load Balancer: what the AWS Load Balancer Controller of Kubernetes sets by itself."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.issue import Issue
from tochain.model.limit import Finite, seconds
from tochain.products.base import Site
from tochain.products.healthchecks import outlasting
from tochain.products.makers import Maker, made_by

__all__ = ["adjust", "issues"]

_CHECKS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html"
_MAKERS = {
    "kubernetes": Maker(
        "the AWS Load Balancer Controller's own default",
        "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/",
        {
            "lifecycle.health_interval": seconds(10),
            "lifecycle.health_timeout": seconds(10),
            "lifecycle.health_ok_count": Finite(3),
            "lifecycle.health_fail_count": Finite(3),
        },
    ),
}


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with the maker's own defaults."""
    return made_by(facts, site, _MAKERS)


def issues(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """A health check that is refused."""
    return outlasting(facts, _CHECKS)
