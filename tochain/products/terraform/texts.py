"""JSON in texts: heredocs and template files, with their interpolations, at the places they are written."""

from __future__ import annotations

import re

from tochain.formats.jsonfile import parse_json
from tochain.formats.tree import Node
from tochain.model.span import SourceFile, Span
from tochain.products.cloud import Value
from tochain.products.terraform.expression import template
from tochain.products.terraform.names import Names, closing
from tochain.products.terraform.scalars import scalar, unknown

__all__ = ["structured"]

MAX_LEVELS = 60
_PIECE = re.compile(r'\\.|"|\$\$\{|\$\{|%\{[^}\n]*\}')


def structured(source: SourceFile, whole: Span, names: Names) -> Value | None:
    """The JSON of a text, its interpolations evaluated; None when it is none."""
    if not source.text.lstrip().startswith(("[", "{")):
        return None
    document = parse_json(SourceFile(source.path, _masked(source.text)))
    if not document.roots or any(failed for _, _, failed in document.problems):
        return None
    return _value(document.roots[0], source, names, 0)


def _masked(text: str) -> str:
    """The text with each interpolation as letters inside a string and as a number outside, offset for offset."""
    parts: list[str] = []
    done, quoted = 0, False
    at = 0
    while (found := _PIECE.search(text, at)) is not None:
        at = found.end()
        if found[0] == '"':
            quoted = not quoted
        elif found[0].startswith("%{"):
            parts += [text[done : found.start()], "x" * len(found[0]) if quoted else " " * len(found[0])]
            done = at
        elif found[0] == "${":
            end = closing(text, at)
            if end == -1:
                break
            hidden = text[found.start() : end]
            filler = "x" if quoted else "9"
            parts += [text[done : found.start()], "".join(c if c == "\n" else filler for c in hidden)]
            done = at = end
    parts.append(text[done:])
    return "".join(parts)


def _value(node: Node, source: SourceFile, names: Names, level: int) -> Value:
    if level > MAX_LEVELS:
        return unknown(node.span, "", "nested too deeply")
    match node.kind:
        case "mapping":
            entries = {key.text: _value(value, source, names, level + 1) for key, value in node.entries}
            return Value("mapping", node.span, entries=entries)
        case "sequence":
            return Value(
                "sequence", node.span, elements=[_value(item, source, names, level + 1) for item in node.elements]
            )
        case _:
            return _scalar(node, source, names)


def _scalar(node: Node, source: SourceFile, names: Names) -> Value:
    start, end = source.offset(node.span.start), source.offset(node.span.end)
    raw = source.text[start:end]
    if "${" not in raw:
        return Value("null", node.span) if node.text == "null" and not node.quoted else scalar(node.text, node.span)
    inner = start + 1 if node.quoted else start
    text = raw[1:-1] if node.quoted else raw
    return template(text, lambda a, b: source.span(inner + a, inner + b), names, node.span)
