"""c3p0: c3p0.properties and c3p0-config.xml, its default and its named configurations."""

from __future__ import annotations

from collections.abc import Iterator

from tochain.formats.keyvalue import parse_properties
from tochain.formats.tree import Node
from tochain.formats.xmlfile import parse_xml
from tochain.model.component import Component, Link
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.dsn import dsn_link_with_timers, parse_dsn
from tochain.products.flat import pick, tell_lines
from tochain.products.scopes import folder_scope
from tochain.products.trees import tell

__all__ = ["read"]

PRODUCT = "c3p0"
_PREFIX = "c3p0."


def read(ctx: Context) -> Extract:
    """One pool for each file of properties, and for each configuration of an XML file."""
    extract = Extract()
    for source in ctx.files:
        if source.path.endswith(".xml"):
            extract.components += _from_xml(ctx, source)
            continue
        entries = ctx.parsed(source, parse_properties)
        tell_lines(ctx, source, entries)
        url = entries.get(f"{_PREFIX}jdbcUrl")
        links = _links(url.value, url.span) if url is not None else ()
        settings = pick(entries.entries, PRODUCT, spelled=lambda key: key.removeprefix(_PREFIX))
        extract.components.append(_component(source, PRODUCT, source.whole_line(1), settings, links))
    return extract


def _from_xml(ctx: Context, source: SourceFile) -> Iterator[Component]:
    document = ctx.parsed(source, parse_xml)
    ctx.understood(source.path)
    tell(ctx, document)
    for root in document.roots:
        common = _properties(next(iter(root.all("default-config")), None))
        if common:
            yield _component(source, PRODUCT, source.whole_line(root.span.start.line), common)
        for named in root.all("named-config"):
            name = named.value("@name") or PRODUCT
            place = source.whole_line(named.span.start.line)
            yield _component(source, name, place, {**common, **_properties(named)})


def _properties(config: Node | None) -> Settings:
    found: Settings = {}
    for node in config.all("property") if config is not None else ():
        name, text = node.value("@name"), node.get("@value")
        value = text if text is not None else node
        if name and value.text:
            found[name] = (Setting(name, value.text, value.span),)
    return found


def _links(url: str, span: Span) -> tuple[Link, ...]:
    dsn = parse_dsn(url, span)
    return (dsn_link_with_timers(dsn)[0],) if dsn is not None else ()


def _component(
    source: SourceFile, name: str, place: Span, settings: Settings, links: tuple[Link, ...] = ()
) -> Component:
    return Component(
        f"{PRODUCT}:{source.path}#{name}", name, PRODUCT, place, "pool", scope=folder_scope(source.path),
        settings=settings, links=links, files=(source.path,),
    )  # fmt: skip
