"""Rails' config/database.yml: a pool for each database of production, with its own timers and address."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tochain.formats.tree import Node
from tochain.formats.yamlfile import parse
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.dsn import dsn_link, parse_dsn
from tochain.products.facts import TEMPLATE
from tochain.products.flat import known_settings
from tochain.products.patterns import Patterns
from tochain.products.pins import Pins
from tochain.products.programs import built_from
from tochain.products.trees import tell

__all__ = ["read"]

PRODUCT = "activerecord"
_GEMS = Patterns(PRODUCT, (), {"gem": ("activerecord", "rails")})
_ADAPTERS = {
    "postgresql": ("postgresql", "postgresql", 5432), "postgis": ("postgresql", "postgresql", 5432),
    "mysql2": ("mysql2", "mysql", 3306), "trilogy": ("trilogy", "mysql", 3306),
}  # fmt: skip
_ENV = re.compile(r"<%=\s*ENV(?:\.fetch)?[\[(]\s*[\"'](\w+)[\"']")


def read(ctx: Context) -> Extract:
    """One pool for each database of the file."""
    extract, pins = Extract(), Pins(ctx)
    for source in ctx.files:
        document = ctx.parsed(source, parse)
        databases = [found for root in document.roots for found in _databases(root)]
        if not databases:
            continue
        ctx.understood(source.path)
        tell(ctx, document)
        owner = built_from(ctx.workloads, source.path)
        extract.components += [_pool(source, label, node, owner, pins) for label, node in databases]
    return extract


def _databases(root: Node) -> Iterator[tuple[str, Node]]:
    """The databases of production; of the only environment where there is no other."""
    stages = {key.text: value for key, value in root.entries if value.kind == "mapping"}
    stage = stages.get("production")
    if stage is None:
        return
    if _adapter(stage):
        yield "production", stage
        return
    for key, value in stage.entries:
        if value.kind == "mapping" and _adapter(value):
            yield key.text, value


def _adapter(node: Node) -> str:
    """The adapter that is written, or that of a URL that is."""
    named = node.value("adapter")
    url = node.value("url").partition("://")[0]
    word = named or {"postgres": "postgresql", "mysql": "mysql2"}.get(url, url)
    return word if word in _ADAPTERS else ""


def _pool(source: SourceFile, label: str, node: Node, owner: Workload | None, pins: Pins) -> Component:
    variant, protocol, port = _ADAPTERS[_adapter(node)]
    settings = _settings(node)
    project = pins.project(source.path)
    place = node.key("adapter") or node.key("url")
    span = place.span if place is not None and place.span.path == source.path else node.span
    return Component(
        f"{PRODUCT}:{source.path}#{label}", owner.name if owner else PRODUCT, PRODUCT, span, "pool",
        pins.versions(_GEMS, source.path, owner), variant, owner.scope if owner else f"dir:{project}", settings,
        links=(_link(node, label, protocol, port, settings, owner),), workload=owner.key if owner else "",
        files=(source.path,), part_of="" if owner else f"code:{project}",
    )  # fmt: skip


def _settings(node: Node) -> Settings:
    known = known_settings(PRODUCT)
    found: Settings = {}
    nested = [(f"variables.{key.text}", key, value) for key, value in node.pairs("variables")]
    for name, key, value in (*((key.text, key, value) for key, value in node.entries), *nested):
        if name in known and value.kind == "scalar" and value.text:
            found[name] = (Setting(name, value.text, Span(key.span.path, key.span.start, value.span.end)),)
    return found


def _link(
    node: Node, label: str, protocol: str, port: int, settings: Settings, owner: Workload | None
) -> Link:  # fmt: skip
    url = node.get("url")
    if url is not None and url.kind == "scalar":
        dsn = parse_dsn(_filled(url.text, owner), url.span)
        if dsn is not None and not dsn.unknown:
            return dsn_link(dsn, label, settings)
    host = node.get("host")
    if host is None or host.kind != "scalar":
        reason = "the address comes from the environment" if url is not None else "no host is given"
        return Link(Address(), node.span, settings, protocol, label, unknown=reason)
    name, given = _filled(host.text, owner), _filled(node.value("port"), owner)
    if TEMPLATE.search(name):
        return Link(Address(), host.span, settings, protocol, label, unknown=f"filled in later: {name[:60]}")
    return Link(Address(name, int(given) if given.isdecimal() else port), host.span, settings, protocol, label)


def _filled(text: str, owner: Workload | None) -> str:
    """A text with the one variable it takes, where the program that reads it has that."""
    named = _ENV.match(text.strip())
    word = owner.env.get(named[1]) if named and owner else None
    return word.text if word is not None else text
