"""Linkerd: the proxies beside meshed services, with the annotations of Services and routes, and ServiceProfiles."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from tochain.formats.tree import Node
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import Span
from tochain.products.base import Context, Extract
from tochain.products.kubeobjects import KubeObject, notes, objects, scope, selects
from tochain.products.trees import take

__all__ = ["read"]

_TRAFFIC = (
    "timeout.linkerd.io/request", "timeout.linkerd.io/response", "timeout.linkerd.io/idle", "retry.linkerd.io/limit",
    "retry.linkerd.io/timeout", "retry.linkerd.io/http",
)  # fmt: skip
_PROXY = {
    "config.linkerd.io/shutdown-grace-period": "LINKERD2_PROXY_SHUTDOWN_GRACE_PERIOD",
    "config.alpha.linkerd.io/proxy-wait-before-exit-seconds": "config.alpha.linkerd.io/proxy-wait-before-exit-seconds",
    "config.linkerd.io/proxy-outbound-connect-timeout": "LINKERD2_PROXY_OUTBOUND_CONNECT_TIMEOUT",
    "config.linkerd.io/proxy-inbound-connect-timeout": "LINKERD2_PROXY_INBOUND_CONNECT_TIMEOUT",
}
_RULE = {"timeouts.request": "timeout.linkerd.io/request"}
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")


@dataclass(slots=True)
class _Mesh:
    """What is meshed: namespaces, pods by their labels, and profiles and routes by service."""

    namespaces: dict[str, Node] = field(default_factory=dict)
    pods: list[tuple[KubeObject, dict[str, str], dict[str, Node]]] = field(default_factory=list)
    routes: list[KubeObject] = field(default_factory=list)


def read(ctx: Context) -> Extract:
    """Two proxies for each meshed Service: the callers' and the one beside the service."""
    things = objects(ctx, "Namespace", "Service", "HTTPRoute", "GRPCRoute", "ServiceProfile", *_WORKLOADS)
    mesh = _mesh(things)
    out = Extract()
    keys = {workload.key.rpartition("#")[0]: workload for workload in ctx.workloads if "/" not in workload.name}
    for thing in things:
        if thing.kind == "Service":
            pod = next(
                (
                    p
                    for p in mesh.pods
                    if p[0].namespace == thing.namespace and selects(thing.labels("spec", "selector"), p[1])
                ),
                None,
            )
            own = notes(thing)
            if pod is not None or any(name.startswith(("timeout.linkerd.io", "retry.linkerd.io")) for name in own):
                running = keys.get(f"k8s:{pod[0].namespace}/{pod[0].kind}/{pod[0].name}") if pod else None
                out.components += _pair(thing, own, pod[2] if pod else {}, mesh, running)
    return out


def _mesh(things: list[KubeObject]) -> _Mesh:
    mesh = _Mesh()
    for thing in things:
        if thing.kind == "Namespace" and _on(notes(thing)):
            mesh.namespaces[thing.name] = thing.node
    for thing in things:
        if thing.kind in _WORKLOADS:
            written = thing.node.pairs("spec", "template", "metadata", "annotations")
            found = {key.text: value for key, value in written if value.kind == "scalar"}
            if _on(found) or (thing.namespace in mesh.namespaces and "linkerd.io/inject" not in found):
                mesh.pods.append((thing, thing.labels("spec", "template", "metadata", "labels"), found))
        elif thing.kind in ("HTTPRoute", "GRPCRoute", "ServiceProfile"):
            mesh.routes.append(thing)
    return mesh


def _on(written: dict[str, Node]) -> bool:
    return "linkerd.io/inject" in written and written["linkerd.io/inject"].text in ("enabled", "ingress")


def _pair(
    thing: KubeObject, own: dict[str, Node], pod: dict[str, Node], mesh: _Mesh, running: Workload | None
) -> list[Component]:
    settings = _noted(own, {name: name for name in _TRAFFIC}, f"Service {thing.name}")
    beside_settings = _noted(pod, _PROXY, "pod")
    ports = [int(port.value("port")) for port in thing.node.each("spec", "ports") if port.value("port").isdecimal()]
    host = f"{thing.name}.{thing.namespace}"
    where, key = scope(thing.namespace), f"linkerd:{thing.namespace}/{thing.name}"
    # The proxy beside the program takes whatever comes for it, from outside of the mesh too.
    base = Address(ref=running.key) if running is not None else Address(host)
    targets = [replace(base, port=port) for port in ports] or [base]
    beside = Component(
        f"{key}#inbound", "linkerd", "linkerd", thing.span, "proxy", variant="inbound", scope=where,
        settings=beside_settings,
        links=tuple(Link(target, thing.span, beside_settings, "http", f"Service {thing.name}") for target in targets),
        protocol="http", files=(thing.source.path,), traits=frozenset({"sidecar"}) if running is not None else frozenset(),
    )  # fmt: skip
    routes = [({}, thing.span, f"Service {thing.name}"), *_routes(thing, mesh)]
    links = tuple(
        Link(Address(ref=beside.key), span, {**settings, **more}, "http", label) for more, span, label in routes
    )
    caller = Component(
        key, "linkerd", "linkerd", thing.span, "proxy", variant="meshed", scope=where, settings=settings, links=links,
        protocol="http",
        files=(thing.source.path,),
    )  # fmt: skip
    return [caller, beside]


def _noted(written: dict[str, Node], names: dict[str, str], label: str) -> Settings:
    return {
        name: (Setting(name, written[note].text, written[note].span, scope=label),)
        for note, name in names.items()
        if note in written
    }


def _routes(thing: KubeObject, mesh: _Mesh) -> list[tuple[Settings, Span, str]]:
    """Routes whose parent is the Service, and the routes of its profile."""
    found: list[tuple[Settings, Span, str]] = []
    for route in mesh.routes:
        label = f"{route.kind} {route.name}"
        if route.kind == "ServiceProfile":
            if route.name.startswith(f"{thing.name}.{thing.namespace}."):
                for rule in route.node.each("spec", "routes"):
                    own = take(rule, {"timeout": "timeout.linkerd.io/request"}, label)
                    found.append((own, rule.span, f"{label} {rule.value('name')}".strip()))
            continue
        parents = [ref for ref in route.node.each("spec", "parentRefs") if ref.value("kind") == "Service"]
        if not any(
            p.value("name") == thing.name and (p.value("namespace") or route.namespace) == thing.namespace
            for p in parents
        ):
            continue
        noted = _noted(notes(route), {name: name for name in _TRAFFIC}, label)
        for rule in route.node.each("spec", "rules"):
            found.append(({**noted, **take(rule, _RULE, label)}, rule.span, label))
    return found
