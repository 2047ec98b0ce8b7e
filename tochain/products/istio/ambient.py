"""Ambient mode: the waypoint that everything for the Services of a namespace goes through."""

from __future__ import annotations

from collections.abc import Iterator

from tochain.products.base import Context
from tochain.products.istio.rules import full_name
from tochain.products.kubegateway import Gateway
from tochain.products.kubeobjects import KubeObject, objects

__all__ = ["WAYPOINT", "served", "waypoint"]

WAYPOINT = frozenset({"waypoint"})
"""The trait of a proxy that programs of the mesh go through."""

_USES = "istio.io/use-waypoint"
_CLASS = "istio-waypoint"
_FOR = "istio.io/waypoint-for"


def waypoint(gateway: Gateway) -> bool:
    """Whether a Gateway is a waypoint for Services."""
    kinds = gateway.thing.labels("metadata", "labels").get(_FOR, "service")
    return gateway.thing.node.value("spec", "gatewayClassName") == _CLASS and kinds in ("service", "all")


def served(ctx: Context, gateway: Gateway) -> Iterator[tuple[str, KubeObject]]:
    """The Services whose label, or whose namespace's label, names the waypoint, with their whole names."""
    thing = gateway.thing
    spaces = {(o.world, o.name): o.labels("metadata", "labels") for o in objects(ctx, "Namespace")}
    for service in objects(ctx, "Service"):
        own = service.labels("metadata", "labels")
        said = own if _USES in own else spaces.get((service.world, service.home), {})
        home = service.beside(said.get(f"{_USES}-namespace", service.home))
        if (said.get(_USES), home) == (thing.name, thing.namespace):
            yield full_name(service.name, service.namespace), service
