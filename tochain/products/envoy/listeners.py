"""Listeners: one component per filter chain, with the settings of its connection manager or TCP proxy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tochain.formats.tree import Node
from tochain.model.component import Address, Link
from tochain.model.fact import Setting, Settings
from tochain.model.span import Span
from tochain.products.envoy import proto
from tochain.products.envoy.clusters import address
from tochain.products.envoy.routes import Linker, domains, links_of
from tochain.products.envoy.sockets import socket_options

__all__ = ["Chain", "chains"]

_COMMON = ("idle_timeout", "max_connection_duration", "max_requests_per_connection", "max_stream_duration")
_MANAGER = (
    "stream_idle_timeout", "request_timeout", "request_headers_timeout", "stream_flush_timeout", "drain_timeout",
    "delayed_close_timeout", "http2_protocol_options.connection_keepalive.interval",
    "http2_protocol_options.connection_keepalive.timeout",
    *(f"common_http_protocol_options.{name}" for name in _COMMON),
)  # fmt: skip
_SHARED = ("common_http_protocol_options.", "http2_protocol_options.")
_TCP = ("idle_timeout", "max_downstream_connection_duration", "max_connect_attempts")
_KEEPALIVE = "listener.tcp_keepalive"
_QUIC = "udp_listener_config.quic_options"
_QUIC_TIMES = ("idle_timeout", "crypto_handshake_timeout")
_SPEAKS = {
    "mysql_proxy": "mysql",
    "postgres_proxy": "postgresql",
    "mongo_proxy": "mongodb",
    "kafka_broker": "kafka",
    "redis_proxy": "redis",
}


@dataclass(slots=True)
class Chain:
    """One filter chain of a listener, ready to become a component."""

    name: str
    span: Span
    listens: tuple[Address, ...]
    names: tuple[str, ...]
    settings: Settings
    links: tuple[Link, ...]
    variant: str | None
    protocol: str
    clusters: tuple[str, ...]


_Read = tuple[Settings, list[Link], tuple[str, ...], str | None, str]
"""Settings, links, host names, variant and protocol of a filter chain."""


def chains(listener: Node, linker: Linker) -> Iterator[Chain]:
    """The filter chains of a listener that lead somewhere."""
    listens = _addresses(listener)
    name = proto.text(listener, "name")
    found = [*proto.each(listener, "filter_chains"), *proto.each(listener, "default_filter_chain")]
    for chain in found:
        filters = proto.each(chain, "filters")
        settings = _listener_settings(listener, chain, f"listener {name}" if name else "")
        span = proto.line(listener, "name") if name else proto.line(listener, "address")
        sni = tuple(
            host.text for host in proto.each(chain, "filter_chain_match", "server_names") if "*" not in host.text
        )
        linker.reached.clear()
        read = _chain(filters, settings, linker)
        if read is not None:
            own, links, hosts, variant, protocol = read
            if variant is None and proto.field(listener, *_QUIC.split(".")) is not None:
                variant = "quic"
            yield Chain(
                name,
                span,
                listens,
                tuple(dict.fromkeys((*sni, *hosts))),
                own,
                tuple(links),
                variant,
                protocol,
                tuple(linker.reached),
            )
    yield from _datagrams(listener, name, listens, linker)


def _chain(filters: list[Node], settings: Settings, linker: Linker) -> _Read | None:
    """Settings, links, host names, variant and protocol by the filter that ends the chain."""
    speaks = next((_SPEAKS[kind] for kind in map(_kind, filters) if kind in _SPEAKS), "")
    for node in filters:
        config = proto.message(node)
        match _kind(node):
            case "http_connection_manager" if config is not None:
                own = {**settings, **_manager(config)}
                links, hosts = _routes(config, own, linker)
                return own, links, hosts, None, "http"
            case "tcp_proxy" if config is not None:
                own = {**settings, **_named(config, _TCP, "tcp_proxy.")}
                return own, list(_tcp(config, own, linker, speaks or "tcp")), (), "tcp", speaks or "tcp"
            case "redis_proxy" if config is not None:
                own = {**settings, **_named(config, ("settings.op_timeout",), "redis_proxy.")}
                return own, _redis(config, own, linker), (), "redis", "redis"
            case _:
                pass
    return None


def _kind(node: Node) -> str:
    """Which filter this is, by its message type or, without one, by its name."""
    kinds = {"HttpConnectionManager": "http_connection_manager", "TcpProxy": "tcp_proxy", "RedisProxy": "redis_proxy"}
    name = proto.text(node, "name").rpartition(".")[2]
    return kinds.get(proto.type_name(proto.message(node)), name)


def _named(config: Node, paths: tuple[str, ...], prefix: str) -> Settings:
    found = [proto.setting(config, path, prefix + path) for path in paths]
    return {setting.name: (setting,) for setting in found if setting is not None}


def _manager(config: Node) -> Settings:
    """The connection manager's settings; fields a cluster has too are told apart by "hcm."."""
    names = {path: f"hcm.{path}" if path.startswith(_SHARED) else path for path in _MANAGER}
    found = [proto.setting(config, path, name) for path, name in names.items()]
    found.append(proto.setting(config, "idle_timeout", "hcm.common_http_protocol_options.idle_timeout"))
    out: Settings = {}
    for setting in found:
        if setting is not None:
            out.setdefault(setting.name, (setting,))
    return out


