"""BIG-IP: a component for each virtual server; one that only passes packets on is a box."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tochain.formats import blocks
from tochain.formats.jsonfile import parse_json
from tochain.formats.template import NOTE
from tochain.model.component import Component, Link
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.f5_bigip.as3 import services
from tochain.products.f5_bigip.objects import virtuals
from tochain.products.f5_bigip.virtuals import Virtual
from tochain.products.scopes import folder_scope

__all__ = ["read"]

_OBJECTS = re.compile(r"(?m)^[^#\n]*\bltm[ \t]+(?:virtual|pool|profile|monitor|node)\b")


def read(ctx: Context) -> Extract:
    """The virtual servers of bigip.conf files, tmsh scripts and AS3 declarations."""
    out = Extract()
    for source in ctx.files:
        found = list(_virtuals(ctx, source))
        if found:
            ctx.understood(source.path)
        out.components += [_component(source, virtual) for virtual in found]
    return out


def _virtuals(ctx: Context, source: SourceFile) -> Iterator[Virtual]:
    if source.text.lstrip()[:1] == "{":
        document = ctx.parsed(source, parse_json)
        yield from services(document)
        return
    if not _OBJECTS.search(source.text):
        return
    file = ctx.parsed(source, blocks.parse_bigip)
    if file.template is not None:
        ctx.problem(file.template, NOTE)
    for message, span in file.problems:
        ctx.problem(span, message)
    yield from virtuals(file)


def _component(source: SourceFile, virtual: Virtual) -> Component:
    plain = "fastl4" in virtual.kinds or ("udp" in virtual.kinds and "tcp" not in virtual.kinds)
    http = bool({"http", "http2"} & virtual.kinds)
    settings = virtual.settings
    protocol = "http" if http and not plain else ""
    return Component(
        key=f"f5-bigip:{source.path}#{virtual.name}",
        name=virtual.name,
        product="f5-bigip",
        span=virtual.span,
        kind="box" if plain else "lb",
        variant="fastl4" if plain else None,
        scope=folder_scope(source.path),
        settings=settings,
        listens=tuple(virtual.listens),
        links=tuple(
            Link(member.address, member.span, settings, protocol, f"virtual {virtual.name}", unknown=member.unknown)
            for member in virtual.members
        ),
        protocol=protocol or "tcp",
        traits=frozenset(virtual.kinds),
        files=(source.path,),
    )
