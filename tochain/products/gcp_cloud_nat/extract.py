"""Google Cloud NAT, from Terraform."""

from __future__ import annotations

from tochain.products.base import Context, Extract
from tochain.products.cloud import made, settings, view

__all__ = ["read"]

_NAT = {
    "tcp_established_idle_timeout_sec": "tcpEstablishedIdleTimeoutSec",
    "tcp_transitory_idle_timeout_sec": "tcpTransitoryIdleTimeoutSec",
    "tcp_time_wait_timeout_sec": "tcpTimeWaitTimeoutSec",
    "udp_idle_timeout_sec": "udpIdleTimeoutSec",
    "icmp_idle_timeout_sec": "icmpIdleTimeoutSec",
}


def read(ctx: Context) -> Extract:
    """One box for each NAT."""
    return Extract(
        [
            made(resource, "box", settings(resource.value, _NAT))
            for resource in view(ctx).of("google_compute_router_nat")
        ]
    )
