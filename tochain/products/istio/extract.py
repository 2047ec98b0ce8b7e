"""Istio: a client end for each gateway and mesh namespace, a link for each route, a sidecar where one is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from tochain.formats.tree import Node
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.version import ANY, Versions, parse_versions
from tochain.products.base import Context, Extract
from tochain.products.istio.ambient import WAYPOINT, served, waypoint
from tochain.products.istio.mesh import mesh_settings, tell_filters
from tochain.products.istio.rules import Policies, full_name
from tochain.products.istio.sidecars import inbound
from tochain.products.kubegateway import PROTOCOLS, Gateway, Ref, gateways, mesh_of, mesh_refs
from tochain.products.kubeobjects import KubeObject, objects, scope, selects
from tochain.products.programs import image_name, image_version

__all__ = ["read"]

PRODUCT = "istio"
_ROUTE = (("timeout",), *(("retries", name) for name in ("attempts", "perTryTimeout", "backoff", "retryOn")))
_IMAGES = ("proxyv2", "pilot")
_TAG = re.compile(r"v?(\d+\.\d+(?:\.\d+)?)(?:-.*)?$")


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
    gateways: tuple[str, ...] = ()
    """The gateways its matches ask for, by namespace and name; none: all of its VirtualService's."""

    def comes_by(self, gateway: str) -> bool:
        """Whether requests that come by a gateway, or by the mesh, can take it."""
        return not self.gateways or gateway in self.gateways


@dataclass(frozen=True, slots=True)
class _Mesh:
    """What every component of a run is made with."""

    policies: Policies
    settings: dict[str, Settings]
    versions: dict[str, Versions]

    def component(
        self, owner: KubeObject, what: str, links: Iterable[Link], listens: tuple[Address, ...] = (), *,
        names: Iterable[str] = (), workload: Workload | None = None,
    ) -> Component:  # fmt: skip
        """A proxy at an object."""
        return Component(
            f"{PRODUCT}:{owner.source.path}#{what} {owner.namespace}/{owner.name}",
            PRODUCT, PRODUCT, owner.span, "proxy",
            self.versions.get(owner.world, ANY), scope=scope(owner.namespace), listens=listens,
            settings=self.settings.get(owner.world, {}), names=tuple(dict.fromkeys(names)), links=tuple(links),
            protocol="http", files=(owner.source.path,), workload=workload.key if workload is not None else "",
        )  # fmt: skip

    def link(self, route: _Route) -> Link:
        """A route with the rule for its host below it and MeshConfig below that."""
        base = {name: tuple(s.inherited() for s in group) for name, group in self._base(route.owner).items()}
        rule = self.policies.settings(route.host.text, route.owner.namespace, route.subset, route.port)
        target = _address(route.host.text, route.owner.namespace, route.port)
        return Link(target, route.host.span, {**base, **rule, **route.settings}, route.protocol, route.label)

    def _base(self, owner: KubeObject) -> Settings:
        return self.settings.get(owner.world, {})


def read(ctx: Context) -> Extract:
    """A component for the sidecars' way out of each namespace, for each gateway, and for each sidecar's way in."""
    tell_filters(ctx)
    entries = {h.text: o.home for o in objects(ctx, "ServiceEntry") for h in o.node.each("spec", "hosts")}
    rules = [o for o in objects(ctx, "DestinationRule") if "istio.io" in o.group]
    mesh = _Mesh(Policies(rules, entries), mesh_settings(ctx), _versions(ctx))
    services = [o for o in objects(ctx, "VirtualService") if "istio.io" in o.group]
    routes = [route for service in services for route in _routes(service)]
    calls = [*_calls(routes), *(_of_services(ctx) if mesh_of(ctx) == PRODUCT else ())]
    waypoints = [gateway for gateway in gateways(ctx) if waypoint(gateway)]
    behind = {(s.world, host) for gateway in waypoints for host, s in served(ctx, gateway)}
    extract = Extract([*_gateways(ctx, routes, mesh), *_of_gateway_api(ctx, mesh)])
    extract.components += [_waypoint(ctx, gateway, calls, mesh) for gateway in waypoints]
    extract.components += _mesh([(host, r) for host, r in calls if (r.owner.world, host) not in behind], mesh, behind)
    extract.components += inbound(ctx, mesh.policies, mesh.settings, mesh.versions)
    if not extract.components:
        extract.components += _alone(mesh)
    return extract


def _alone(mesh: _Mesh) -> Iterator[Component]:
    """The proxies of a mesh of which nothing but its configuration is there to read."""
    for world, settings in mesh.settings.items():
        place = next((group[0].span for group in settings.values()), None)
        if place is not None:
            yield Component(
                f"{PRODUCT}:{place.path}#mesh", PRODUCT, PRODUCT, place, "proxy", mesh.versions.get(world, ANY),
                scope=scope("istio-system"), settings=settings, protocol="http", files=(place.path,),
            )  # fmt: skip


