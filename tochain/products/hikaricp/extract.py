"""HikariCP: the properties file of a pool, whatever starts with it."""

from __future__ import annotations

import re

from tochain.formats.keyvalue import Entries, parse_properties
from tochain.model.component import Address, Link
from tochain.model.fact import Settings
from tochain.products.base import Context, Extract
from tochain.products.dsn import dsn_link_with_timers, parse_dsn
from tochain.products.flat import Found, components, pick, tell_lines
from tochain.products.programs import Program

__all__ = ["read"]

PRODUCT = "hikaricp"
_NOBODY = Program(re.compile(r"(?!)"), frozenset())
_ALSO = ("minimumIdle", "maximumPoolSize")


def read(ctx: Context) -> Extract:
    """One pool for each file."""
    found = []
    for source in ctx.files:
        entries = ctx.parsed(source, parse_properties)
        tell_lines(ctx, source, entries)
        settings = pick(entries.entries, PRODUCT, also=_ALSO)
        name = entries.get("poolName")
        found.append(Found(source, settings, links=_links(entries, settings), name=name.value if name else ""))
    return Extract(components(ctx, found, PRODUCT, _NOBODY, kind="pool"))


def _links(entries: Entries, settings: Settings) -> list[Link]:
    """Where the pool connects to: its URL, or the server's name among the data source's properties."""
    url = entries.get("jdbcUrl") or entries.get("dataSource.url")
    dsn = parse_dsn(url.value, url.value_span) if url is not None else None
    if dsn is not None:
        return [dsn_link_with_timers(dsn, "jdbcUrl", settings or {"": ()}, always=True)[0]]
    host, port = entries.get("dataSource.serverName"), entries.get("dataSource.portNumber")
    if host is None or not host.value or "$" in host.value:
        return []
    number = int(port.value) if port is not None and port.value.isdecimal() else None
    return [Link(Address(host.value, number), host.span, settings or {"": ()}, label="dataSource.serverName")]
