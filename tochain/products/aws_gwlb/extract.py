"""AWS Gateway Load Balancer, from Terraform and CloudFormation."""

from __future__ import annotations

from tochain.products.base import Context, Extract
from tochain.products.cloud import made, merged, product_of, settings, view
from tochain.products.targetgroups import forwards, group_settings, listeners

__all__ = ["read"]

_LISTENER = {"tcp_idle_timeout_seconds": "tcp.idle_timeout.seconds"}


def read(ctx: Context) -> Extract:
    """One box for each load balancer of type gateway."""
    found = view(ctx)
    return Extract([
        made(r, "box", merged([
            *(settings(listener.value, _LISTENER, listener.address) for listener in listeners(found, r)),
            *(group_settings(forward.group) for forward in forwards(found, r)),
        ]))
        for r in found.of("aws_lb") if product_of(r) == "aws-gwlb"
    ])  # fmt: skip
