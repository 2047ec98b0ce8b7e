"""Attributes, blocks and dynamic blocks of Terraform bodies to values."""

from __future__ import annotations

from tochain.formats.tree import Node
from tochain.model.span import SourceFile
from tochain.products.cloud import Value
from tochain.products.terraform.expression import dedented, evaluate, template
from tochain.products.terraform.names import Names, Place
from tochain.products.terraform.scalars import scalar, unknown

__all__ = ["body", "place_of"]

MAX_LEVELS = 40
MAX_BLOCKS = 64


def place_of(source: SourceFile, base: int) -> Place:
    """Places of a text that begins at an offset of a file."""
    return lambda start, end: source.span(base + start, base + end)


def body(node: Node, source: SourceFile, names: Names, level: int = 0) -> Value:
    """What a node comes to: blocks of one type are a list, whether there is one or several."""
    if level > MAX_LEVELS:
        return unknown(node.span, "", "nested too deeply")
    if node.kind == "scalar":
        return _scalar(node, source, names)
    if node.kind == "sequence":
        return Value("sequence", node.span, elements=[body(item, source, names, level + 1) for item in node.elements])
    entries: dict[str, Value] = {}
    blocks: dict[str, list[Value]] = {}
    for key, value in node.entries:
        if key.text.startswith("@"):
            continue
        if key.text == "dynamic" and value.tag == "dynamic":
            blocks.setdefault(value.value("@0"), []).extend(_dynamic(value, source, names, level))
        elif value.tag and value.tag == key.text and value.kind == "mapping":
            blocks.setdefault(key.text, []).append(body(value, source, names, level + 1))
        else:
            entries[_key(key, source, names)] = body(value, source, names, level + 1)
    for name, found in blocks.items():
        entries[name] = Value("sequence", found[0].span if found else node.span, elements=found)
    return Value("mapping", node.span, entries=entries)


def _key(key: Node, source: SourceFile, names: Names) -> str:
    if not key.expression:
        return key.text
    start = source.offset(key.span.start)
    text = source.text[start : source.offset(key.span.end)]
    value = evaluate(text, place_of(source, start), names)
    return value.text if value.kind == "scalar" else key.text


def _scalar(node: Node, source: SourceFile, names: Names) -> Value:
    if node.expression:
        start = source.offset(node.span.start)
        text = source.text[start : source.offset(node.span.end)]
        return evaluate(text, place_of(source, start), names)
    if not node.quoted:
        return Value("null", node.span) if node.text == "null" else scalar(node.text, node.span)
    if "${" not in node.text and "%{" not in node.text:
        return Value("scalar", node.span, node.text, source=_heredoc(node, source))
    start, end = source.offset(node.span.start), source.offset(node.span.end)
    raw = source.text[start:end]
    if raw.startswith('"'):
        return template(raw[1:-1], place_of(source, start + 1), names, node.span)
    return _heredoc_template(node, source, names)


def _heredoc(node: Node, source: SourceFile) -> SourceFile | None:
    """The heredoc alone, at its own place in the file."""
    start, end = source.offset(node.span.start), source.offset(node.span.end)
    raw = source.text[start:end]
    if not raw.startswith("<<") or "\n" not in raw:
        return None
    begin = start + raw.index("\n") + 1
    stop = start + raw.rindex("\n") + 1
    blank = "".join(c if c == "\n" else " " for c in source.text[:begin])
    return SourceFile(source.path, blank + source.text[begin:stop])


def _heredoc_template(node: Node, source: SourceFile, names: Names) -> Value:
    from tochain.products.terraform.texts import structured

    alone = _heredoc(node, source)
    made = structured(alone, node.span, names) if alone is not None else None
    if made is not None:
        return made

    start, end = source.offset(node.span.start), source.offset(node.span.end)
    raw = source.text[start:end]
    begin, stop = raw.index("\n") + 1, raw.rindex("\n") + 1
    value = template(raw[begin:stop], place_of(source, start + begin), names, node.span, heredoc=True)
    return dedented(value, raw[begin:stop]) if raw.startswith("<<-") else value


def _dynamic(node: Node, source: SourceFile, names: Names, level: int) -> list[Value]:
    """The blocks a dynamic block makes; one with unknown parts where what it runs over is not known."""
    over, content = node.get("for_each"), node.get("content")
    if content is None:
        return []
    items = body(over, source, names, level + 1) if over is not None else unknown(node.span, "", "no for_each")
    name = node.value("iterator") or node.value("@0")
    if items.kind == "mapping":
        pairs = [(scalar(key, value.span), value) for key, value in items.entries.items()]
    elif items.kind in ("sequence", "null"):
        pairs = [(scalar(str(at), value.span), value) for at, value in enumerate(items.elements)]
    else:
        blank = unknown(items.span, "", items.reason or "not known here", items)
        pairs = [(blank, blank)]
    return [
        body(
            content,
            source,
            names.bound({name: Value("mapping", value.span, entries={"key": key, "value": value})}),
            level + 1,
        )
        for key, value in pairs[:MAX_BLOCKS]
    ]
