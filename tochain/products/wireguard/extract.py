"""WireGuard: the configuration of wg and wg-quick, one component for each interface with a link for each endpoint."""

from __future__ import annotations

from dataclasses import dataclass, field

from tochain.formats.ini import parse_ini
from tochain.formats.keyvalue import Entry
from tochain.model.component import Address, Component, Link, Word
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.flat import tell_lines
from tochain.products.scopes import folder_scope

__all__ = ["read"]

PRODUCT = "wireguard"
_KEEPALIVE = "PersistentKeepalive"


@dataclass(slots=True)
class _Section:
    """One [Interface] or [Peer]; every peer has a section of the same name."""

    head: Word
    lines: dict[str, Entry] = field(default_factory=dict)


def read(ctx: Context) -> Extract:
    """One component for each file; peers without an endpoint only answer."""
    extract = Extract()
    for source in ctx.files:
        entries = ctx.parsed(source, parse_ini)
        sections = _sections(entries.sections, entries.entries)
        if not any(section.head.text.lower() == "peer" for section in sections):
            continue
        tell_lines(ctx, source, entries)
        extract.components.append(_component(source, sections))
    return extract


def _sections(heads: list[Word], lines: list[Entry]) -> list[_Section]:
    """The lines under the head that stands nearest above them."""
    found = [_Section(head) for head in heads]
    for line in lines:
        at = line.span.start
        above = [section for section in found if section.head.span.start < at]
        if above:
            above[-1].lines[line.key.lower()] = line
    return found


def _component(source: SourceFile, sections: list[_Section]) -> Component:
    port, links = None, []
    for section in sections:
        listens = section.lines.get("listenport")
        if listens is not None and listens.value.isdecimal():
            port = int(listens.value)
        endpoint = section.lines.get("endpoint")
        if endpoint is not None:
            links.append(Link(_address(endpoint), endpoint.span, _settings(section), PRODUCT, "peer"))
    return Component(
        f"{PRODUCT}:{source.path}", PRODUCT, PRODUCT, sections[0].head.span, "server", scope=folder_scope(source.path),
        settings=links[0].settings if len(links) == 1 else {}, links=tuple(links),
        listens=(Address(port=port),) if port else (), protocol=PRODUCT, files=(source.path,),
    )  # fmt: skip


def _settings(section: _Section) -> Settings:
    line = section.lines.get(_KEEPALIVE.lower())
    return {_KEEPALIVE: (Setting(_KEEPALIVE, line.value, line.span),)} if line is not None else {}


def _address(endpoint: Entry) -> Address:
    host, _, port = endpoint.value.rpartition(":")
    return Address(host.strip("[]"), int(port) if port.isascii() and port.isdecimal() else None)
