"""Files that tochain.yaml hands to a product without a reader: its own settings, by their names, in any plain format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from tochain.formats import yamlfile
from tochain.formats.ini import parse_cfg, parse_ini
from tochain.formats.jsonfile import parse_json
from tochain.formats.keyvalue import Entries, parse_env, parse_properties
from tochain.formats.tomlfile import parse_toml
from tochain.formats.tree import Document
from tochain.model.component import Component
from tochain.model.fact import Settings
from tochain.model.span import SourceFile, Span
from tochain.products import facts
from tochain.products.base import Context, Extract
from tochain.products.facts import ProductFacts
from tochain.products.flat import written
from tochain.products.groups import grouped
from tochain.products.scopes import folder_scope

__all__ = ["read"]

Pairs = Iterator[tuple[str, str, Span]]
_TREES: dict[str, Callable[[SourceFile], Document]] = {
    ".yaml": yamlfile.parse, ".yml": yamlfile.parse, ".json": parse_json, ".toml": parse_toml,
}  # fmt: skip
_LINES: dict[str, Callable[[SourceFile], Entries]] = {
    ".properties": parse_properties, ".env": parse_env, ".ini": parse_ini, ".cfg": parse_cfg,
}  # fmt: skip


def read(ctx: Context) -> Extract:
    """A component for each file that sets something the product's facts know."""
    known = facts.load(ctx.product)
    extract = Extract()
    for source in ctx.files:
        settings = written(ctx.product, _pairs(ctx, source))
        if not settings or known is None:
            continue
        ctx.understood(source.path)
        extract.components.append(_component(source, settings, known))
    return extract


def _component(source: SourceFile, settings: Settings, known: ProductFacts) -> Component:
    protocol = known.protocols[0] if known.protocols and known.kind not in ("client", "proxy") else ""
    return Component(
        f"{known.product}:{source.path}", known.product, known.product, source.whole_line(1), known.kind,
        scope=folder_scope(source.path), settings=settings, protocol=protocol, files=(source.path,),
    )  # fmt: skip


def _pairs(ctx: Context, source: SourceFile) -> Pairs:
    """Every value with its dotted name; groups in braces for what is of no other kind."""
    ending = PurePosixPath(source.path).suffix.lower()
    if ending in _TREES:
        for root in ctx.parsed(source, _TREES[ending]).roots:
            for path, node in root.walk():
                yield ".".join(map(str, path)), node.text, node.span
    elif ending in _LINES:
        for line in ctx.parsed(source, _LINES[ending]).entries:
            yield line.key, line.value, line.span
    elif ending in (".conf", ".hocon", ""):
        for groups, key, text, span in grouped(source):
            yield ".".join((*groups, key)), text, span
