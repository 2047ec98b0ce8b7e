"""AWS Classic Load Balancer: a health check that is refused."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.issue import Issue
from tochain.products.base import Site
from tochain.products.healthchecks import outlasting

__all__ = ["issues"]

_CHECKS = "https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_HealthCheck.html"


def issues(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """A health check that may outlast its interval."""
    return outlasting(facts, _CHECKS)
