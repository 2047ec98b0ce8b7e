"""A cluster: the settings of its pool and the addresses of its endpoints."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tochain.formats.tree import Node
from tochain.model.component import Address
from tochain.model.fact import Setting, Settings
from tochain.model.span import Span
from tochain.products.envoy import proto
from tochain.products.envoy.sockets import socket_options
from tochain.products.envoy.sources import Resources

__all__ = ["Cluster", "address", "read_cluster"]

POOL = "cluster"
_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_COMMON = ("idle_timeout", "max_connection_duration", "max_requests_per_connection", "max_stream_duration")
_KEEPALIVE = ("interval", "timeout", "connection_idle_interval")
_HEALTH = ("interval", "timeout", "unhealthy_threshold", "healthy_threshold")
_SERVICE = re.compile(r"(?P<space>[^/:]+)/(?P<name>[^/:]+)(?::(?P<port>\d{1,5}))?")
"""What Cilium calls the endpoints of a Service."""
_DYNAMIC = {"ORIGINAL_DST": "the target is the address the client dialled"}


@dataclass(slots=True)
class Cluster:
    """What a cluster says: settings of the pool, health checks, targets, or why there are none."""

    name: str
    span: Span
    settings: Settings = field(default_factory=dict)
    health: list[Setting] = field(default_factory=list)
    targets: list[tuple[Address, Span]] = field(default_factory=list)
    unknown: str = ""
    http2: bool = False
    tls: bool = False


def read_cluster(name: str, node: Node, resources: Resources) -> Cluster:
    """Everything a cluster's own block says."""
    out = Cluster(name, proto.line(node, "name"))
    scope = f"cluster {name}"
    found = [
        proto.setting(node, "connect_timeout", "connect_timeout", scope),
        proto.setting(node, "dns_refresh_rate", "dns_refresh_rate", scope),
        *_pool(node, out, scope),
        *_keepalive(node, scope),
        *_tls(node, out, scope),
    ]
    for setting in found:
        if setting is not None:
            out.settings.setdefault(setting.name, (setting,))
    out.health = _health(node, scope)
    _targets(node, resources, out)
    return out


def _pool(node: Node, out: Cluster, scope: str) -> list[Setting | None]:
    """HttpProtocolOptions, and the older fields of the cluster itself that it replaced."""
    options = proto.field(node, "typed_extension_protocol_options", _OPTIONS)
    found: list[Setting | None] = []
    for place in (options, node):
        common = proto.field(place, "common_http_protocol_options")
        found += [proto.setting(common, name, f"{POOL}.common_http_protocol_options.{name}", scope) for name in _COMMON]
    found.append(
        proto.setting(
            node,
            "max_requests_per_connection",
            f"{POOL}.common_http_protocol_options.max_requests_per_connection",
            scope,
        )
    )
    explicit = proto.field(options, "explicit_http_config")
    http2 = proto.field(explicit, "http2_protocol_options") or proto.field(node, "http2_protocol_options")
    out.http2 = http2 is not None
    http2 = http2 or proto.field(options, "auto_config", "http2_protocol_options")
    keepalive = proto.field(http2, "connection_keepalive")
    found += [
        proto.setting(keepalive, name, f"{POOL}.http2_protocol_options.connection_keepalive.{name}", scope)
        for name in _KEEPALIVE
    ]
    for name in ("auto_sni", "override_auto_sni_header"):
        auto = proto.field(options, "upstream_http_protocol_options", name)
        if auto is not None and auto.text not in ("", "false"):
            found.append(
                Setting("sni", "auto", proto.line(options or node, "upstream_http_protocol_options", name), scope=scope)
            )
    return found


def _keepalive(node: Node, scope: str) -> list[Setting | None]:
    name = "upstream_connection_options.tcp_keepalive"
    block = proto.field(node, "upstream_connection_options", "tcp_keepalive")
    found: list[Setting | None] = []
    if block is not None:
        found.append(Setting(name, "on", proto.line(node, "upstream_connection_options", "tcp_keepalive"), scope=scope))
        found += [
            proto.setting(block, part, f"{name}.{part}", scope)
            for part in ("keepalive_time", "keepalive_interval", "keepalive_probes")
        ]
    raw = proto.each(node, "upstream_bind_config", "socket_options")
    return [*found, *socket_options(raw, name, "upstream_bind_config.socket_options", scope)]


