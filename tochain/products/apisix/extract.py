"""APISIX: config.yaml for the gateway, routes and upstreams of the standalone file or of its Kubernetes objects."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tochain.formats.tree import Node
from tochain.model.component import Address, Link
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.products.apisix.kube import kube_links
from tochain.products.base import Context, Extract
from tochain.products.configmaps import inputs
from tochain.products.gateways import Gateway, Gateways
from tochain.products.programs import Program
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
_PORTS = (Address(port=9080), Address(port=9443))
_OBJECTS = frozenset({"routes", "upstreams", "services", "stream_routes"})


def read(ctx: Context) -> Extract:
    """One component for each APISIX, with a link for each node of each route."""
    gateways = Gateways("apisix", APISIX, APISIX.of(ctx.workloads))
    given = inputs(ctx, APISIX.of(ctx.workloads), (".yaml", ".yml"))
    files = [(path, source, document(ctx, source, path)) for path, source in given]
    for path, source, tree in files:
        for root in tree.roots:
            if _is_config(root):
                ctx.understood(source.path)
                tell(ctx, tree)
                for gateway in gateways.reading(path, source):
                    gateway.settings |= take(root, _CONFIG)
                    gateway.listens += _listens(root)
                    gateway.files[source.path] = None
    for path, source, tree in files:
        for root in tree.roots:
            if _is_routing(path, source, root):
                ctx.understood(source.path)
                tell(ctx, tree)
                for gateway in gateways.reading(path, source):
                    gateway.files[source.path] = None
                    _routes(root, gateway)
    gateways.in_cluster(*kube_links(ctx), _pool)
    return Extract([gateway.component("apisix", gateway.listens or _PORTS) for gateway in gateways.all()])


def _is_config(root: Node) -> bool:
    return root.kind == "mapping" and (
        root.get("nginx_config") is not None or root.get("apisix", "node_listen") is not None
    )


def _is_routing(path: str, source: SourceFile, root: Node) -> bool:
    """The standalone file: its top names and the mark it must end with, or its name."""
    if root.kind != "mapping" or not any(key.text in _OBJECTS for key, _ in root.entries):
        return False
    return "#END" in source.text or "apisix" in path


def _listens(root: Node) -> list[Address]:
    found = []
    for listen in (*root.each("apisix", "node_listen"), *root.each("apisix", "ssl", "listen")):
        text = listen.text if listen.kind == "scalar" else listen.value("port")
        if re.fullmatch(r"\d{1,5}", text):
            found.append(Address(listen.value("ip") if listen.kind == "mapping" else "", int(text)))
    return found


def _routes(root: Node, gateway: Gateway) -> None:
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
