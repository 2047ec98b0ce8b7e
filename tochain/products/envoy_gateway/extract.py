"""Envoy Gateway: Gateways of its class, routes attached to them, and the policies for either side."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tochain.formats.tree import Node
from tochain.model.component import Address, Component, Link
from tochain.model.fact import Settings
from tochain.model.span import Span
from tochain.products.base import Context, Extract
from tochain.products.kubeobjects import KubeObject, objects
from tochain.products.kubeproxies import controller, names_after, proxy, service
from tochain.products.programs import Program
from tochain.products.trees import place, take

__all__ = ["read"]

ENVOY_GATEWAY = Program(re.compile(r"envoy-gateway"), frozenset({"envoy-gateway"}))
_ROUTES = {"HTTPRoute": "http", "GRPCRoute": "grpc", "TCPRoute": "tcp", "TLSRoute": "tcp", "UDPRoute": "udp"}
_POLICIES = ("ClientTrafficPolicy", "BackendTrafficPolicy")
_RULE = {
    "timeouts.request": "HTTPRoute timeouts.request",
    "timeouts.backendRequest": "HTTPRoute timeouts.backendRequest",
    "retry.attempts": "HTTPRoute retry.attempts",
    "retry.backoff": "HTTPRoute retry.backoff",
}
_SHUTDOWN = ("shutdown.drainTimeout", "shutdown.minDrainDuration")
Key = tuple[str, str, str]


@dataclass(slots=True)
class _Objects:
    """The objects of a run by kind, namespace and name."""

    gateways: list[KubeObject]
    routes: list[KubeObject]
    policies: list[KubeObject]
    backends: dict[Key, KubeObject] = field(default_factory=dict)

    def policy(self, kind: str, target: KubeObject, section: str = "") -> KubeObject | None:
        """The policy of a kind for an object: the one for its section first, which replaces the general one."""
        found = None
        for policy in self.policies:
            if policy.kind != kind or policy.namespace != target.namespace:
                continue
            for ref in (*policy.node.each("spec", "targetRefs"), *policy.node.each("spec", "targetRef")):
                if ref.value("kind") == target.kind and ref.value("name") == target.name:
                    at = ref.value("sectionName")
                    if at and at == section:
                        return policy
                    found = policy if not at else found
        return found


def read(ctx: Context) -> Extract:
    """One component for each Gateway, with a link for each backend of each route attached to it."""
    things = objects(ctx, "GatewayClass", "Gateway", "EnvoyProxy", "Backend", *_ROUTES, *_POLICIES)
    classes = {
        o.name for o in things if o.kind == "GatewayClass" and "envoyproxy" in o.node.value("spec", "controllerName")
    }
    policies = [o for o in things if o.kind in _POLICIES and "envoyproxy" in o.api]
    targeted = {ref.value("name") for policy in policies for ref in _refs(policy) if ref.value("kind") == "Gateway"}
    gateways = [
        o
        for o in things
        if o.kind == "Gateway" and (o.node.value("spec", "gatewayClassName") in classes | {"eg"} or o.name in targeted)
    ]
    found = _Objects(gateways, [o for o in things if o.kind in _ROUTES], policies)
    found.backends = {(o.kind, o.namespace, o.name): o for o in things if o.kind == "Backend"}
    shutdown: Settings = {}
    for thing in things:
        if thing.kind == "EnvoyProxy":
            shutdown |= take(thing.node.get("spec"), _SHUTDOWN, f"EnvoyProxy {thing.name}")
    parts = [_gateway(ctx, gateway, found, shutdown) for gateway in gateways]
    return Extract(parts or _parts(ctx, found, shutdown))


def _parts(ctx: Context, found: _Objects, shutdown: Settings) -> list[Component]:
    """Policies, or routes tochain.yaml calls Envoy Gateway's, whose Gateway stands elsewhere: one component for all."""
    routes = [route for route in found.routes if found.policies or route.source.path in ctx.asked]
    first = next(iter((*found.policies, *routes)), None)
    if first is None:
        return []
    settings: Settings = {}
    for policy in found.policies:
        prefix = "client " if policy.kind == "ClientTrafficPolicy" else "backend "
        settings |= take(policy.node.get("spec"), names_after("envoy-gateway", prefix), f"{policy.kind} {policy.name}")
    links = [link for route in routes for link in _links(route, None, found, settings)]
    names = [host.text for route in routes for host in route.node.each("spec", "hostnames")]
    return [proxy("envoy-gateway", first, links, {**settings, **shutdown}, listens=(), names=names)]


