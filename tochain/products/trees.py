"""A file as a tree by its ending, with what could not be read told to the context."""

from __future__ import annotations

from tochain.formats.jsonfile import parse_json
from tochain.formats.tomlfile import parse_toml
from tochain.formats.tree import Document
from tochain.formats.yamlfile import parse
from tochain.model.span import SourceFile
from tochain.products.base import Context

__all__ = ["document", "tell"]


def document(ctx: Context, source: SourceFile) -> Document:
    """A YAML, JSON or TOML file as a tree, parsed once."""
    if source.path.endswith(".toml"):
        return ctx.parsed(source, parse_toml)
    return ctx.parsed(source, parse_json if source.path.endswith(".json") else parse)


def tell(ctx: Context, found: Document) -> None:
    """Reports what could not be read in a file that turned out to be one's own."""
    for message, span, failed in found.problems:
        ctx.problem(span, message, "failed" if failed else "partly")
