"""How long security groups remember flows, where a launch template or a network interface says so."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.component import Component
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, Value, made, merged, settings, view

__all__ = ["read"]

PRODUCT = "aws-vpc"
_NAMES = {
    "tcp_established_timeout": "ConnectionTrackingSpecification.TcpEstablishedTimeout",
    "udp_stream_timeout": "ConnectionTrackingSpecification.UdpStreamTimeout",
}


def read(ctx: Context) -> Extract:
    """A box for each template and interface that sets one of the times."""
    resources = view(ctx).of("aws_launch_template", "aws_network_interface", "awscc_ec2_network_interface")
    return Extract([box for resource in resources if (box := _box(resource)) is not None])


def _box(resource: Resource) -> Component | None:
    value = resource.value
    holders = [value, *value.each("network_interfaces"), *value.each("launch_template_data", "network_interfaces")]
    own = merged(settings(tracking, _NAMES) for tracking in map(_tracking, holders) if tracking is not None)
    if not own:
        return None
    # The template itself is none of a product's: a machine made of it may be anything.
    return replace(made(resource, "box", own, protocol="tcp"), key=f"{PRODUCT}:{resource.key}", product=PRODUCT)


def _tracking(holder: Value) -> Value | None:
    return next(iter(holder.each("connection_tracking_specification")), None)
