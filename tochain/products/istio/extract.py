"""Istio: one client end per mesh or gateway, with a link for each route whose timers come from VirtualService and DestinationRule."""

from __future__ import annotations

from dataclasses import dataclass

from tochain.formats.tree import Node
from tochain.model.component import Address, Component, Link
from tochain.model.fact import Setting, Settings
from tochain.products.base import Context, Extract
from tochain.products.istio.rules import Policies
from tochain.products.kubeobjects import KubeObject, objects, scope

__all__ = ["read"]

PRODUCT = "istio"
_ROUTE = (("timeout",), ("retries", "attempts"), ("retries", "perTryTimeout"), ("retries", "retryOn"), ("retries", "backoff"))


@dataclass(frozen=True, slots=True)
class _Route:
    """One destination of a route: where it leads, and the nodes that decide its timers."""

    owner: KubeObject
    host: Node
    port: int | None
    settings: Settings
    subset: str
    protocol: str
    label: str


def read(ctx: Context) -> Extract:
    """A component for the sidecars' way out, one for each Gateway, and one for the sidecars' way in where injection is asked for."""
    policies = Policies(objects(ctx, "DestinationRule"))
    services = [o for o in objects(ctx, "VirtualService") if "istio.io" in o.group]
    gateways = [o for o in objects(ctx, "Gateway") if "istio.io" in o.group]
    routes = [route for service in services for route in _routes(service)]
    extract = Extract()
    for gateway in gateways:
        mine = [r for r in routes if _bound(r.owner, gateway)]
        extract.components.append(_component(gateway, f"gateway {gateway.name}", _links(mine, policies), _ports(gateway)))
    mesh = [r for r in routes if _in_mesh(r.owner)]
    plain = [rule for rule in policies.rules if not any(policies.covers(rule, r.host.text, r.owner.namespace) for r in mesh)]
    by_namespace: dict[str, list[Link]] = {}
    places: dict[str, KubeObject] = {}
    for route in mesh:
        by_namespace.setdefault(route.owner.namespace, []).extend(_links([route], policies))
        places.setdefault(route.owner.namespace, route.owner)
    for rule in plain:
        link = _rule_link(rule, policies)
        if link is not None:
            by_namespace.setdefault(rule.namespace, []).append(link)
            places.setdefault(rule.namespace, rule)
    for namespace, links in by_namespace.items():
        extract.components.append(_component(places[namespace], "mesh", links, ()))
    extract.components += _inbound(ctx)
    return extract


def _component(owner: KubeObject, what: str, links: list[Link], listens: tuple[Address, ...]) -> Component:
    return Component(
        f"{PRODUCT}:{owner.source.path}#{what} {owner.namespace}/{owner.name}", PRODUCT, PRODUCT, owner.span, "proxy",
        scope=scope(owner.namespace), listens=listens, links=tuple(links), protocol="http", files=(owner.source.path,),
    )  # fmt: skip


def _routes(service: KubeObject) -> list[_Route]:
    found = []
    for kind in ("http", "tcp", "tls"):
        for at, rule in enumerate(service.node.each("spec", kind)):
            settings: Settings = {}
            for path in _ROUTE if kind == "http" else ():
                node = rule.get(*path)
                if node is not None and node.kind == "scalar":
                    name = f"http.{'.'.join(path)}"
                    settings[name] = (Setting(name, node.text, node.span, scope=f"VirtualService {service.name}"),)
            for target in rule.each("route"):
                host = target.get("destination", "host")
                if host is None or host.kind != "scalar":
                    continue
                port = target.value("destination", "port", "number")
                label = rule.value("name") or f"{kind} route {at + 1}"
                found.append(
                    _Route(service, host, int(port) if port.isdigit() else None, settings, target.value("destination", "subset"),
                           "http" if kind == "http" else "tcp", label)
                )  # fmt: skip
    return found


def _bound(service: KubeObject, gateway: KubeObject) -> bool:
    names = [node.text for node in service.node.each("spec", "gateways")]
    return any(n == f"{gateway.namespace}/{gateway.name}" or (n == gateway.name and service.namespace == gateway.namespace) for n in names)


def _in_mesh(service: KubeObject) -> bool:
    names = [node.text for node in service.node.each("spec", "gateways")]
    return not names or "mesh" in names


def _ports(gateway: KubeObject) -> tuple[Address, ...]:
    numbers = [server.value("port", "number") for server in gateway.node.each("spec", "servers")]
    return tuple(Address(port=int(n)) for n in dict.fromkeys(numbers) if n.isdigit())


def _links(routes: list[_Route], policies: Policies) -> list[Link]:
    links = []
    for route in routes:
        settings = {**policies.settings(route.host.text, route.owner.namespace, route.subset, route.port), **route.settings}
        links.append(Link(_address(route.host.text, route.owner.namespace, route.port), route.host.span, settings, route.protocol, route.label))
    return links


def _rule_link(rule: KubeObject, policies: Policies) -> Link | None:
    host = rule.node.get("spec", "host")
    if host is None or host.kind != "scalar" or host.text.startswith("*"):
        return None
    settings = policies.settings(host.text, rule.namespace, "", None)
    return Link(_address(host.text, rule.namespace, None), host.span, settings, "http", f"DestinationRule {rule.name}")


def _address(host: str, namespace: str, port: int | None) -> Address:
    """A short name belongs to the namespace of the object that says it."""
    return Address(host if "." in host else f"{host}.{namespace}", port)


def _inbound(ctx: Context) -> list[Component]:
    """The sidecar in front of each workload that asks for one: it keeps connections to the program for an hour."""
    injected = {o.name for o in objects(ctx, "Namespace") if o.labels("metadata", "labels").get("istio-injection") == "enabled"}
    found = []
    for thing in objects(ctx, "Deployment", "StatefulSet", "DaemonSet"):
        marks = {**thing.labels("spec", "template", "metadata", "labels"), **thing.labels("spec", "template", "metadata", "annotations")}
        asked = marks.get("sidecar.istio.io/inject")
        if asked == "false" or (asked != "true" and thing.namespace not in injected):
            continue
        prefix = f"k8s:{thing.namespace}/{thing.kind}/{thing.name}#"
        for workload in ctx.workloads:
            if workload.key.startswith(prefix) and workload.name == thing.name:
                link = Link(Address(ref=workload.key), thing.span, {}, "http", "inbound")
                found.append(
                    Component(
                        f"{PRODUCT}:{thing.source.path}#inbound {thing.namespace}/{thing.name}", PRODUCT, PRODUCT, thing.span, "proxy",
                        scope=scope(thing.namespace), links=(link,), protocol="http", files=(thing.source.path,),
                    )  # fmt: skip
                )
    return found
