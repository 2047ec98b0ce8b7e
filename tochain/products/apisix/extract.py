"""APISIX: config.yaml for the gateway, routes and upstreams of the standalone file or of its Kubernetes objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tochain.formats.tree import Node
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.model.version import ANY
from tochain.products.apisix.kube import kube_links
from tochain.products.base import Context, Extract
from tochain.products.configmaps import inputs
from tochain.products.programs import Program, image_version
from tochain.products.scopes import folder_scope
from tochain.products.trees import document, place, take, tell

__all__ = ["APISIX", "read"]

APISIX = Program(re.compile(r"apisix"), frozenset({"apisix"}))
_CONFIG = (
    "nginx_config.http.keepalive_timeout", "nginx_config.http.client_header_timeout",
    "nginx_config.http.client_body_timeout",
    "nginx_config.http.send_timeout", "nginx_config.worker_shutdown_timeout", "nginx_config.http.proxy_ssl_server_name",
    "nginx_config.http.upstream.keepalive_timeout", "nginx_config.http.upstream.keepalive",
    "nginx_config.http.upstream.keepalive_requests", "apisix.resolver_timeout", "apisix.dns_resolver_valid",
)  # fmt: skip
_TIMEOUT = ("timeout.connect", "timeout.send", "timeout.read")
_UPSTREAM = (
    "retries",
    "retry_timeout",
    "keepalive_pool.size",
    "keepalive_pool.idle_timeout",
    "keepalive_pool.requests",
)
_HEALTH = (
    "checks.active.healthy.interval", "checks.active.timeout", "checks.active.healthy.successes",
    "checks.active.unhealthy.http_failures",
)  # fmt: skip
_OBJECTS = frozenset({"routes", "upstreams", "services", "stream_routes"})


@dataclass(slots=True)
class _Gateway:
    key: str
    scope: str
    span: Span
    workload: Workload | None = None
    settings: Settings = field(default_factory=dict)
    listens: list[Address] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    files: dict[str, None] = field(default_factory=dict)


def read(ctx: Context) -> Extract:
    """One component for each APISIX, with a link for each node of each route."""
    gateways = {w.key: _Gateway(f"apisix:{w.key}", w.scope, w.span, w) for w in APISIX.of(ctx.workloads)}
    given = inputs(ctx, APISIX.of(ctx.workloads), (".yaml", ".yml"))
    files = [(path, source, document(ctx, source, path)) for path, source in given]
    for path, source, tree in files:
        for root in tree.roots:
            if _is_config(root):
                ctx.understood(source.path)
                tell(ctx, tree)
                for gateway in _of(ctx, path, source, gateways):
                    gateway.settings |= take(root, _CONFIG)
                    gateway.listens += _listens(root)
                    gateway.files[source.path] = None
    for path, source, tree in files:
        for root in tree.roots:
            if _is_routing(path, source, root):
                ctx.understood(source.path)
                tell(ctx, tree)
                for gateway in _of(ctx, path, source, gateways):
                    gateway.files[source.path] = None
                    _routes(root, gateway)
    _objects(ctx, gateways)
    return Extract([_component(gateway) for gateway in gateways.values()])


def _is_config(root: Node) -> bool:
    return root.kind == "mapping" and (
        root.get("nginx_config") is not None or root.get("apisix", "node_listen") is not None
    )


def _is_routing(path: str, source: SourceFile, root: Node) -> bool:
    """The standalone file: its top names and the mark it must end with, or its name."""
    if root.kind != "mapping" or not any(key.text in _OBJECTS for key, _ in root.entries):
        return False
    return "#END" in source.text or "apisix" in path


def _of(ctx: Context, path: str, source: SourceFile, gateways: dict[str, _Gateway]) -> list[_Gateway]:
    mounted = [gateways[w.key] for w in APISIX.owners(ctx.workloads, path) if w.key in gateways]
    if mounted:
        return mounted
    scope = folder_scope(path)
    return [gateways.setdefault(f"apisix:{scope}", _Gateway(f"apisix:{path}", scope, source.whole_line(1)))]


def _listens(root: Node) -> list[Address]:
    found = []
    for listen in (*root.each("apisix", "node_listen"), *root.each("apisix", "ssl", "listen")):
        text = listen.text if listen.kind == "scalar" else listen.value("port")
        if re.fullmatch(r"\d{1,5}", text):
            found.append(Address(listen.value("ip") if listen.kind == "mapping" else "", int(text)))
    return found


def _routes(root: Node, gateway: _Gateway) -> None:
    upstreams = {up.value("id"): up for up in root.each("upstreams")}
    services = {service.value("id"): service for service in root.each("services")}
    for kind, group in (("http", "routes"), ("tcp", "stream_routes")):
        for route in root.each(group):
            service = services.get(route.value("service_id"))
            upstream = _upstream(route, upstreams) or (_upstream(service, upstreams) if service is not None else None)
            label = f"route {route.value('uri') or route.value('id') or route.value('name')}".strip()
            gateway.names += [
                host.text for name in ("host", "hosts") for host in route.each(name) if "*" not in host.text
            ]
            if upstream is None:
                continue
            # A route's own timeout replaces the upstream's as a whole.
            timeout = take(route, _TIMEOUT, label) or take(upstream, _TIMEOUT, "upstream")
            settings = {
                **_pool(gateway.settings),
                **take(upstream, _UPSTREAM, "upstream"),
                **timeout,
                **_nodes(upstream),
            }
            gateway.settings |= take(upstream, _HEALTH, "upstream")
            scheme = upstream.value("scheme")
            protocol = "grpc" if scheme.startswith("grpc") else kind
            for target, span, why in _targets(upstream):
                gateway.links.append(Link(target, span, settings, protocol, label, unknown=why))


def _pool(settings: Settings) -> Settings:
    return {name: found for name, found in settings.items() if name.startswith("nginx_config.http.upstream.")}


def _upstream(thing: Node | None, upstreams: dict[str, Node]) -> Node | None:
    if thing is None:
        return None
    inline = thing.get("upstream")
    return inline if inline is not None else upstreams.get(thing.value("upstream_id"))


def _nodes(upstream: Node) -> Settings:
    """How many nodes an upstream has: that decides its tries where no number is given."""
    nodes = upstream.get("nodes")
    if nodes is None:
        return {}
    count = len(nodes.entries) + len(nodes.elements)
    return {"nodes": (Setting("nodes", str(count), place(upstream, "nodes"), scope="upstream"),)}


def _targets(upstream: Node) -> Iterator[tuple[Address, Span, str]]:
    nodes = upstream.get("nodes")
    default = 443 if upstream.value("scheme") in ("https", "grpcs") else 80
    if nodes is None:
        where = upstream.get("service_name") or upstream
        yield Address(), where.span, "the nodes come from service discovery"
        return
    for key, _ in nodes.entries:
        found = re.fullmatch(r"(\[[^\]]+\]|[^:]+)(?::(\d+))?", key.text)
        if found:
            yield Address(found[1].strip("[]"), int(found[2]) if found[2] else default), key.span, ""
    for node in nodes.elements:
        port = node.value("port")
        yield Address(node.value("host"), int(port) if port.isdecimal() else default), place(node, "host"), ""


def _objects(ctx: Context, gateways: dict[str, _Gateway]) -> None:
    links, scope, span, paths = kube_links(ctx)
    if span is None:
        return
    running = [gateway for gateway in gateways.values() if gateway.scope.startswith("k8s:")]
    gateway = (
        running[0] if running else gateways.setdefault("apisix:kubernetes", _Gateway("apisix:kubernetes", scope, span))
    )
    base = _pool(gateway.settings)
    gateway.links += [replace(link, settings={**base, **link.settings}) for link in links]
    gateway.files |= dict.fromkeys(paths)


def _component(gateway: _Gateway) -> Component:
    workload = gateway.workload
    return Component(
        key=gateway.key,
        name=workload.name if workload else "apisix",
        product="apisix",
        span=gateway.span,
        kind="proxy",
        versions=image_version(workload.image) if workload else ANY,
        scope=gateway.scope,
        settings=gateway.settings,
        listens=tuple(dict.fromkeys(gateway.listens)) or (Address(port=9080), Address(port=9443)),
        names=tuple(dict.fromkeys(gateway.names)),
        links=tuple(gateway.links),
        protocol="http",
        workload=workload.key if workload else "",
        files=tuple(gateway.files),
    )
