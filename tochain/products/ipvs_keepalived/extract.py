"""IPVS: a box for each virtual server, with the timeouts of the whole table, and links to its real servers."""

from __future__ import annotations

import re
from collections import defaultdict

from tochain.formats import blocks
from tochain.formats.template import NOTE
from tochain.model.component import Component, Link
from tochain.model.fact import Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.ipvs_keepalived.services import Service, Table, from_commands, from_keepalived
from tochain.products.scopes import folder_scope

__all__ = ["read"]

_KEEPALIVED = re.compile(r"(?m)^[ \t]*(?:virtual_server|vrrp_instance|global_defs|virtual_server_group)\b")
_DUMP = re.compile(r"(?m)^[ \t]*-A[ \t]+-[tuf][ \t]")


def read(ctx: Context) -> Extract:
    """Boxes of keepalived.conf files, of ipvsadm scripts, units and dumps; timeouts count for a whole folder."""
    tables: dict[str, list[tuple[SourceFile, Table]]] = defaultdict(list)
    for source in ctx.files:
        table = _table(ctx, source)
        if table is not None:
            tables[folder_scope(source.path)].append((source, table))
    out = Extract()
    for scope, found in tables.items():
        timeouts: Settings = {}
        for _, table in found:
            timeouts.update(table.timeouts)
        boxes = [_box(source, service, timeouts, scope) for source, table in found for service in table.services]
        # A virtual server that is added twice stays what it was the first time.
        boxes = list({box.key: box for box in reversed(boxes)}.values())[::-1]
        out.components += boxes or [_bare(source, table, scope) for source, table in found if table.timeouts]
    return out


def _table(ctx: Context, source: SourceFile) -> Table | None:
    if _KEEPALIVED.search(source.text):
        file = ctx.parsed(source, blocks.parse_keepalived)
        ctx.understood(source.path)
        if file.template is not None:
            ctx.problem(file.template, NOTE)
        for message, span in file.problems:
            ctx.problem(span, message)
        return from_keepalived(file)
    if "ipvsadm" in source.text or _DUMP.search(source.text):
        table = from_commands(source, dump=_DUMP.search(source.text) is not None)
        if table.services or table.timeouts:
            ctx.understood(source.path)
            return table
    return None


def _box(source: SourceFile, service: Service, timeouts: Settings, scope: str) -> Component:
    protocol = "udp" if service.udp else "tcp"
    return Component(
        key=f"ipvs-keepalived:{source.path}#{service.name}{'/udp' if service.udp else ''}",
        name=service.name,
        product="ipvs-keepalived",
        span=service.span,
        kind="box",
        scope=scope,
        settings={**timeouts, **service.settings},
        listens=tuple(service.listens),
        links=tuple(
            Link(real.address, real.span, {}, "", f"virtual server {service.name}", unknown=real.unknown)
            for real in service.reals
        ),
        protocol=protocol,
        traits=frozenset({"dsr"}) if service.method in ("DR", "TUN") else frozenset(),
        files=(source.path,),
    )


def _bare(source: SourceFile, table: Table, scope: str) -> Component:
    """The table of a host whose virtual servers stand elsewhere."""
    assert table.span is not None
    return Component(
        key=f"ipvs-keepalived:{source.path}#table",
        name="ipvs-keepalived",
        product="ipvs-keepalived",
        span=table.span,
        kind="box",
        scope=scope,
        settings=table.timeouts,
        protocol="tcp",
        files=(source.path,),
    )
