"""NATS: the server's configuration file, its client port and its WebSocket listener."""

from __future__ import annotations

import re

from tochain.model.component import Address
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.configmaps import inputs
from tochain.products.flat import Found, components, known_settings
from tochain.products.groups import grouped
from tochain.products.programs import Program

__all__ = ["read"]

PRODUCT = "nats"
PROGRAM = Program(re.compile(r"nats(-server)?|nats-streaming"), frozenset({"nats-server"}))


def read(ctx: Context) -> Extract:
    """One broker for each workload or file."""
    found = []
    for path, source in inputs(ctx, PROGRAM.of(ctx.workloads), (".conf",)):
        one = _found(path, source)
        if one is not None:
            ctx.understood(source.path)
            found.append(one)
    return Extract(components(ctx, found, PRODUCT, PROGRAM, kind="broker", protocol="nats", port=4222))


def _found(path: str, source: SourceFile) -> Found | None:
    settings: Settings = {}
    listens: list[Address] = []
    known = known_settings(PRODUCT)
    for groups, key, text, span in grouped(source):
        name = ".".join((*groups, key)).lower()
        port = re.fullmatch(r"(?:.*:)?(\d{1,5})", text)
        if name in ("port", "listen", "websocket.port", "websocket.listen", "mqtt.port") and port:
            listens.append(Address(port=int(port[1])))
        elif name in known:
            settings[name] = (Setting(name, text, span),)
    return Found(source, settings, listens=listens, path=path) if settings or listens else None
