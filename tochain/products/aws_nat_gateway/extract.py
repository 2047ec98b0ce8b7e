"""AWS NAT gateways, from Terraform and CloudFormation: nothing about them can be set."""

from __future__ import annotations

from tochain.products.base import Context, Extract
from tochain.products.cloud import made, view

__all__ = ["read"]


def read(ctx: Context) -> Extract:
    """One box for each NAT gateway."""
    return Extract([made(resource, "box", {}) for resource in view(ctx).of("aws_nat_gateway")])
