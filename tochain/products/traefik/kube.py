"""Traefik's objects in Kubernetes: IngressRoute, ServersTransport, Middleware, and Ingress of its class."""

from __future__ import annotations

from tochain.formats.tree import Node
from tochain.model.component import Address, Link
from tochain.model.fact import Setting, Settings
from tochain.model.span import Span
from tochain.products.base import Context
from tochain.products.kubeingress import backends, ingresses
from tochain.products.kubeobjects import KubeObject, notes, objects, scope
from tochain.products.options import Flat, from_node
from tochain.products.traefik.names import RETRY, TCP_TRANSPORT, TRANSPORT
from tochain.products.traefik.routing import MARK, Route, default_transport, hosts_of

__all__ = ["kube_routes", "kube_transports"]

_TRANSPORT_NOTE = "traefik.ingress.kubernetes.io/service.serverstransport"
_KINDS = {"IngressRoute": "http", "IngressRouteTCP": "tcp"}

Found = list[tuple[Route, str, Span]]
"""Routes with the scope and place of the object they stand in."""


def kube_routes(ctx: Context, static: Flat) -> Found:
    """The routes of every IngressRoute and of every Ingress of Traefik's class."""
    things = objects(
        ctx,
        "IngressRoute",
        "IngressRouteTCP",
        "ServersTransport",
        "ServersTransportTCP",
        "Middleware",
        "TraefikService",
    )
    things = [thing for thing in things if "traefik" in thing.api]
    named = {(thing.kind, thing.namespace, thing.name): thing for thing in things}
    found: Found = []
    for thing in things:
        kind = _KINDS.get(thing.kind)
        for route in thing.node.each("spec", "routes") if kind else ():
            found.append((_route(thing, route, kind or "http", named, static), scope(thing.namespace), thing.span))
    marked = {
        (o.namespace, o.name): notes(o)[_TRANSPORT_NOTE] for o in objects(ctx, "Service") if _TRANSPORT_NOTE in notes(o)
    }
    for thing in ingresses(ctx, {"traefik"}, "traefik.ingress.kubernetes.io/"):
        found.append((_ingress(thing, marked, named, static), scope(thing.namespace), thing.span))
    return found


def kube_transports(ctx: Context) -> Flat:
    """The ServersTransports by themselves, as a file would name them."""
    found = Flat()
    for thing in objects(ctx, "ServersTransport"):
        spec = thing.node.get("spec")
        if "traefik" in thing.api and spec is not None:
            found = found.over(from_node(spec, "http", "serverstransports", thing.name.lower()))
    return found


def _route(
    thing: KubeObject, node: Node, kind: str, named: dict[tuple[str, str, str], KubeObject], static: Flat
) -> Route:
    points = tuple(point.text.lower() for point in thing.node.each("spec", "entryPoints"))
    match = node.value("match")
    route = Route(points, hosts_of(match), kind=kind)
    retry = _retry(thing, node, named)
    for service in _services(thing, node, named):
        settings = {**_transport(thing, service, kind, named, static), **retry}
        name = service.get("name")
        if name is None:
            continue
        port = service.value("port")
        host = f"{name.text}.{service.value('namespace') or thing.namespace}"
        protocol = kind if kind == "tcp" else "http2" if service.value("scheme") == "h2c" else "http"
        target = Address(host, int(port) if port.isdecimal() else None)
        route.links.append(Link(target, name.span, settings, protocol, f"{thing.kind} {thing.name}"))
    return route


def _services(thing: KubeObject, node: Node, named: dict[tuple[str, str, str], KubeObject]) -> list[Node]:
    """The Kubernetes services of a route; a TraefikService of weights or mirrors is opened."""
    waiting, found, seen = node.each("services"), [], set()
    while waiting:
        service = waiting.pop(0)
        if service.value("kind") != "TraefikService":
            found.append(service)
            continue
        key = ("TraefikService", service.value("namespace") or thing.namespace, service.value("name"))
        inner = named.get(key)
        if inner is None or key in seen:
            continue
        seen.add(key)
        waiting += inner.node.each("spec", "weighted", "services")
        mirror = inner.node.get("spec", "mirroring")
        waiting += [mirror] if mirror is not None else []
    return found


def _transport(
    thing: KubeObject, service: Node, kind: str, named: dict[tuple[str, str, str], KubeObject], static: Flat
) -> Settings:  # fmt: skip
    written = service.get("serversTransport")
    if written is None:
        return default_transport(static, kind)
    return _named_transport(written, thing.namespace, kind, named)


def _named_transport(
    written: Node, namespace: str, kind: str, named: dict[tuple[str, str, str], KubeObject]
) -> Settings:
    name = written.text.split("@")[0]
    what = "ServersTransport" if kind == "http" else "ServersTransportTCP"
    found = named.get((what, namespace, name)) or next(
        (o for (k, ns, n), o in named.items() if k == what and f"{ns}-{n}" == name), None
    )
    settings: Settings = {MARK: (Setting(MARK, written.text, written.span),)}
    if found is not None:
        spec = found.node.get("spec")
        table = TRANSPORT if kind == "http" else TCP_TRANSPORT
        settings |= from_node(spec).settings((), table, f"ServersTransport {found.name}") if spec is not None else {}
    return settings


def _retry(thing: KubeObject, node: Node, named: dict[tuple[str, str, str], KubeObject]) -> Settings:
    for middleware in node.each("middlewares"):
        found = named.get(("Middleware", middleware.value("namespace") or thing.namespace, middleware.value("name")))
        spec = found.node.get("spec") if found is not None else None
        settings = (
            from_node(spec).settings((), RETRY, f"Middleware {found.name}")
            if spec is not None and found is not None
            else {}
        )
        if settings:
            return settings
    return {}


def _ingress(
    thing: KubeObject, marked: dict[tuple[str, str], Node], named: dict[tuple[str, str, str], KubeObject], static: Flat
) -> Route:  # fmt: skip
    written = notes(thing).get("traefik.ingress.kubernetes.io/router.entrypoints")
    points = tuple(point.strip().lower() for point in written.text.split(",")) if written is not None else ()
    names = tuple(
        rule.value("host")
        for rule in thing.node.each("spec", "rules")
        if rule.value("host") and "*" not in rule.value("host")
    )
    route = Route(points, names)
    for backend in backends(thing):
        mark = marked.get((thing.namespace, backend.node.text))
        settings = (
            _named_transport(mark, thing.namespace, "http", named) if mark is not None else default_transport(static)
        )
        route.links.append(Link(backend.target, backend.node.span, settings, "http", backend.label))
    return route
