"""Quartz: quartz.properties, the scheduler called by its instance name."""

from __future__ import annotations

from tochain.formats.keyvalue import parse_properties
from tochain.model.component import Component
from tochain.products.base import Context, Extract
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
                settings=pick(entries.entries, PRODUCT), files=(source.path,),
            )
        )  # fmt: skip
    return extract
