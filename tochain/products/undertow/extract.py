"""WildFly and JBoss: the HTTP listeners of a standalone.xml or domain.xml, and where its data sources connect to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tochain.formats.tree import Node
from tochain.formats.xmlfile import parse_xml
from tochain.model.component import Address, Component, Link
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.dsn import dsn_link_with_timers, parse_dsn
from tochain.products.flat import Found, components, known_settings
from tochain.products.programs import Program
from tochain.products.trees import rooted, take

__all__ = ["read"]

PRODUCT = "undertow"
POOL = "ironjacamar"
PROGRAM = Program(re.compile(r"wildfly.*|jboss.*|eap.*"), frozenset({"standalone.sh", "domain.sh"}))
_DEFAULT = re.compile(r"\$\{[^}:]+:([^}]*)\}")


def read(ctx: Context) -> Extract:
    """One component for each listener and for the data sources, for each workload that starts with the file."""
    extract = Extract()
    for source, root in rooted(ctx, parse_xml, lambda root: root.tag in ("server", "domain", "host")):
        every = list(_elements(root))
        ports = _ports(every)
        servers = [_listener(source, node, ports) for node in every if node.tag in ("http-listener", "https-listener")]
        extract.components += components(ctx, servers, PRODUCT, PROGRAM, protocol="http")
        extract.components += _pools(ctx, source, every)
    return extract


def _elements(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [child for _, child in reversed(node.entries) if child.tag]


def _plain(text: str) -> str:
    """A text with the defaults of the expressions in it."""
    return _DEFAULT.sub(r"\1", text)


def _ports(every: list[Node]) -> dict[str, int]:
    """The port of each socket binding by its name, the offset of its group included."""
    found: dict[str, int] = {}
    for group in every:
        if group.tag == "socket-binding-group":
            offset = _plain(group.value("@port-offset"))
            for node in group.all("socket-binding"):
                port = _plain(node.value("@port"))
                if port.isdecimal():
                    found[node.value("@name")] = int(port) + (int(offset) if offset.isdecimal() else 0)
    return found


def _listener(source: SourceFile, node: Node, ports: dict[str, int]) -> Found:
    settings: Settings = {}
    for key, value in node.entries:
        name = key.text.removeprefix("@")
        if key.text.startswith("@") and name in known_settings(PRODUCT):
            span = Span(source.path, key.span.start, value.span.end)
            settings[name] = (Setting(name, _plain(value.text), span),)
    port = ports.get(node.value("@socket-binding"), {"http-listener": 8080, "https-listener": 8443}[node.tag])
    place = source.whole_line(node.span.start.line)
    return Found(source, settings, place, (Address(port=port),), part=node.value("@name"), variant="wildfly")


def _pools(ctx: Context, source: SourceFile, every: list[Node]) -> list[Component]:
    """The pools of a file's data sources: their limits, and their URLs with the timers of the driver in them."""
    links: list[Link] = []
    every_setting: Settings = {}
    for node in every:
        url = node.get("connection-url") if node.tag == "datasource" else None
        dsn = parse_dsn(_plain(url.text), url.span) if url is not None and url.kind == "scalar" else None
        if dsn is not None:
            settings = _limits(node)
            every_setting |= settings
            always = dsn.scheme.startswith("jdbc:")
            label = f"data source {node.value('@pool-name')}"
            links.append(dsn_link_with_timers(dsn, label, settings or {"": ()}, always=always)[0])
    if not links:
        return []
    found = Found(source, every_setting, links[0].span, links=links, part="data-sources")
    return components(ctx, [found], POOL, PROGRAM, kind="pool")


def _limits(node: Node) -> Settings:
    """What a data source says of its pool, expressions taken by their defaults."""
    found = {**take(node.get("timeout"), known_settings(POOL)), **take(node.get("validation"), known_settings(POOL))}
    return {name: (replace(one, text=_plain(one.text)),) for name, (one,) in found.items()}
