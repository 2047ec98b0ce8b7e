"""AWS Network Load Balancer: from Terraform and CloudFormation, and what a Service of type LoadBalancer makes."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.component import Component
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, View, made, merged, number, product_of, settings, view
from tochain.products.kubecloud import nlb_services
from tochain.products.targetgroups import forwards, group_links, group_settings, listeners, lone_groups, parts_of

__all__ = ["read"]

PRODUCT = "aws-nlb"
_LISTENER = {"tcp_idle_timeout_seconds": "tcp.idle_timeout.seconds"}


def read(ctx: Context) -> Extract:
    """One box for each load balancer of type network, a link for each target behind it."""
    found = view(ctx)
    mine = [_component(found, r) for r in found.of("aws_lb") if product_of(r) == PRODUCT]
    return Extract([*mine, *lone_groups(ctx, found, "box", "tcp"), *nlb_services(ctx)])


def _component(found: View, resource: Resource) -> Component:
    mine = listeners(found, resource)
    groups = list(forwards(found, resource))
    own = merged([
        *(settings(listener.value, _LISTENER, listener.address) for listener in mine),
        *(group_settings(forward.group) for forward in groups),
    ])  # fmt: skip
    links = [replace(link, settings={}) for forward in groups for link in group_links(found, forward, {})]
    ports = [port for listener in mine if (port := number(listener.value.get("port"))) is not None]
    protocols = {listener.value.known("protocol") for listener in mine}
    variant = "tls" if protocols == {"TLS"} else None
    names = parts_of(mine, groups)
    return made(resource, "box", own, links, listens=ports, protocol="tcp", variant=variant, names=names)
