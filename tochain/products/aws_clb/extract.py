"""AWS Classic Load Balancer: from Terraform and CloudFormation, and what a Service of type LoadBalancer can get."""

from __future__ import annotations

from tochain.model.component import Address, Component, Link
from tochain.model.fact import Setting, Settings
from tochain.model.limit import OFF
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, Value, View, made, number, settings, view
from tochain.products.ecs import containers_behind
from tochain.products.kubecloud import clb_services
from tochain.products.targetgroups import machine

__all__ = ["read"]

DRAINING = "ConnectionDraining.Timeout"
_ATTRIBUTES = {
    "idle_timeout": "ConnectionSettings.IdleTimeout",
    "health_check.interval": "HealthCheck.Interval",
    "health_check.timeout": "HealthCheck.Timeout",
}


def read(ctx: Context) -> Extract:
    """One component for each classic load balancer, a link for each target."""
    found = view(ctx)
    return Extract([*(_component(found, resource) for resource in found.of("aws_elb")), *clb_services(ctx)])


def _component(found: View, resource: Resource) -> Component:
    own = {**settings(resource.value, _ATTRIBUTES), **_draining(resource.value)}
    listeners = resource.value.each("listener")
    ports = [
        port
        for block in listeners
        if (port := number(block.get("lb_port") or block.get("load_balancer_port"))) is not None
    ]
    return made(resource, "lb", own, _links(found, resource, own, listeners), listens=ports, protocol="http")


def _draining(value: Value) -> Settings:
    """Connection draining: off unless enabled, 300 s once it is."""
    enabled = value.get("connection_draining")
    if enabled is None:
        return {}
    if enabled.kind == "scalar" and enabled.text == "false":
        return {DRAINING: (Setting(DRAINING, enabled.text, enabled.span, limit=OFF),)}
    given = settings(value, {"connection_draining_timeout": DRAINING})
    return given or {DRAINING: (Setting(DRAINING, "300", enabled.span),)}


def _links(found: View, resource: Resource, own: Settings, listeners: list[Value]) -> list[Link]:
    links = [
        Link(Address(ref=key, port=port), place.span, own, "http")
        for key, port, place in containers_behind(found, resource)
    ]
    if links:
        return links
    for block in listeners:
        port = block.get("instance_port")
        for name in _machines(found, resource):
            links.append(Link(machine(name, number(port)), (port or block).span, own, _protocol(block)))
    return links


def _protocol(block: Value) -> str:
    written = (block.known("instance_protocol") or block.known("protocol")).lower()
    return "tcp" if written in ("tcp", "ssl") else "http"


def _machines(found: View, resource: Resource) -> list[str]:
    """The instances and groups of instances behind a balancer; the balancer's own targets where nobody says."""
    named = [r.address for r in found.mentioned(resource.value.get("instances"), "aws_instance")]
    for scaling in found.of("aws_autoscaling_group"):
        if resource in found.mentioned(scaling.value.get("load_balancers"), "aws_elb"):
            named.append(scaling.address)
    for attachment in found.of("aws_autoscaling_attachment"):
        if resource in found.mentioned(attachment.value.get("elb"), "aws_elb"):
            named += [
                r.address
                for r in found.mentioned(attachment.value.get("autoscaling_group_name"), "aws_autoscaling_group")
            ]
    return list(dict.fromkeys(named)) or [f"targets of {resource.address}"]
