"""AWS Application Load Balancer: from Terraform and CloudFormation, and what an Ingress of class alb makes."""

from __future__ import annotations

from tochain.model.component import Component
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, View, made, number, product_of, settings, view
from tochain.products.kubecloud import alb_ingresses
from tochain.products.targetgroups import forwards, group_links, listeners, lone_groups, parts_of

__all__ = ["read"]

PRODUCT = "aws-alb"
_ATTRIBUTES = {"idle_timeout": "idle_timeout.timeout_seconds", "client_keep_alive": "client_keep_alive.seconds"}


def read(ctx: Context) -> Extract:
    """One component for each load balancer of type application and each Ingress group, a link for each target."""
    found = view(ctx)
    mine = [_component(found, r) for r in found.of("aws_lb") if product_of(r) == PRODUCT]
    return Extract([*mine, *lone_groups(ctx, found, "lb", "http"), *alb_ingresses(ctx)])


def _component(found: View, resource: Resource) -> Component:
    own = settings(resource.value, _ATTRIBUTES)
    groups, mine = list(forwards(found, resource)), listeners(found, resource)
    links = [link for forward in groups for link in group_links(found, forward, own)]
    ports = [port for listener in mine if (port := number(listener.value.get("port"))) is not None]
    return made(resource, "lb", own, links, listens=ports, protocol="http", names=parts_of(mine, groups))
