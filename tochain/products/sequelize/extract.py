"""Sequelize's config/config.json: the database of production with the pool in front of it."""

from __future__ import annotations

from tochain.formats.jsonfile import parse_json
from tochain.formats.tree import Node
from tochain.model.component import Address, Component, Link
from tochain.model.fact import Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.dsn import dsn_link, parse_dsn
from tochain.products.flat import known_settings
from tochain.products.patterns import Patterns
from tochain.products.pins import Pins
from tochain.products.programs import built_from
from tochain.products.trees import place, take, tell

__all__ = ["read"]

PRODUCT = "sequelize"
_PACKAGES = Patterns(PRODUCT, (), {"npm": ("sequelize", "@sequelize/core")})
_DIALECTS = {"postgres": ("postgresql", 5432), "mysql": ("mysql", 3306), "mariadb": ("mysql", 3306)}


def read(ctx: Context) -> Extract:
    """One pool for each file that has a production with a dialect."""
    extract, pins = Extract(), Pins(ctx)
    for source in ctx.files:
        document = ctx.parsed(source, parse_json)
        node = document.roots[0].get("production") if document.roots else None
        dialect = _DIALECTS.get(node.value("dialect")) if node is not None else None
        if node is None or dialect is None:
            continue
        ctx.understood(source.path)
        tell(ctx, document)
        owner = built_from(ctx.workloads, source.path)
        project = pins.project(source.path)
        settings = take(node, known_settings(PRODUCT))
        extract.components.append(
            Component(
                f"{PRODUCT}:{source.path}", owner.name if owner else PRODUCT, PRODUCT, place(node, "dialect"), "pool",
                pins.versions(_PACKAGES, source.path, owner), dialect[0], owner.scope if owner else f"dir:{project}",
                settings, links=tuple(_links(source, node, dialect, settings)), protocol=dialect[0],
                workload=owner.key if owner else "", files=(source.path,), part_of="" if owner else f"code:{project}",
            )
        )  # fmt: skip
    return extract


def _links(source: SourceFile, node: Node, dialect: tuple[str, int], settings: Settings) -> list[Link]:
    protocol, usual = dialect
    url, host, port = node.get("url"), node.get("host"), node.value("port")
    dsn = parse_dsn(url.text, url.span) if url is not None and url.kind == "scalar" else None
    if dsn is not None:
        return [dsn_link(dsn, "production", settings)]
    if host is not None and host.kind == "scalar" and host.text:
        return [
            Link(
                Address(host.text, int(port) if port.isdecimal() else usual),
                host.span,
                settings,
                protocol,
                "production",
            )
        ]
    variable = node.get("use_env_variable")
    place_of = variable.span if variable is not None else source.whole_line(node.span.start.line)
    reason = "the address comes from the environment" if variable is not None else "no host is given"
    return [Link(Address(), place_of, settings, protocol, "production", unknown=reason)]
