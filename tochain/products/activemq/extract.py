"""ActiveMQ Classic: each transport connector of an activemq.xml is a listener with the options of its URI."""

from __future__ import annotations

import re

from tochain.formats.tree import Node
from tochain.formats.xmlfile import parse_xml
from tochain.model.component import Address, Component
from tochain.model.fact import Setting, Settings
from tochain.model.limit import OFF, Finite, Limit
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, known_settings
from tochain.products.programs import Program
from tochain.products.trees import tell

__all__ = ["read"]

PRODUCT = "activemq"
PROGRAM = Program(re.compile(r"activemq(-classic)?(-.*)?"), frozenset({"activemq"}))
_URI = re.compile(
    r"(?:auto\+)?(?P<scheme>[a-z]+)[+\w]*://(?P<host>[^:/?]*)(?::(?P<port>\d+))?[^?]*(?:\?(?P<query>.*))?"
)
_PROTOCOLS = {"stomp": "stomp", "amqp": "amqp", "amqps": "amqp", "mqtt": "mqtt", "ws": "websocket", "wss": "websocket"}


def read(ctx: Context) -> Extract:
    """One component for each connector, for each workload that starts with the file."""
    extract = Extract()
    for source in ctx.files:
        document = ctx.parsed(source, parse_xml)
        nodes = [node for root in document.roots for node in _connectors(root)]
        if not nodes:
            continue
        ctx.understood(source.path)
        tell(ctx, document)
        for node in nodes:
            extract.components += _component(ctx, source, node)
    return extract


def _connectors(root: Node) -> list[Node]:
    found = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        found += [child for child in node.all("transportConnector") if child.value("@uri")]
        waiting += [child for _, child in node.entries if child.kind == "mapping"]
    return found


def _component(ctx: Context, source: SourceFile, node: Node) -> list[Component]:
    key, value = node.key("@uri"), node.get("@uri")
    uri = _URI.fullmatch(node.value("@uri").strip())
    if uri is None or key is None or value is None:
        return []
    span = Span(source.path, key.span.start, value.span.end)
    known = known_settings(PRODUCT)
    settings: Settings = {}
    for part in re.finditer(r"([\w.]+)=([^&]*)", uri["query"] or ""):
        name = part[1] if part[1] in known else part[1].removeprefix("transport.")
        name = f"wireFormat.{name}" if f"wireFormat.{name}" in known else name
        if name in known:
            beats = _beats(part[2]) if name.endswith("HeartBeat") else None
            settings[name] = (Setting(name, part[2], span, limit=beats),)
    listens = (Address("" if uri["host"] == "0.0.0.0" else uri["host"], int(uri["port"])),) if uri["port"] else ()  # noqa: S104
    protocol = _PROTOCOLS.get(uri["scheme"], "openwire")
    found = Found(
        source,
        settings,
        span,
        listens,
        part=node.value("@name") or uri["scheme"],
        variant="stomp" if protocol == "stomp" else None,
    )
    return components(ctx, [found], PRODUCT, PROGRAM, kind="broker", protocol=protocol)


def _beats(text: str) -> Limit | None:
    """What STOMP's pair of heart-beats comes to: the more frequent one; off where neither side sends any."""
    pair = re.fullmatch(r"\s*(\d{1,9})\s*,\s*(\d{1,9})\s*", text)
    if pair is None:
        return None
    given = [int(number) for number in pair.groups() if int(number)]
    return Finite(min(given) * 1000) if given else OFF