def _versions(ctx: Context) -> dict[str, Versions]:
    """The version of each copy of the cluster, by the image of its proxies or of istiod, else by what an operator installs."""
    found: dict[str, Versions] = {}
    for workload in ctx.workloads:
        if workload.image is not None and image_name(workload.image) in _IMAGES:
            found.setdefault(workload.scope.partition("@")[2], image_version(workload.image))
    for thing in objects(ctx, "IstioOperator", "Istio"):
        text = thing.node.value("spec", "tag") or thing.node.value("spec", "version")
        if found_version := _TAG.match(text):
            found.setdefault(thing.world, parse_versions(found_version[1]))
    return found


def _gateways(ctx: Context, routes: list[_Route], mesh: _Mesh) -> Iterator[Component]:
    pods = [(o, o.labels("spec", "template", "metadata", "labels")) for o in objects(ctx, "Deployment", "DaemonSet")]
    keys = {workload.key.rpartition("#")[0]: workload for workload in ctx.workloads if "/" not in workload.name}
    for gateway in objects(ctx, "Gateway"):
        if "istio.io" not in gateway.group:
            continue
        mine = [r for r in routes if _bound(r.owner, gateway) and r.comes_by(f"{gateway.namespace}/{gateway.name}")]
        wanted = gateway.labels("spec", "selector")
        running = [o for o, labels in pods if o.world == gateway.world and selects(wanted, labels)]
        key = f"k8s:{running[0].namespace}/{running[0].kind}/{running[0].name}" if len(running) == 1 else ""
        hosts = [host.text for route in mine for host in route.owner.node.each("spec", "hosts")]
        yield mesh.component(
            gateway, f"gateway {gateway.name}", [mesh.link(route) for route in mine], _ports(gateway),
            names=[host for host in hosts if "*" not in host and "." in host], workload=keys.get(key),
        )  # fmt: skip


def _of_gateway_api(ctx: Context, mesh: _Mesh) -> Iterator[Component]:
    for gateway in gateways(ctx):
        if gateway.product == PRODUCT and not waypoint(gateway):
            links = [mesh.link(_route(ref)) for ref in gateway.refs]
            yield mesh.component(gateway.thing, "Gateway", links, gateway.ports, names=gateway.hosts)


def _route(ref: Ref) -> _Route:
    """A route of the Gateway API in Istio's own words; without retries a limit of each try limits the request too."""
    said = {
        "http.timeout": ref.rule.get("timeouts", "request"),
        "http.retries.perTryTimeout": ref.rule.get("timeouts", "backendRequest"),
        "http.retries.attempts": ref.rule.get("retry", "attempts"),
        "http.retries.backoff": ref.rule.get("retry", "backoff"),
    }
    if ref.rule.get("retry") is None and said["http.retries.perTryTimeout"] is not None:
        said["http.timeout"] = said.pop("http.retries.perTryTimeout")
    settings: Settings = {
        name: (Setting(name, node.text, node.span, scope=ref.label),)
        for name, node in said.items()
        if node is not None and node.kind == "scalar"
    }
    protocol = PROTOCOLS[ref.route.kind]
    return _Route(ref.route, ref.node, ref.target.port, settings, "", protocol, ref.label)


def _calls(routes: list[_Route]) -> Iterator[tuple[str, _Route]]:
    """The routes of the mesh's own callers, each with the whole name of the host they call."""
    for route in routes:
        if _in_mesh(route.owner) and route.comes_by("mesh"):
            hosts = [node.text for node in route.owner.node.each("spec", "hosts")]
            mine = full_name(route.host.text, route.owner.namespace)
            called = [full_name(host, route.owner.namespace) for host in hosts]
            yield called[0] if len(called) == 1 and mine not in called else mine, route


def _of_services(ctx: Context) -> Iterator[tuple[str, _Route]]:
    for service, ref in mesh_refs(ctx):
        name, _, space = service.partition(".")
        yield full_name(name, space), _route(ref)


def _waypoint(ctx: Context, gateway: Gateway, calls: list[tuple[str, _Route]], mesh: _Mesh) -> Component:
    """The waypoint with a link for each route of each Service behind it, and one for each Service without routes."""
    links = []
    for host, service in served(ctx, gateway):
        named = service.name if service.home == gateway.thing.home else f"{service.name}.{service.namespace}"
        mine = [r for called, r in calls if (called, r.owner.world) == (host, service.world)]
        running = next((w for w in ctx.workloads if f"{service.name}.{service.namespace}" in w.names), None)
        name = service.node.get("metadata", "name")
        if not mine and name is not None:
            mine = [_Route(service, name, None, {}, "", "http", f"Service {named}")]
        for link in map(mesh.link, mine):
            # A route to the Service itself leads to its pods; one to another Service to whatever stands before that.
            here = running is not None and link.target.host.partition(".")[0] == service.name
            target = Address(ref=running.key, port=link.target.port) if here and running is not None else link.target
            links.append(replace(link, target=target))
    made = mesh.component(gateway.thing, "waypoint", links, gateway.ports)
    return replace(made, traits=WAYPOINT)


