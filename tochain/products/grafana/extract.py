"""Grafana: grafana.ini, and the data sources it is provisioned with as links with their own timeouts."""

from __future__ import annotations

import re

from tochain.formats.ini import parse_ini
from tochain.formats.tree import Node
from tochain.formats.yamlfile import parse
from tochain.model.component import Address, Link
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.dsn import dsn_link, parse_dsn
from tochain.products.flat import Found, components, known_settings, tell_lines
from tochain.products.programs import Program
from tochain.products.trees import take, tell

__all__ = ["read"]

PRODUCT = "grafana"
PROGRAM = Program(re.compile(r"grafana(-.*)?"), frozenset({"grafana", "grafana-server"}))


def read(ctx: Context) -> Extract:
    """One component for each workload, or for each file where none is known to run it."""
    found = []
    for source in ctx.files:
        one = _ini(ctx, source) if source.path.endswith((".ini", ".ini.j2")) else _sources(ctx, source)
        if one is not None:
            found.append(one)
    return Extract(components(ctx, found, PRODUCT, PROGRAM, kind="client", protocol="http"))


def _ini(ctx: Context, source: SourceFile) -> Found:
    entries = ctx.parsed(source, parse_ini)
    tell_lines(ctx, source, entries)
    known = known_settings(PRODUCT)
    settings: Settings = {}
    for line in entries.entries:
        name = f"{line.section}.{line.key}"
        if name in known and line.value:
            settings[name] = (Setting(name, line.value, line.span),)
    port = entries.get("http_port", "server")
    listens = (Address(port=int(port.value)),) if port is not None and port.value.isdecimal() else ()
    return Found(source, settings, listens=listens)


def _sources(ctx: Context, source: SourceFile) -> Found | None:
    document = ctx.parsed(source, parse)
    root = document.roots[0] if document.roots else None
    if root is None or not any(node.value("url") for node in root.each("datasources")):
        return None
    ctx.understood(source.path)
    tell(ctx, document)
    return Found(source, {}, links=[link for node in root.each("datasources") if (link := _link(node)) is not None])


def _link(node: Node) -> Link | None:
    url = node.get("url")
    if url is None or url.kind != "scalar" or not url.text:
        return None
    settings = take(node.get("jsonData"), {"timeout": "dataproxy.timeout"})
    label = f"data source {node.value('name')}"
    dsn = parse_dsn(url.text if "://" in url.text else f"tcp://{url.text}", url.span)
    if dsn is None:
        return Link(Address(), url.span, settings, label=label, unknown="the address has a form of its own")
    return dsn_link(dsn, label, settings)
