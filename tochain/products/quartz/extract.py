"""Quartz: quartz.properties, the scheduler called by its instance name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tochain.formats.keyvalue import Entries, parse_properties
from tochain.model.component import Component, Link
from tochain.products.base import Context, Extract
from tochain.products.dsn import dsn_link_with_timers, parse_dsn
from tochain.products.flat import pick, tell_lines
from tochain.products.scopes import folder_scope

__all__ = ["read"]

PRODUCT = "quartz"


def read(ctx: Context) -> Extract:
    """One scheduler for each file."""
    extract = Extract()
    for source in ctx.files:
        entries = ctx.parsed(source, parse_properties)
        tell_lines(ctx, source, entries)
        name = entries.get("org.quartz.scheduler.instanceName")
        extract.components.append(
            Component(
                f"{PRODUCT}:{source.path}", name.value if name is not None and name.value else PRODUCT, PRODUCT,
                source.whole_line(1), "schedule", scope=folder_scope(source.path),
                settings=pick(entries.entries, PRODUCT), files=(source.path,), links=tuple(_links(entries)),
            )
        )  # fmt: skip
    return extract


def _links(entries: Entries) -> Iterator[Link]:
    """Where the job store's data sources connect to, with the timers of the driver in the URL."""
    for line in entries.entries:
        named = re.fullmatch(r"org\.quartz\.dataSource\.(\w+)\.(?:URL|url|jdbcUrl)", line.key)
        dsn = parse_dsn(line.value, line.value_span) if named else None
        if named and dsn is not None:
            yield dsn_link_with_timers(dsn, f"data source {named[1]}", always=True)[0]