def _refs(policy: KubeObject) -> list[Node]:
    return [*policy.node.each("spec", "targetRefs"), *policy.node.each("spec", "targetRef")]


def _gateway(ctx: Context, gateway: KubeObject, found: _Objects, shutdown: Settings) -> Component:
    listeners = gateway.node.each("spec", "listeners")
    settings: Settings = {}
    for section in [listener.value("name") for listener in listeners] or [""]:
        policy = found.policy("ClientTrafficPolicy", gateway, section)
        if policy is not None:
            table = names_after("envoy-gateway", "client ")
            for name, new in take(policy.node.get("spec"), table, f"ClientTrafficPolicy {policy.name}").items():
                settings[name] = tuple(dict.fromkeys((*settings.get(name, ()), *new)))
    routes = [route for route in found.routes if _attached(route, gateway)]
    links = [link for route in routes for link in _links(route, gateway, found, settings)]
    ports = [listener.value("port") for listener in listeners]
    return proxy(
        "envoy-gateway",
        gateway,
        links,
        {**settings, **shutdown},
        controller(ctx, ENVOY_GATEWAY),
        listens=tuple(Address(port=int(port)) for port in ports if port.isdecimal()),
        names=[host.text for route in routes for host in route.node.each("spec", "hostnames")],
        files=[route.source.path for route in routes],
        suffix=f"Gateway/{gateway.namespace}/{gateway.name}",
    )


def _attached(route: KubeObject, gateway: KubeObject) -> bool:
    return any(
        ref.value("kind", default="Gateway") == "Gateway"
        and ref.value("name") == gateway.name
        and (ref.value("namespace") or route.namespace) == gateway.namespace
        for ref in route.node.each("spec", "parentRefs")
    )


def _links(route: KubeObject, gateway: KubeObject | None, found: _Objects, client: Settings) -> list[Link]:
    policy = found.policy("BackendTrafficPolicy", route)
    if policy is None and gateway is not None:
        policy = found.policy("BackendTrafficPolicy", gateway)
    settings = {name: tuple(s.inherited() for s in group) for name, group in client.items()}
    if policy is not None:
        table = names_after("envoy-gateway", "backend ")
        settings |= take(policy.node.get("spec"), table, f"BackendTrafficPolicy {policy.name}")
    protocol = _ROUTES[route.kind]
    links = []
    for rule in route.node.each("spec", "rules"):
        own = {**settings, **take(rule, _RULE, f"{route.kind} {route.name}")}
        for ref in rule.each("backendRefs"):
            for target, span in _targets(ref, route, found):
                links.append(Link(target, span, own, protocol, f"{route.kind} {route.name}"))
    return links


def _targets(ref: Node, route: KubeObject, found: _Objects) -> Iterator[tuple[Address, Span]]:
    name, namespace = ref.get("name"), ref.value("namespace") or route.namespace
    if name is None:
        return
    backend = found.backends.get(("Backend", namespace, name.text)) if ref.value("kind") == "Backend" else None
    if backend is None:
        yield service(name.text, namespace, ref.value("port")), name.span
        return
    for endpoint in backend.node.each("spec", "endpoints"):
        for kind, host in (("fqdn", "hostname"), ("ip", "address")):
            if endpoint.get(kind) is not None:
                port = endpoint.value(kind, "port")
                yield (
                    Address(endpoint.value(kind, host), int(port) if port.isdecimal() else None),
                    place(endpoint, kind, host),
                )
