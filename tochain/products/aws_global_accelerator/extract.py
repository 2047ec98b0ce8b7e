"""AWS Global Accelerator, from Terraform and CloudFormation."""

from __future__ import annotations

from tochain.model.component import Component, Link
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, View, address, link, made, merged, settings, view

__all__ = ["read"]

_GROUP = {"health_check_interval_seconds": "HealthCheckIntervalSeconds", "threshold_count": "ThresholdCount"}


def read(ctx: Context) -> Extract:
    """One box for each accelerator, a link for each endpoint."""
    found = view(ctx)
    return Extract([_component(found, resource) for resource in found.of("aws_globalaccelerator_accelerator")])


def _component(found: View, resource: Resource) -> Component:
    listeners = [
        r
        for r in found.of("aws_globalaccelerator_listener")
        if resource in found.mentioned(r.value.get("accelerator_arn"))
    ]
    groups = [
        group for group in found.of("aws_globalaccelerator_endpoint_group")
        if any(listener in found.mentioned(group.value.get("listener_arn")) for listener in listeners)
    ]  # fmt: skip
    links: list[Link] = []
    for group in groups:
        for endpoint in group.value.each("endpoint_configuration"):
            value = endpoint.get("endpoint_id")
            if value is not None:
                links.append(link(address(found, value), value, {}))
    return made(
        resource, "box", merged(settings(group.value, _GROUP, group.address) for group in groups), links, protocol="tcp"
    )