def _tls(node: Node, out: Cluster, scope: str) -> list[Setting | None]:
    sockets = [proto.field(node, "transport_socket")]
    sockets += [proto.field(match, "transport_socket") for match in proto.each(node, "transport_socket_matches")]
    found: list[Setting | None] = []
    for socket in sockets:
        config = proto.message(socket)
        if socket is None or not (
            proto.type_name(config) == "UpstreamTlsContext" or "tls" in proto.text(socket, "name")
        ):
            continue
        out.tls = True
        found.append(Setting("transport_socket", "tls", proto.line(socket, "name"), scope=scope))
        found.append(proto.setting(config, "sni", "sni", scope))
        auto = proto.field(config, "auto_host_sni")
        if config is not None and auto is not None and auto.text == "true":
            found.append(Setting("sni", "auto", proto.line(config, "auto_host_sni"), scope=scope))
    context = proto.field(node, "tls_context")
    if context is not None:
        out.tls = True
        found += [
            Setting("transport_socket", "tls", proto.line(node, "tls_context"), scope=scope),
            proto.setting(context, "sni", "sni", scope),
        ]
    return found


def _health(node: Node, scope: str) -> list[Setting]:
    found = [
        proto.setting(check, name, f"health_checks.{name}", scope)
        for check in proto.each(node, "health_checks")
        for name in _HEALTH
    ]
    found.append(
        proto.setting(
            proto.field(node, "outlier_detection"), "consecutive_5xx", "outlier_detection.consecutive_5xx", scope
        )
    )
    for policy in ("round_robin_lb_config", "least_request_lb_config"):
        found.append(
            proto.setting(
                node, f"{policy}.slow_start_config.slow_start_window", "slow_start_config.slow_start_window", scope
            )
        )
    return [setting for setting in found if setting is not None]


def _targets(node: Node, resources: Resources, out: Cluster) -> None:
    kind = proto.text(node, "type")
    special = proto.text(node, "cluster_type", "name")
    if kind in _DYNAMIC:
        out.unknown = _DYNAMIC[kind]
    elif "dynamic_forward_proxy" in special:
        out.unknown = "the request names the target (dynamic forward proxy)"
    elif "aggregate" in special:
        out.unknown = "the target is an aggregate of other clusters"
    else:
        assignment = proto.field(node, "load_assignment")
        if assignment is None:
            service = proto.text(node, "eds_cluster_config", "service_name") or out.name
            assignment = resources.endpoints.get(service)
            out.unknown = "" if assignment is not None else f"the endpoints of {service} come from a control plane"
            if assignment is None and resources.namespace is not None and (found := _SERVICE.fullmatch(service)):
                port = int(found["port"]) if found["port"] else None
                out.targets.append((Address(f"{found['name']}.{found['space']}", port), out.span))
        for group in proto.each(assignment, "endpoints"):
            for endpoint in proto.each(group, "lb_endpoints"):
                _add(out, proto.field(endpoint, "endpoint", "address"))
        for host in proto.each(node, "hosts"):
            _add(out, host)
        if out.targets:
            out.unknown = ""


def _add(out: Cluster, node: Node | None) -> None:
    found = address(node)
    if found is not None:
        out.targets.append(found)


def address(node: Node | None) -> tuple[Address, Span] | None:
    """An Address message: host and port, or the path of a socket."""
    socket = proto.field(node, "socket_address")
    pipe = proto.field(node, "pipe")
    if socket is not None:
        host = proto.text(socket, "address")
        port = proto.text(socket, "port_value")
        host = "" if host in ("0.0.0.0", "::") else host.strip("[]")  # noqa: S104 - compared with, never bound
        return Address(host, int(port) if re.fullmatch(r"\d{1,5}", port) else None), proto.line(socket, "address")
    if pipe is not None:
        return Address(socket=proto.text(pipe, "path")), proto.line(pipe, "path")
    return None
