"""cloudflared: the ingress rules of a tunnel's configuration, each with the origin it leads to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tochain.formats.tree import Node
from tochain.formats.yamlfile import parse
from tochain.model.component import Address, Link
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.configmaps import EMBEDDED, inputs
from tochain.products.flat import Found, components
from tochain.products.nameless import ADDRESS, is_literal
from tochain.products.programs import Program
from tochain.products.trees import take, tell

__all__ = ["read"]

PRODUCT = "cloudflared"
PROGRAM = Program(re.compile(r"cloudflared"), frozenset({"cloudflared"}))
_ORIGIN = {
    name: f"originRequest.{name}"
    for name in ("connectTimeout", "tlsTimeout", "tcpKeepAlive", "keepAliveTimeout", "keepAliveConnections")
}
_SERVICE = re.compile(r"(https?|tcp|wss?)://(\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::(\d{1,5}))?(?:/.*)?")
_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


def read(ctx: Context) -> Extract:
    """One proxy for each workload or file, with a link for each service of its ingress rules."""
    found = []
    for path, source, root in _files(ctx):
        base = _settings(root, "originRequest")
        links = [link for rule in root.each("ingress") if (link := _link(rule, base)) is not None]
        found.append(Found(source, base, links=links, path=path))
    return Extract(components(ctx, found, PRODUCT, PROGRAM, kind="proxy", protocol="http"))


def _files(ctx: Context) -> Iterator[tuple[str, SourceFile, Node]]:
    """The files that are a tunnel's configuration, and those its workloads mount from ConfigMaps."""
    for path, source in inputs(ctx, PROGRAM.of(ctx.workloads)):
        document = parse(source) if EMBEDDED in path else ctx.parsed(source, parse)
        root = document.roots[0] if document.roots else None
        if root is None or not any(rule.value("service") for rule in root.each("ingress")):
            continue
        if EMBEDDED not in path:
            ctx.understood(source.path)
            tell(ctx, document)
        yield path, source, root


def _settings(node: Node, scope: str) -> Settings:
    origin = node.get("originRequest")
    found = take(origin, _ORIGIN, scope)
    name = origin.get("originServerName") if origin is not None else None
    if name is not None and name.text:
        found["originRequest.originServerName"] = (
            Setting("originRequest.originServerName", "on", name.span, scope=scope),
        )
    return found


def _link(rule: Node, base: Settings) -> Link | None:
    """The origin of one rule; None for answers the tunnel gives by itself."""
    service, host = rule.get("service"), rule.value("hostname") or "*"
    parts = _SERVICE.fullmatch(service.text) if service is not None else None
    if service is None or parts is None:
        return None
    scheme, target = parts[1], parts[2].strip("[]")
    settings = {**base, **_settings(rule, f"ingress {host}")}
    if scheme in ("https", "wss"):
        settings["tls"] = (Setting("tls", ADDRESS if is_literal(target) else "on", service.span),)
    http2 = rule.value("originRequest", "http2Origin") == "true"
    protocol = "tcp" if scheme == "tcp" else "http2" if http2 else "http"
    port = int(parts[3]) if parts[3] else _PORTS.get(scheme)
    return Link(Address(target, port), service.span, settings, protocol, f"ingress {host}")
