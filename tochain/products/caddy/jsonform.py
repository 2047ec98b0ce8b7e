"""Caddy's native JSON: servers of the http app, routes however nested, reverse_proxy handlers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from tochain.formats.tree import Node
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.limit import Finite
from tochain.model.span import SourceFile, Span
from tochain.model.version import ANY
from tochain.products.base import Context
from tochain.products.caddy.proxy import upstream
from tochain.products.nameless import ADDRESS, is_literal
from tochain.products.programs import image_version
from tochain.products.scopes import folder_scope
from tochain.products.trees import document, tell

__all__ = ["read_json"]

_SERVER = {
    "idle_timeout": "servers timeouts idle", "read_header_timeout": "servers timeouts read_header",
    "read_timeout": "servers timeouts read_body", "write_timeout": "servers timeouts write",
    "read_idle_timeout": "servers timeouts read_body_idle", "write_idle_timeout": "servers timeouts write_idle",
    "keepalive_interval": "servers keepalive_interval", "keepalive_idle": "servers keepalive_idle",
    "keepalive_count": "servers keepalive_count",
}  # fmt: skip
_TRANSPORT = {
    "dial_timeout": "dial_timeout", "tls.handshake_timeout": "tls_timeout",
    "response_header_timeout": "response_header_timeout",
    "read_timeout": "read_timeout", "write_timeout": "write_timeout", "keep_alive.idle_timeout": "keepalive",
    "keep_alive.probe_interval": "keepalive_interval", "keep_alive.max_idle_conns": "keepalive_idle_conns",
    "keep_alive.max_idle_conns_per_host": "keepalive_idle_conns_per_host",
    "tls.server_name": "tls_server_name",
}  # fmt: skip
_FASTCGI = {name: f"fastcgi {name}" for name in ("dial_timeout", "read_timeout", "write_timeout")}
_BALANCING = {"retries": "lb_retries", "try_duration": "lb_try_duration", "try_interval": "lb_try_interval"}
_OWN = {
    "stream_timeout": "stream_timeout", "stream_close_delay": "stream_close_delay",
    "health_checks.active.interval": "health_interval", "health_checks.active.timeout": "health_timeout",
    "health_checks.active.fails": "health_fails", "health_checks.active.passes": "health_passes",
    "health_checks.active.uri": "health_uri", "health_checks.passive.max_fails": "max_fails",
    "health_checks.passive.fail_duration": "fail_duration",
}  # fmt: skip
_COUNTS = frozenset({
    "lb_retries", "health_fails", "health_passes", "max_fails", "keepalive_idle_conns", "keepalive_idle_conns_per_host",
    "servers keepalive_count",
})  # fmt: skip
_LISTEN = re.compile(r"(?:(?:tcp|udp)[46]?/)?(?P<host>\[[0-9a-fA-F:.]+\]|[^:/]*):(?P<port>\d+)")


@dataclass(slots=True)
class _Handler:
    node: Node
    label: str
    settings: Settings = field(default_factory=dict)


def read_json(ctx: Context, path: str, source: SourceFile, owner: Workload | None) -> Iterator[Component]:
    """One component for each server of the http app; nothing for a file without one."""
    tree = document(ctx, source, path)
    for root in tree.roots:
        http = root.get("apps", "http")
        if http is None:
            continue
        ctx.understood(source.path)
        tell(ctx, tree)
        general = _settings(http, {"grace_period": "grace_period", "shutdown_delay": "shutdown_delay"}, "http app")
        for key, server in http.pairs("servers"):
            yield _server(path, key, server, general, owner)


def _server(path: str, key: Node, server: Node, general: Settings, owner: Workload | None) -> Component:
    handlers, hosts = _handlers(server)
    settings: dict[str, list[Setting]] = defaultdict(list)
    for group in (
        general,
        _settings(server, _SERVER, f"server {key.text}"),
        *(_settings(h.node, _OWN, h.label) for h in handlers),
    ):
        for name, found in group.items():
            settings[name] += found
    return Component(
        key=f"caddy:{path}#{key.text}" + (f"@{owner.key}" if owner else ""),
        name=owner.name if owner else hosts[0] if hosts else "caddy",
        product="caddy",
        span=key.span,
        kind="proxy",
        versions=image_version(owner.image) if owner else ANY,
        scope=owner.scope if owner else folder_scope(path),
        settings={name: tuple(group) for name, group in settings.items()},
        listens=tuple(_listens(server)),
        names=hosts,
        links=tuple(link for handler in handlers for link in _links(handler)),
        protocol="http",
        workload=owner.key if owner else "",
        files=(key.span.path,),
    )


def _listens(server: Node) -> Iterator[Address]:
    for listen in server.each("listen"):
        found = _LISTEN.fullmatch(listen.text)
        if found:
            yield Address(found["host"].strip("[]"), int(found["port"]))
        elif listen.text.startswith("unix/"):
            yield Address(socket="/" + listen.text.partition("/")[2].lstrip("/"))


def _handlers(server: Node) -> tuple[list[_Handler], tuple[str, ...]]:
    """The reverse_proxy handlers of a server, labelled by the paths that lead there, and the hosts matched."""
    found: list[_Handler] = []
    hosts: dict[str, None] = {}
    stack = [(route, "") for route in reversed(server.each("routes"))]
    while stack:
        route, label = stack.pop()
        for match in route.each("match"):
            hosts |= dict.fromkeys(
                host.text for host in match.each("host") if "*" not in host.text and "{" not in host.text
            )
            label = next((path.text for path in match.each("path")), label)
        for handler in route.each("handle"):
            if handler.value("handler") == "reverse_proxy":
                found.append(_Handler(handler, f"reverse_proxy {label}".strip()))
            stack += [(inner, label) for inner in reversed(handler.each("routes"))]
    return found, tuple(hosts)


def _links(handler: _Handler) -> list[Link]:
    node = handler.node
    transport = node.get("transport")
    fastcgi = transport is not None and transport.value("protocol") == "fastcgi"
    settings: Settings = {}
    if transport is not None:
        settings |= _settings(transport, _FASTCGI if fastcgi else _TRANSPORT, handler.label)
        tls, enabled = transport.get("tls"), transport.value("keep_alive", "enabled")
        if tls is not None:
            settings["tls"] = (Setting("tls", "on", _line(transport, "tls"), scope=handler.label),)
        if enabled == "false":
            settings["keepalive"] = (
                Setting("keepalive", "off", _line(transport, "keep_alive", "enabled"), scope=handler.label),
            )
    balancing = node.get("load_balancing")
    if balancing is not None:
        settings |= _settings(balancing, _BALANCING, handler.label)
    versions = {version.text for version in transport.each("versions")} if transport is not None else set()
    protocol = "fastcgi" if fastcgi else "http2" if versions and "1.1" not in versions else "http"
    links = []
    for up in node.each("upstreams"):
        dial = up.get("dial")
        for target, unknown, _ in upstream(dial.text) if dial is not None else ():
            own = settings
            if "tls" in own and is_literal(target.host):
                own = {**own, "tls": (Setting("tls", ADDRESS, _line(up, "dial"), scope=handler.label),)}
            links.append(Link(target, _line(up, "dial"), own, protocol, handler.label, unknown=unknown))
    dynamic = node.get("dynamic_upstreams")
    if dynamic is not None:
        why = f"upstreams are looked up at run time ({dynamic.value('source')})"
        links.append(Link(Address(), _line(node, "dynamic_upstreams"), settings, protocol, handler.label, unknown=why))
    return links


def _settings(node: Node, names: dict[str, str], scope: str) -> Settings:
    found: Settings = {}
    for path, name in names.items():
        steps = path.split(".")
        value = node.get(*steps)
        if value is not None and value.kind == "scalar":
            found[name] = (_setting(name, value, _line(node, *steps), scope),)
    return found


def _setting(name: str, value: Node, span: Span, scope: str) -> Setting:
    """A JSON value as a setting; a bare number is a count, or nanoseconds where a time stands."""
    if name not in _COUNTS and not value.quoted and re.fullmatch(r"-?\d+", value.text) and value.text != "0":
        return Setting(name, f"{value.text}ns", span, limit=Finite(max(int(value.text), 0) // 1000), scope=scope)
    return Setting(name, value.text, span, scope=scope)


def _line(node: Node, *path: str) -> Span:
    """The place of a value with its key in front."""
    parent = node.get(*path[:-1]) or node
    key, value = parent.key(path[-1]), parent.get(path[-1])
    if key is None or value is None:
        return parent.span
    return Span(key.span.path, key.span.start, value.span.end if value.kind == "scalar" else key.span.end)
