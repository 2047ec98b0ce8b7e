"""Kong: kong.conf and KONG_ variables for the gateway, declarative services and annotations for its links."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

from tochain.formats.ini import parse_flat
from tochain.formats.tree import Node
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.configmaps import inputs
from tochain.products.gateways import Gateway, Gateways
from tochain.products.kong.kube import kube_links
from tochain.products.programs import Program
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


def read(ctx: Context) -> Extract:
    """One component for each Kong, with a link for each service it proxies."""
    gateways = Gateways("kong", KONG, [w for w in KONG.of(ctx.workloads) if not _one_shot(w)])
    for gateway in gateways.all():
        gateway.settings |= _environment(gateway.workload)
    given = inputs(ctx, KONG.of(ctx.workloads))
    for path, source in given:
        if path.endswith((".conf", ".default")):
            _conf(ctx, path, source, gateways)
    for path, source in given:
        if not path.endswith((".conf", ".default")):
            _declarative(ctx, path, source, gateways)
    gateways.in_cluster(*kube_links(ctx), _linked)
    return Extract([_component(gateway) for gateway in gateways.all()])


def _one_shot(workload: Workload) -> bool:
    return any(word.text in _ONE_SHOT for word in workload.command[:3])


def _environment(workload: Workload | None) -> Settings:
    settings: Settings = {}
    for name, word in workload.env.items() if workload is not None else ():
        key = name.removeprefix("KONG_").lower()
        if name.startswith("KONG_") and key.startswith(_KEPT):
            settings[key] = (Setting(key, word.text, word.span, scope="environment"),)
    return settings


def _conf(ctx: Context, path: str, source: SourceFile, gateways: Gateways) -> None:
    entries = parse_flat(source) if path != source.path else ctx.parsed(source, parse_flat)
    ctx.understood(source.path)
    for message, span, failed in entries.problems:
        ctx.problem(span, message, "failed" if failed else "partly")
    found = {
        entry.key: (Setting(entry.key, entry.value, entry.span),)
        for entry in entries.entries
        if entry.key.startswith(_KEPT)
    }
    for gateway in gateways.reading(path, source):
        # A variable of the environment wins over the file.
        gateway.settings = {**found, **gateway.settings}
        gateway.files[source.path] = None


def _declarative(ctx: Context, path: str, source: SourceFile, gateways: Gateways) -> None:
    tree = document(ctx, source, path)
    roots = [root for root in tree.roots if root.get("_format_version") is not None and root.kind == "mapping"]
    if not roots:
        return
    ctx.understood(source.path)
    tell(ctx, tree)
    for gateway in gateways.reading(path, source):
        gateway.files[source.path] = None
        for root in roots:
            _services(root, gateway)


def _services(root: Node, gateway: Gateway) -> None:
    base = _linked(gateway.settings)
    upstreams = {up.value("name"): up for up in root.each("upstreams")}
    for upstream in upstreams.values():
        gateway.extra |= take(upstream, _HEALTH, f"upstream {upstream.value('name')}")
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


def _linked(settings: Settings) -> Settings:
    """What the gateway's own settings say of every connection to a service."""
    return {name: found for name, found in settings.items() if name.startswith(_LINKED)}


def _component(gateway: Gateway) -> Component:
    listens = _listens(gateway.settings)
    gateway.extra |= _keepalive(gateway.settings)
    return gateway.component("kong", listens)


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
