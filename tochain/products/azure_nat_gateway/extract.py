"""Azure NAT gateways, from Terraform."""

from __future__ import annotations

from tochain.products.base import Context, Extract
from tochain.products.cloud import made, settings, view

__all__ = ["read"]


def read(ctx: Context) -> Extract:
    """One box for each NAT gateway."""
    names = {"idle_timeout_in_minutes": "idleTimeoutInMinutes"}
    return Extract(
        [made(resource, "box", settings(resource.value, names)) for resource in view(ctx).of("azurerm_nat_gateway")]
    )
