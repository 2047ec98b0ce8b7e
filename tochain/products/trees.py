"""Files as trees by their endings, what could not be read told to the context, and settings taken from nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from tochain.formats.jsonfile import parse_json
from tochain.formats.keyvalue import Entry
from tochain.formats.tomlfile import parse_toml
from tochain.formats.tree import Document, Node
from tochain.formats.yamlfile import parse
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context

__all__ = ["document", "lines_of", "place", "rooted", "take", "tell"]


def document(ctx: Context, source: SourceFile, path: str = "") -> Document:
    """A YAML, JSON or TOML file as a tree, parsed once; `path` is what a file inside a ConfigMap is called."""
    name = path or source.path
    read = parse_toml if name.endswith(".toml") else parse_json if name.endswith(".json") else parse
    # What a manifest carries has the manifest's path, under which its own tree is kept.
    return read(source) if name != source.path else ctx.parsed(source, read)


def rooted(
    ctx: Context, parse_file: Callable[[SourceFile], Document], known: Callable[[Node], object]
) -> Iterator[tuple[SourceFile, Node]]:
    """The files that turn out to be the reader's own, by what it knows of their roots, and what is wrong with them told."""
    for source in ctx.files:
        found = ctx.parsed(source, parse_file)
        root = found.roots[0] if found.roots else None
        if root is not None and known(root):
            ctx.understood(source.path)
            tell(ctx, found)
            yield source, root


def tell(ctx: Context, found: Document) -> None:
    """Reports what could not be read in a file that turned out to be one's own."""
    for message, span, failed in found.problems:
        ctx.problem(span, message, "failed" if failed else "partly")


def place(node: Node, *path: str) -> Span:
    """The place of a value with its key in front, when both stand in one piece; the key's alone for a block."""
    parent = node.get(*path[:-1]) or node
    key, value = parent.key(path[-1]), parent.get(path[-1])
    if key is None or value is None:
        return parent.span
    return Span(key.span.path, key.span.start, value.span.end if value.kind == "scalar" else key.span.end)


def lines_of(node: Node) -> list[Entry]:
    """The scalars of a block as flat lines; a list is its key once for each element."""
    found = []
    for key, value in node.entries:
        for item in value.elements or [value]:
            if item.kind == "scalar":
                span = Span(key.span.path, key.span.start, item.span.end) if item is value else item.span
                found.append(Entry(key.text, item.text, span, key.span, item.span, item.quoted))
    return found


def take(node: Node | None, names: Mapping[str, str] | Iterable[str], scope: str = "", sep: str = ".") -> Settings:
    """Settings for the scalars under paths: a table of paths to the facts' names, or paths that are such names."""
    table = names if isinstance(names, Mapping) else {name: name for name in names}
    found: Settings = {}
    for path, name in table.items() if node is not None else ():
        steps = path.split(sep)
        value = node.get(*steps) if node is not None else None
        if node is not None and value is not None and value.kind == "scalar" and value.text not in ("", "null", "~"):
            found[name] = (Setting(name, value.text, place(node, *steps), scope=scope),)
    return found
