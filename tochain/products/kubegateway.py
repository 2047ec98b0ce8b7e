"""Gateway API: Gateways with the routes attached to them, whoever implements them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tochain.formats.tree import Node
from tochain.model.component import Address
from tochain.products.base import Context
from tochain.products.kubeobjects import KubeObject, objects

__all__ = ["PROTOCOLS", "Gateway", "Ref", "gateways", "mesh_of", "mesh_refs", "route_refs"]

GROUP = "gateway.networking.k8s.io"
PROTOCOLS = {"HTTPRoute": "http", "GRPCRoute": "grpc", "TCPRoute": "tcp", "TLSRoute": "tcp", "UDPRoute": "udp"}
_ENVOY_POLICIES = ("ClientTrafficPolicy", "BackendTrafficPolicy")
_BY_CONTROLLER = (
    ("istio.io/", "istio"),
    ("envoyproxy.io", "envoy-gateway"),
    ("cilium.io/", "cilium-envoy"),
    ("io.cilium/", "cilium-envoy"),
    ("networking.gke.io/", "gcp-lb"),
)
_BY_CLASS = (("istio", "istio"), ("eg", "envoy-gateway"), ("cilium", "cilium-envoy"), ("gke-l7", "gcp-lb"))


@dataclass(frozen=True, slots=True)
class Ref:
    """One backend of one rule of a route."""

    route: KubeObject
    rule: Node
    node: Node
    target: Address
    tls: Node | None = None

    @property
    def label(self) -> str:
        """The route, for people."""
        return f"{self.route.kind} {self.route.name}"


@dataclass(frozen=True, slots=True)
class Gateway:
    """A Gateway, the product that implements it ("" when nobody says), and the backends behind it."""

    thing: KubeObject
    product: str
    refs: tuple[Ref, ...]
    hosts: tuple[str, ...]

    @property
    def ports(self) -> tuple[Address, ...]:
        """The ports it listens on."""
        numbers = [listener.value("port") for listener in self.thing.node.each("spec", "listeners")]
        return tuple(
            Address(port=int(n)) for n in dict.fromkeys(numbers) if n.isascii() and n.isdecimal() and len(n) < 6
        )


def gateways(ctx: Context) -> Iterator[Gateway]:
    """Every Gateway with the routes attached to it."""
    found = [thing for thing in objects(ctx, "Gateway", *PROTOCOLS) if thing.group == GROUP]
    classes = {(o.world, o.name): o.node.value("spec", "controllerName") for o in objects(ctx, "GatewayClass")}
    policed = {
        (policy.namespace, ref.value("name"))
        for policy in objects(ctx, *_ENVOY_POLICIES)
        for ref in (*policy.node.each("spec", "targetRefs"), *policy.node.each("spec", "targetRef"))
    }
    tls = _tls(ctx)
    for thing in found:
        if thing.kind != "Gateway":
            continue
        routes = [route for route in found if route.kind in PROTOCOLS and _attached(route, thing)]
        named = thing.node.value("spec", "gatewayClassName")
        product = _product(classes.get((thing.world, named), ""), named)
        if (thing.namespace, thing.name) in policed:
            product = "envoy-gateway"
        hosts = [host.text for route in routes for host in route.node.each("spec", "hostnames")]
        refs = tuple(ref for route in routes for ref in route_refs(route, tls))
        yield Gateway(thing, product, refs, tuple(dict.fromkeys(h for h in hosts if h and "*" not in h)))


def _product(controller: str, named: str) -> str:
    if controller:
        return next((product for part, product in _BY_CONTROLLER if part in controller), "")
    return next((product for name, product in _BY_CLASS if named == name or named.startswith(f"{name}-")), "")


def _attached(route: KubeObject, gateway: KubeObject) -> bool:
    return any(
        ref.value("kind", default="Gateway") == "Gateway"
        and ref.value("name") == gateway.name
        and (route.beside(ref.value("namespace")) if ref.value("namespace") else route.namespace) == gateway.namespace
        for ref in route.node.each("spec", "parentRefs")
    )


def _tls(ctx: Context) -> dict[tuple[str, str], Node]:
    """The name TLS backends are asked for, by their namespace and name."""
    found: dict[tuple[str, str], Node] = {}
    for policy in objects(ctx, "BackendTLSPolicy"):
        name = policy.node.get("spec", "validation", "hostname") or policy.node.get("spec", "tls", "hostname")
        for ref in (*policy.node.each("spec", "targetRefs"), *policy.node.each("spec", "targetRef")):
            if name is not None and name.kind == "scalar":
                found[policy.namespace, ref.value("name")] = name
    return found


def route_refs(route: KubeObject, tls: dict[tuple[str, str], Node]) -> Iterator[Ref]:
    """The backends of a route that are Services."""
    for rule in route.node.each("spec", "rules"):
        for ref in rule.each("backendRefs"):
            name = ref.get("name")
            if name is None or name.kind != "scalar" or ref.value("kind", default="Service") != "Service":
                continue
            space = route.beside(ref.value("namespace")) if ref.value("namespace") else route.namespace
            port = ref.value("port")
            number = int(port) if port.isascii() and port.isdecimal() and len(port) < 6 else None
            yield Ref(route, rule, name, Address(f"{name.text}.{space}", number), tls.get((space, name.text)))


def mesh_refs(ctx: Context) -> list[tuple[str, Ref]]:
    """Backends of routes whose parent is a Service, with that service as `name.namespace`: how a mesh calls it."""
    tls = _tls(ctx)
    found = []
    for route in objects(ctx, *PROTOCOLS):
        if route.group != GROUP:
            continue
        for parent in route.node.each("spec", "parentRefs"):
            if parent.value("kind") == "Service":
                space = route.beside(parent.value("namespace")) if parent.value("namespace") else route.namespace
                found += [(f"{parent.value('name')}.{space}", ref) for ref in route_refs(route, tls)]
    return found


def mesh_of(ctx: Context) -> str:
    """The mesh that implements such routes, by what else is said to it; "" when nothing says."""
    return ctx.once("mesh of routes", lambda: _mesh_of(ctx))


def _mesh_of(ctx: Context) -> str:
    for thing in objects(ctx):
        asked = {**thing.labels("metadata", "labels"), **thing.labels("metadata", "annotations")}
        pod = thing.node.get("spec", "template", "metadata", "annotations")
        asked |= {key.text: value.text for key, value in (pod.entries if pod is not None else [])}
        marks = {thing.group, *(name.partition("/")[0] for name in asked), thing.node.value("spec", "gatewayClassName")}
        for mark in marks:
            if mark.endswith("istio.io") or mark.startswith("istio"):
                return "istio"
            if mark.endswith("linkerd.io"):
                return "linkerd"
    return ""
