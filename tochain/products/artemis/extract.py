"""ActiveMQ Artemis: each acceptor of a broker.xml is a listener with the parameters of its URI."""

from __future__ import annotations

import re

from tochain.formats.tree import Node
from tochain.formats.xmlfile import parse_xml
from tochain.model.component import Address, Component
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, known_settings
from tochain.products.programs import Program
from tochain.products.trees import take, tell

__all__ = ["read"]

PRODUCT = "artemis"
PROGRAM = Program(re.compile(r"(activemq-)?artemis(-.*)?"), frozenset({"artemis", "artemis-service"}))
_URI = re.compile(r"(?P<scheme>\w+)://(?P<host>[^:/?;]*):(?P<port>\d+)[^?]*(?:\?(?P<query>.*))?", re.DOTALL)
_PROTOCOLS = {"AMQP": "amqp", "STOMP": "stomp", "MQTT": "mqtt", "OPENWIRE": "openwire", "CORE": "core"}


def read(ctx: Context) -> Extract:
    """One component for each acceptor, for each workload that starts with the file."""
    extract = Extract()
    for source in ctx.files:
        document = ctx.parsed(source, parse_xml)
        root = document.roots[0] if document.roots else None
        core = root.get("core") if root is not None else None
        if core is None or core.get("acceptors") is None:
            continue
        ctx.understood(source.path)
        tell(ctx, document)
        general = take(core, ["connection-ttl-override"])
        if any(given[0].text.strip() == "-1" for given in general.values()):
            general = {}  # what every broker.xml has: nothing overridden
        for node in core.all("acceptors")[-1].all("acceptor"):
            extract.components += _component(ctx, source, node, general)
    return extract


def _component(ctx: Context, source: SourceFile, node: Node, general: Settings) -> list[Component]:
    uri = _URI.fullmatch(node.text.strip())
    if uri is None:
        return []
    settings: Settings = dict(general)
    query = dict(re.findall(r"([\w.]+)=([^;&]*)", uri["query"] or ""))
    for name, text in query.items():
        if name in known_settings(PRODUCT):
            settings[name] = (Setting(name, text.strip(), _place(source, node, f"{name}={text}")),)
    named = [_PROTOCOLS[word] for word in query.get("protocols", "").upper().split(",") if word in _PROTOCOLS]
    protocol = named[0] if named else "openwire"
    host = "" if uri["host"] in ("0.0.0.0", "*") else uri["host"]  # noqa: S104 - compared with, never bound
    found = Found(
        source, settings, source.whole_line(node.span.start.line), (Address(host, int(uri["port"])),),
        part=node.value("@name") or uri["port"], variant="amqp" if "amqp" in named else None,
    )  # fmt: skip
    return components(ctx, [found], PRODUCT, PROGRAM, kind="broker", protocol=protocol)


def _place(source: SourceFile, node: Node, text: str) -> Span:
    """The place of a parameter in the text of its acceptor; the acceptor's own where it is written in another way."""
    start = source.offset(node.span.start)
    at = source.text.find(text, start, start + 4000)
    return source.span(at, at + len(text)) if at >= 0 else node.span