def _inherited(settings: Settings) -> Settings:
    return {name: tuple(setting.inherited() for setting in found) for name, found in settings.items()}


def _routes(config: Node, own: Settings, linker: Linker) -> tuple[list[Link], tuple[str, ...]]:
    found, missing = _route_configs(config, linker)
    links = [link for node in found for link in links_of(node, _inherited(own), linker)]
    if missing is not None:
        why, span = missing
        links.append(Link(Address(), span, _inherited(own), "http", "routes", unknown=why))
    return links, tuple(dict.fromkeys(host for node in found for host in domains(node)))


def _route_configs(config: Node, linker: Linker) -> tuple[list[Node], tuple[str, Span] | None]:
    """The route configurations of a connection manager, and what is said of those that are not here."""
    found, missing = [], None
    for place, parent, field in _sources(config):
        name = proto.text(parent, field)
        node = place or linker.resources.routes.get(name)
        if node is not None:
            found.append(node)
        elif missing is None:
            missing = (f"the routes {name} come from a control plane", proto.line(config, _source(config)))
    if not found and missing is None and proto.field(config, "scoped_routes") is not None:
        missing = ("the routes come from a control plane", proto.line(config, "scoped_routes"))
    return found, missing


def _source(config: Node) -> str:
    return "rds" if proto.field(config, "rds") is not None else "scoped_routes"


def _sources(config: Node) -> Iterator[tuple[Node | None, Node, str]]:
    """Where route configurations are given: here, or by a name in a field of a block; each scope has its own."""
    inline, rds = proto.field(config, "route_config"), proto.field(config, "rds")
    if inline is not None:
        yield inline, config, "name"
    elif rds is not None:
        yield None, rds, "route_config_name"
    for scope in proto.each(config, "scoped_routes", "scoped_route_configurations_list", "scoped_route_configurations"):
        yield proto.field(scope, "route_configuration"), scope, "route_configuration_name"


def _tcp(config: Node, own: Settings, linker: Linker, protocol: str) -> Iterator[Link]:
    inherited = _inherited(own)
    if proto.field(config, "cluster") is not None:
        yield from linker.links(
            proto.text(config, "cluster"), proto.line(config, "cluster"), inherited, "tcp_proxy", protocol
        )
    for weighted in proto.each(config, "weighted_clusters", "clusters"):
        yield from linker.links(
            proto.text(weighted, "name"), proto.line(weighted, "name"), inherited, "tcp_proxy", protocol
        )


def _redis(config: Node, own: Settings, linker: Linker) -> list[Link]:
    routes = [proto.field(config, "prefix_routes", "catch_all_route"), *proto.each(config, "prefix_routes", "routes")]
    return [
        link
        for route in routes
        if route is not None and proto.text(route, "cluster")
        for link in linker.links(
            proto.text(route, "cluster"), proto.line(route, "cluster"), _inherited(own), "redis_proxy", "redis"
        )
    ]


def _datagrams(listener: Node, name: str, listens: tuple[Address, ...], linker: Linker) -> Iterator[Chain]:
    for node in proto.each(listener, "listener_filters"):
        config = proto.message(node)
        if config is None or not proto.text(node, "name").endswith("udp_proxy"):
            continue
        own = _named(config, ("idle_timeout",), "udp_proxy.")
        goal = proto.text(config, "cluster")
        linker.reached.clear()
        links = linker.links(goal, proto.line(config, "cluster"), _inherited(own), "udp_proxy", "udp") if goal else []
        yield Chain(
            name,
            proto.line(listener, "address"),
            listens,
            (),
            own,
            tuple(links),
            "udp",
            "udp",
            tuple(linker.reached),
        )


def _addresses(listener: Node) -> tuple[Address, ...]:
    nodes = [proto.field(listener, "address")]
    nodes += [proto.field(more, "address") for more in proto.each(listener, "additional_addresses")]
    return tuple(found[0] for node in nodes if (found := address(node)) is not None)


def _listener_settings(listener: Node, chain: Node, scope: str) -> Settings:
    found: list[Setting | None] = [
        proto.setting(listener, "listener_filters_timeout", "listener_filters_timeout", scope),
        proto.setting(chain, "transport_socket_connect_timeout", "transport_socket_connect_timeout", scope),
        *(proto.setting(listener, f"{_QUIC}.{name}", f"{_QUIC}.{name}", scope) for name in _QUIC_TIMES),
    ]
    block = proto.field(listener, "tcp_keepalive")
    if block is not None:
        found.append(Setting(_KEEPALIVE, "on", proto.line(listener, "tcp_keepalive"), scope=scope))
        found += [
            proto.setting(block, part, f"{_KEEPALIVE}.{part}", scope)
            for part in ("keepalive_time", "keepalive_interval", "keepalive_probes")
        ]
    found += socket_options(proto.each(listener, "socket_options"), _KEEPALIVE, "listener.socket_options", scope)
    return {setting.name: (setting,) for setting in found if setting is not None}
