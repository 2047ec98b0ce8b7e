"""Tomcat: each Connector of a server.xml is a listener of its own."""

from __future__ import annotations

import re

from tochain.formats.tree import Node
from tochain.formats.xmlfile import parse_xml
from tochain.model.component import Address
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, known_settings
from tochain.products.programs import Program
from tochain.products.tomcat.adjust import UPGRADE
from tochain.products.trees import tell

__all__ = ["read"]

PRODUCT = "tomcat"
PROGRAM = Program(re.compile(r"tomcat.*|tomee.*|.*-tomcat"), frozenset({"catalina.sh", "startup.sh"}))


def read(ctx: Context) -> Extract:
    """One component for each Connector, for each workload that starts with the file."""
    extract = Extract()
    for source in ctx.files:
        document = ctx.parsed(source, parse_xml)
        root = document.roots[0] if document.roots else None
        if root is None or root.tag != "Server":
            if document.problems and "<Connector" in source.text:
                tell(ctx, document)
            continue
        ctx.understood(source.path)
        tell(ctx, document)
        found = [_connector(source, node) for service in root.all("Service") for node in service.all("Connector")]
        plain = [one for one in found if one.variant != "ajp"]
        ajp = [one for one in found if one.variant == "ajp"]
        extract.components += components(ctx, plain, PRODUCT, PROGRAM, protocol="http")
        extract.components += components(ctx, ajp, PRODUCT, PROGRAM, protocol="ajp")
    return extract


def _connector(source: SourceFile, node: Node) -> Found:
    ajp = node.value("@protocol").upper().startswith(("AJP", "ORG.APACHE.COYOTE.AJP"))
    settings: Settings = {}
    for key, value in node.entries:
        name = key.text.removeprefix("@")
        if key.text.startswith("@") and name in known_settings(PRODUCT):
            name = f"AJP {name}" if ajp and name == "keepAliveTimeout" else name
            settings[name] = (Setting(name, value.text, Span(source.path, key.span.start, value.span.end)),)
    settings |= _upgrade(source, node)
    if node.value("@disableUploadTimeout", default="true").lower() == "true":
        settings.pop("connectionUploadTimeout", None)
    port = node.value("@port")
    number = int(port) if port.isdecimal() else None
    listens = (Address(node.value("@address"), number),) if number else ()
    place = source.whole_line(node.span.start.line)
    part = port or str(node.span.start.line)
    return Found(source, settings, place, listens, part=part, variant="ajp" if ajp else None)


def _upgrade(source: SourceFile, connector: Node) -> Settings:
    """The element that lets a Connector speak HTTP/2, with its own idle time where it has one."""
    for element in connector.all("UpgradeProtocol"):
        if element.value("@className").endswith(".Http2Protocol"):
            key, value = element.key("@keepAliveTimeout"), element.get("@keepAliveTimeout")
            if key is None or value is None:
                return {UPGRADE: (Setting(UPGRADE, "", source.whole_line(element.span.start.line)),)}
            return {UPGRADE: (Setting(UPGRADE, value.text, Span(source.path, key.span.start, value.span.end)),)}
    return {}
