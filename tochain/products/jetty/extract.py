"""Jetty: the properties of start.ini, start.d and of the command, and what a jetty.xml sets by hand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tochain.formats.tree import Node
from tochain.formats.xmlfile import parse_xml
from tochain.model.component import Address, Component, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.model.version import ANY
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, known_settings
from tochain.products.javaconfig import environment
from tochain.products.programs import Program, image_version
from tochain.products.trees import tell

__all__ = ["read"]

PRODUCT = "jetty"
PROGRAM = Program(re.compile(r"jetty"), frozenset({"jetty.sh"}))
_PORTS = ("jetty.http.port", "jetty.ssl.port")
_LINE = re.compile(r"(?m)^[ \t]*(?:-D)?(?P<name>jetty\.[\w.]+)[ \t]*[?+]?=[ \t]*(?P<value>[^\s#]+)")
_SET = {
    # What a <Set> inside an element of a class means; class names without their packages.
    ("ServerConnector", "idleTimeout"): "jetty.http.idleTimeout",
    ("SelectChannelConnector", "maxIdleTime"): "jetty.http.idleTimeout",
    ("SelectChannelConnector", "MaxIdleTime"): "jetty.http.idleTimeout",
    ("HttpConfiguration", "idleTimeout"): "HttpConfiguration.setIdleTimeout",
    ("Server", "stopTimeout"): "jetty.server.stopTimeout",
}
Given = tuple[str, str, Span]
"""A name, its text and the place of both."""


def read(ctx: Context) -> Extract:
    """One server for each workload or file; what its command says wins."""
    found = []
    # A property that start.ini sets wins over the default an XML file has for it.
    for source in sorted(ctx.files, key=lambda source: not source.path.endswith(".xml")):
        one = _of_xml(ctx, source) if source.path.endswith(".xml") else _of_ini(ctx, source)
        if one is not None:
            found.append(one)
    made = components(ctx, found, PRODUCT, PROGRAM, protocol="http", port=8080)
    known = {component.workload: at for at, component in enumerate(made) if component.workload}
    for workload in ctx.workloads:
        own, ports = _settings(_of_command(workload))
        at = known.get(workload.key)
        if at is not None:
            made[at] = replace(
                made[at], settings={**made[at].settings, **own}, listens=tuple(ports) or made[at].listens
            )
        elif own or ports:
            made.append(_started(workload, own, ports))
    return Extract(made)


def _settings(given: Iterable[Given]) -> tuple[Settings, list[Address]]:
    settings: Settings = {}
    ports: list[Address] = []
    for name, text, span in given:
        if name in known_settings(PRODUCT):
            settings[name] = (Setting(name, text, span),)
        elif name in _PORTS and text.isdecimal():
            ports.append(Address(port=int(text)))
    return settings, ports


def _of_ini(ctx: Context, source: SourceFile) -> Found | None:
    ctx.understood(source.path)
    lines = [(at["name"], at["value"], source.span(at.start("name"), at.end())) for at in _LINE.finditer(source.text)]
    settings, ports = _settings(lines)
    return Found(source, settings, listens=ports) if settings or ports else None


def _of_command(workload: Workload) -> Iterator[Given]:
    """Properties behind start.jar, as options of Java, or in the variables Java takes options from."""
    for item in environment(workload).values():
        if item.name.startswith("jetty."):
            yield item.name, item.text, item.span
    for word in workload.command:
        found = _LINE.fullmatch(word.text)
        if found is not None:
            yield found["name"], found["value"], word.span


def _started(workload: Workload, settings: Settings, ports: list[Address]) -> Component:
    versions = image_version(workload.image) if PROGRAM.runs(workload) else ANY
    return Component(
        f"{PRODUCT}:{workload.key}", workload.name, PRODUCT, workload.span, versions=versions, scope=workload.scope,
        settings=settings, listens=tuple(ports) or (Address(port=8080),), names=workload.names, protocol="http", workload=workload.key,
        files=(workload.span.path,),
    )  # fmt: skip


def _of_xml(ctx: Context, source: SourceFile) -> Found | None:
    document = ctx.parsed(source, parse_xml)
    root = document.roots[0] if document.roots else None
    if root is None or root.tag != "Configure" or "jetty" not in root.value("@class"):
        return None
    ctx.understood(source.path)
    tell(ctx, document)
    settings, ports = _settings(_sets(root))
    return Found(source, settings, listens=ports) if settings or ports else None


def _sets(root: Node) -> Iterator[Given]:
    """What each <Set> sets, by the class of the object it stands in."""
    waiting = [(root, root.value("@class").rpartition(".")[2])]
    while waiting:
        node, of = waiting.pop()
        for name, child in reversed(node.entries):
            if name.text == "Set":
                key, value = child.value("@name"), _value(child)
                meant = "jetty.http.port" if key == "port" and of.endswith("Connector") else _SET.get((of, key))
                if meant is not None and value is not None:
                    yield meant, value.text, Span(child.span.path, child.span.start, value.span.end)
            if child.kind == "mapping":
                waiting.append((child, child.value("@class").rpartition(".")[2] or of))


def _value(node: Node) -> Node | None:
    """The text an element sets, or the default of the property it takes."""
    inner = node.get("Property") or node.get("SystemProperty")
    if inner is not None:
        return inner.get("@default") or inner.get("Default")
    return Node("scalar", node.span, node.text) if node.text.strip() else None
