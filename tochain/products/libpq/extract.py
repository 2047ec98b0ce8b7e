"""libpq's service file: each service as a client with its address and timers."""

from __future__ import annotations

from tochain.formats.ini import parse_ini
from tochain.formats.keyvalue import Entries
from tochain.model.component import Address, Component, Link
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.flat import pick, tell_lines
from tochain.products.scopes import folder_scope

__all__ = ["read"]

PRODUCT = "libpq"


def read(ctx: Context) -> Extract:
    """One client for each section of a pg_service.conf."""
    extract = Extract()
    for source in ctx.files:
        entries = ctx.parsed(source, parse_ini)
        tell_lines(ctx, source, entries)
        extract.components += [_service(source, entries, head.text) for head in entries.sections]
    return extract


def _service(source: SourceFile, entries: Entries, name: str) -> Component:
    lines = entries.within(name)
    settings = pick(lines, PRODUCT)
    host, port = entries.get("host", name), entries.get("port", name)
    number = int(port.value) if port is not None and port.value.isdecimal() else 5432
    links: tuple[Link, ...] = ()
    if host is not None and host.value:
        socket = f"{host.value}/.s.PGSQL.{number}" if host.value.startswith("/") else ""
        target = Address(socket=socket) if socket else Address(host.value.split(",")[0], number)
        links = (Link(target, host.span, settings, "postgresql", f"service {name}"),)
    head = next(word for word in entries.sections if word.text == name)
    return Component(
        f"{PRODUCT}:{source.path}#{name}", name, PRODUCT, head.span, "client", scope=folder_scope(source.path),
        settings=settings, links=links, protocol="postgresql", files=(source.path,),
    )  # fmt: skip