def _mesh(calls: list[tuple[str, _Route]], mesh: _Mesh, behind: set[tuple[str, str]]) -> Iterator[Component]:
    """One for each namespace whose objects say how its sidecars call others."""
    by_namespace: dict[str, tuple[KubeObject, list[Link]]] = {}
    for _, route in calls:
        by_namespace.setdefault(route.owner.namespace, (route.owner, []))[1].append(mesh.link(route))
    routed = {(r.owner.world, full_name(r.host.text, r.owner.namespace)) for _, r in calls} | behind
    routed |= {(r.owner.world, called) for called, r in calls}  # what is called comes to its routes, wherever they lead
    for rule in mesh.policies.rules:
        host = rule.node.get("spec", "host")
        if host is None or host.kind != "scalar" or host.text.startswith("*"):
            continue
        if (rule.world, full_name(host.text, rule.namespace)) not in routed:
            for port in _numbered(rule):
                alone = _Route(rule, host, port, {}, "", "http", f"DestinationRule {rule.name}")
                by_namespace.setdefault(rule.namespace, (rule, []))[1].append(mesh.link(alone))
    for owner, links in by_namespace.values():
        yield mesh.component(owner, "mesh", links)


def _numbered(rule: KubeObject) -> list[int | None]:
    """The ports a rule speaks of by number, and None for all the others where it speaks of them too."""
    policy = rule.node.get("spec", "trafficPolicy")
    parts = policy.each("portLevelSettings") if policy is not None else []
    numbers = dict.fromkeys(_number(part.value("port", "number")) for part in parts)
    general = policy is None or any(key.text != "portLevelSettings" for key, _ in policy.entries)
    return [*([None] if general or not parts else []), *(number for number in numbers if number is not None)]


def _routes(service: KubeObject) -> Iterator[_Route]:
    for kind in ("http", "tcp", "tls"):
        for at, rule in enumerate(service.node.each("spec", kind)):
            settings: Settings = {}
            for path in _ROUTE if kind == "http" else ():
                node = rule.get(*path)
                if node is not None and node.kind == "scalar":
                    name = f"http.{'.'.join(path)}"
                    settings[name] = (Setting(name, node.text, node.span, scope=f"VirtualService {service.name}"),)
            only = tuple(_asked_for(service, rule))
            for target in rule.each("route"):
                host = target.get("destination", "host")
                if host is not None and host.kind == "scalar":
                    port = _number(target.value("destination", "port", "number"))
                    subset = target.value("destination", "subset")
                    label = rule.value("name") or f"{kind} route {at + 1}"
                    yield _Route(
                        service, host, port, settings, subset, "http" if kind == "http" else "tcp", label, only
                    )


def _asked_for(service: KubeObject, rule: Node) -> Iterator[str]:
    """The gateways a rule's matches ask for; none where one of them takes what comes by any."""
    matches = rule.each("match")
    if all(match.get("gateways") is not None for match in matches):
        for node in (node for match in matches for node in match.each("gateways")):
            space, slash, name = node.text.rpartition("/")
            home = service.beside(space) if slash else service.namespace
            yield "mesh" if node.text == "mesh" else f"{home}/{name}"


def _bound(service: KubeObject, gateway: KubeObject) -> bool:
    """Whether a VirtualService names the gateway and one of its hosts is among the gateway's."""
    for node in service.node.each("spec", "gateways"):
        space, slash, name = node.text.rpartition("/")
        home = service.beside(space) if slash else service.namespace
        if (home, name) == (gateway.namespace, gateway.name):
            return _shares_host(service, gateway)
    return False


def _shares_host(service: KubeObject, gateway: KubeObject) -> bool:
    mine = [node.text for node in service.node.each("spec", "hosts")]
    offered = [h.text.rpartition("/")[2] for s in gateway.node.each("spec", "servers") for h in s.each("hosts")]
    return not mine or not offered or any(_like(a, b) or _like(b, a) for a in mine for b in offered)


def _like(host: str, pattern: str) -> bool:
    return host == pattern or (pattern.count("*") == 1 and "[" not in pattern and fnmatchcase(host, pattern))


def _in_mesh(service: KubeObject) -> bool:
    names = [node.text for node in service.node.each("spec", "gateways")]
    return not names or "mesh" in names


def _ports(gateway: KubeObject) -> tuple[Address, ...]:
    numbers = [_number(server.value("port", "number")) for server in gateway.node.each("spec", "servers")]
    return tuple(Address(port=n) for n in dict.fromkeys(numbers) if n is not None)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None


def _address(host: str, namespace: str, port: int | None) -> Address:
    """A short name belongs to the namespace of the object that says it."""
    return Address(host if "." in host else f"{host}.{namespace}", port)
