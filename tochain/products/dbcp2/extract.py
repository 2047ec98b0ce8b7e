"""The pools that Tomcat makes of `<Resource type="javax.sql.DataSource">` in context.xml and server.xml.

Without a `factory` it is Tomcat's own copy of DBCP 2; the names of the attributes are those of the pool's properties.
"""

from __future__ import annotations

from collections.abc import Iterator

from tochain.formats.tree import Node
from tochain.formats.xmlfile import parse_xml
from tochain.model.component import Component, Link
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.dsn import dsn_link_with_timers, parse_dsn
from tochain.products.scopes import folder_scope
from tochain.products.trees import tell

__all__ = ["read"]

PRODUCT = "dbcp2"
_FACTORIES = {"tomcat.jdbc": "tomcat-jdbc", "tomcat.dbcp": "dbcp2", "commons.dbcp2": "dbcp2", "": "dbcp2"}
_URLS = ("@url", "@jdbcUrl", "@jdbcURL")


def read(ctx: Context) -> Extract:
    """One pool for each data source."""
    extract = Extract()
    for source in ctx.files:
        document = ctx.parsed(source, parse_xml)
        found = [pool for root in document.roots for node in _resources(root) if (pool := _pool(source, node))]
        if found or document.problems:
            ctx.understood(source.path)
            tell(ctx, document)
        extract.components += found
    return extract


def _resources(root: Node) -> Iterator[Node]:
    work = [root]
    while work:
        node = work.pop()
        if node.tag == "Resource" and node.value("@type") == "javax.sql.DataSource":
            yield node
        work += [value for _, value in reversed(node.entries) if value.kind == "mapping"]
        work += [value for _, group in node.entries if group.kind == "sequence" for value in group.elements]


def _pool(source: SourceFile, node: Node) -> Component | None:
    factory = node.value("@factory")
    product = next((name for part, name in _FACTORIES.items() if part in factory and (part or not factory)), None)
    if product is None:
        return None
    settings: Settings = {}
    for key, value in node.entries:
        if key.text.startswith("@"):
            name = key.text.removeprefix("@")
            settings[name] = (Setting(name, value.text, Span(source.path, key.span.start, value.span.end)),)
    name = node.value("@name").rpartition("/")[2] or product
    at = source.whole_line(node.span.start.line)
    return Component(
        f"{product}:{source.path}#{name}", name, product, at, "pool", scope=folder_scope(source.path),
        settings=settings, links=tuple(_links(node)), files=(source.path,),
    )  # fmt: skip


def _links(node: Node) -> Iterator[Link]:
    for url in _URLS:
        found = node.get(url)
        dsn = parse_dsn(found.text, found.span) if found is not None else None
        if dsn is not None:
            yield dsn_link_with_timers(dsn)[0]
