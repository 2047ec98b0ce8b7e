"""Kong: kong.conf and KONG_ variables for the gateway, declarative services and annotations for its links."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from tochain.formats.ini import parse_flat
from tochain.formats.tree import Node
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.model.version import ANY
from tochain.products.base import Context, Extract
from tochain.products.configmaps import inputs
from tochain.products.kong.kube import kube_links
from tochain.products.programs import Program, image_version
from tochain.products.scopes import folder_scope
from tochain.products.trees import document, place, take, tell

__all__ = ["KONG", "read"]

KONG = Program(re.compile(r"kong|kong-gateway|kong-ee"), frozenset({"kong"}))
_SERVICE = ("connect_timeout", "read_timeout", "write_timeout", "retries")
_HEALTH = (
    "healthchecks.active.healthy.interval",
    "healthchecks.active.timeout",
    "healthchecks.passive.unhealthy.tcp_failures",
)
_KEPT = ("nginx_", "upstream_keepalive_", "proxy_listen", "dns_")
_LINKED = ("upstream_keepalive_", "nginx_proxy_proxy_next_upstream_timeout", "dns_valid_ttl")
_PORTS = {"http": 80, "https": 443, "grpc": 80, "grpcs": 443, "tcp": None, "tls": None}
_LISTEN = re.compile(r"(?:^|,)\s*(?:\[[^\]]*\]|[^\s:,]+):(?P<port>\d{1,5})\b")
_ONE_SHOT = frozenset({"migrations", "config", "health", "version", "check", "vault"})


@dataclass(slots=True)
class _Gateway:
    """One Kong: where it is made known, what kong.conf or its environment sets, and what it routes to."""

    key: str
    scope: str
    span: Span
    workload: Workload | None = None
    settings: Settings = field(default_factory=dict)
    health: Settings = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    files: dict[str, None] = field(default_factory=dict)


def read(ctx: Context) -> Extract:
    """One component for each Kong, with a link for each service it proxies."""
    gateways = {w.key: _started(w) for w in KONG.of(ctx.workloads) if not _one_shot(w)}
    given = inputs(ctx, KONG.of(ctx.workloads))
    for path, source in given:
        if path.endswith((".conf", ".default")):
            _conf(ctx, path, source, gateways)
    for path, source in given:
        if not path.endswith((".conf", ".default")):
            _declarative(ctx, path, source, gateways)
    _objects(ctx, gateways)
    return Extract([_component(gateway) for gateway in gateways.values()])


def _one_shot(workload: Workload) -> bool:
    return any(word.text in _ONE_SHOT for word in workload.command[:3])


def _started(workload: Workload) -> _Gateway:
    settings: Settings = {}
    for name, word in workload.env.items():
        key = name.removeprefix("KONG_").lower()
        if name.startswith("KONG_") and key.startswith(_KEPT):
            settings[key] = (Setting(key, word.text, word.span, scope="environment"),)
    return _Gateway(f"kong:{workload.key}", workload.scope, workload.span, workload, settings)


def _of(ctx: Context, path: str, source: SourceFile, gateways: dict[str, _Gateway]) -> list[_Gateway]:
    """The gateways that read a file: by mount, else one for its folder."""
    mounted = [gateways[w.key] for w in KONG.owners(ctx.workloads, path) if w.key in gateways]
    if mounted:
        return mounted
    key = f"kong:{folder_scope(path)}"
    return [gateways.setdefault(key, _Gateway(f"kong:{path}", folder_scope(path), source.whole_line(1)))]


def _conf(ctx: Context, path: str, source: SourceFile, gateways: dict[str, _Gateway]) -> None:
    entries = parse_flat(source) if path != source.path else ctx.parsed(source, parse_flat)
    ctx.understood(source.path)
    for message, span, failed in entries.problems:
        ctx.problem(span, message, "failed" if failed else "partly")
    found = {
        entry.key: (Setting(entry.key, entry.value, entry.span),)
        for entry in entries.entries
        if entry.key.startswith(_KEPT)
    }
    for gateway in _of(ctx, path, source, gateways):
        # A variable of the environment wins over the file.
        gateway.settings = {**found, **gateway.settings}
        gateway.files[source.path] = None


def _declarative(ctx: Context, path: str, source: SourceFile, gateways: dict[str, _Gateway]) -> None:
    tree = document(ctx, source, path)
    roots = [root for root in tree.roots if root.get("_format_version") is not None and root.kind == "mapping"]
    if not roots:
        return
    ctx.understood(source.path)
    tell(ctx, tree)
    for gateway in _of(ctx, path, source, gateways):
        gateway.files[source.path] = None
        for root in roots:
            _services(root, gateway)


def _services(root: Node, gateway: _Gateway) -> None:
    base = {name: found for name, found in gateway.settings.items() if name.startswith(_LINKED)}
    upstreams = {up.value("name"): up for up in root.each("upstreams")}
    for upstream in upstreams.values():
        gateway.health |= take(upstream, _HEALTH, f"upstream {upstream.value('name')}")
    for service in root.each("services"):
        name = service.value("name")
        settings = {**base, **take(service, _SERVICE, f"service {name}")}
        gateway.names += [
            host.text for route in service.each("routes") for host in route.each("hosts") if "*" not in host.text
        ]
        for link in _targets(service, upstreams):
            gateway.links.append(replace(link, settings=settings, label=f"service {name}".strip()))


def _targets(service: Node, upstreams: dict[str, Node]) -> list[Link]:
    protocol, host, port, span = _address(service)
    kind = "grpc" if protocol.startswith("grpc") else "tcp" if protocol in ("tcp", "tls") else "http"
    upstream = upstreams.get(host)
    if upstream is not None:
        found = []
        for target in upstream.each("targets"):
            match = re.fullmatch(r"(\[[^\]]+\]|[^:]+)(?::(\d+))?", target.value("target"))
            if match:
                address = Address(match[1].strip("[]"), int(match[2]) if match[2] else 8000)
                found.append(Link(address, place(target, "target"), protocol=kind))
        return found
    if not host or any(mark in host for mark in "${}"):
        return [Link(Address(), span, protocol=kind, unknown="the service's host is filled in later")]
    return [Link(Address(host, port if port is not None else _PORTS.get(protocol)), span, protocol=kind)]


def _address(service: Node) -> tuple[str, str, int | None, Span]:
    """Protocol, host, port and place, from `url` or from the fields themselves."""
    url = service.get("url")
    if url is not None and url.kind == "scalar":
        try:
            parts = urlsplit(url.text)
            return parts.scheme or "http", parts.hostname or "", parts.port, place(service, "url")
        except ValueError:
            return "http", "", None, place(service, "url")
    port = service.value("port")
    where = place(service, "host") if service.get("host") is not None else service.span
    return (
        service.value("protocol") or "http",
        service.value("host"),
        int(port) if re.fullmatch(r"\d{1,5}", port) else None,
        where,
    )


def _objects(ctx: Context, gateways: dict[str, _Gateway]) -> None:
    links, names, scope, span, paths = kube_links(ctx)
    if span is None:
        return
    running = [gateway for gateway in gateways.values() if gateway.scope.startswith("k8s:")]
    gateway = (
        running[0] if running else gateways.setdefault("kong:kubernetes", _Gateway("kong:kubernetes", scope, span))
    )
    base = {name: found for name, found in gateway.settings.items() if name.startswith(_LINKED)}
    gateway.links += [replace(link, settings={**base, **link.settings}) for link in links]
    gateway.names += names
    gateway.files |= dict.fromkeys(paths)


def _component(gateway: _Gateway) -> Component:
    workload = gateway.workload
    return Component(
        key=gateway.key,
        name=workload.name if workload else "kong",
        product="kong",
        span=gateway.span,
        kind="proxy",
        versions=image_version(workload.image) if workload else ANY,
        scope=gateway.scope,
        settings={**gateway.settings, **gateway.health, **_keepalive(gateway.settings)},
        listens=_listens(gateway.settings),
        names=tuple(dict.fromkeys(gateway.names)),
        links=tuple(gateway.links),
        protocol="http",
        workload=workload.key if workload else "",
        files=tuple(dict.fromkeys(str(PurePosixPath(path)) for path in gateway.files)),
    )


def _listens(settings: Settings) -> tuple[Address, ...]:
    written = settings.get("proxy_listen")
    found = [] if written is None else [Address(port=int(m["port"])) for m in _LISTEN.finditer(written[0].text)]
    return tuple(found) or (Address(port=8000), Address(port=8443))


def _keepalive(settings: Settings) -> Settings:
    """The so_keepalive parameter of proxy_listen: on, off or idle:interval:count as in nginx."""
    written = settings.get("proxy_listen")
    found = re.search(r"so_keepalive=(\S+)", written[0].text) if written else None
    if found is None or written is None:
        return {}
    first = found[1].rstrip(",").partition(":")[0]
    text = first if first in ("on", "off") or first else "on"
    return {"so_keepalive": (replace(written[0], name="so_keepalive", text=text),)}
