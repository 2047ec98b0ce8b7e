"""Mosquitto: listeners of the broker, and each bridge as a client of another one."""

from __future__ import annotations

import re

from tochain.formats.ini import parse_words
from tochain.formats.keyvalue import Entries, Entry
from tochain.model.component import Address, Link
from tochain.model.fact import Setting
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, given, pick, tell_lines
from tochain.products.programs import Program

__all__ = ["read"]

PRODUCT = "mqtt-mosquitto"
PROGRAM = Program(re.compile(r"(eclipse-)?mosquitto.*"), frozenset({"mosquitto"}))
_LISTENERS = ("listener", "port")
_KEEPALIVE = "keepalive_interval"


def read(ctx: Context) -> Extract:
    """One broker for each workload or file."""
    found = []
    for path, source, entries in given(ctx, PROGRAM, parse_words, ".conf"):
        tell_lines(ctx, source, entries)
        own, bridges = _split(entries)
        listens = [Address(_host(line), int(line.args[0].text)) for line in own if _listens(line)]
        links = [link for bridge in bridges for link in _links(bridge)]
        found.append(Found(source, pick(own, PRODUCT), listens=listens, links=links, path=path))
    return Extract(components(ctx, found, PRODUCT, PROGRAM, kind="broker", protocol="mqtt", port=1883))


def _split(entries: Entries) -> tuple[list[Entry], list[list[Entry]]]:
    """The broker's own lines, and those of each `connection`, which ends at the next one or at a listener."""
    own: list[Entry] = []
    bridges: list[list[Entry]] = []
    inside = False
    for line in entries.entries:
        if line.key == "connection":
            bridges.append([])
            inside = True
        elif line.key in _LISTENERS:
            inside = False
        (bridges[-1] if inside else own).append(line)
    return own, bridges


def _listens(line: Entry) -> bool:
    return line.key in _LISTENERS and bool(line.args) and line.args[0].text.isdecimal() and line.args[0].text != "0"


def _host(line: Entry) -> str:
    return line.args[1].text if line.key == "listener" and len(line.args) > 1 else ""


def _links(bridge: list[Entry]) -> list[Link]:
    # What a bridge does not say has the bridge's default, which a client of the broker knows nothing of.
    usual = Setting(_KEEPALIVE, "60", bridge[0].span, "default", scope="bridge")
    settings = {_KEEPALIVE: (usual,), **pick(bridge, PRODUCT)}
    name = bridge[0].value
    return [
        Link(_address(word.text), word.span, settings, "mqtt", f"bridge {name}")
        for line in bridge
        if line.key in ("address", "addresses")
        for word in line.args
    ]


def _address(text: str) -> Address:
    host, _, port = text.partition(":") if text.count(":") == 1 else (text, "", "")
    return Address(host, int(port) if port.isdecimal() else 1883)
