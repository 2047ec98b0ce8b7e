"""Envoy's messages as YAML or JSON: field names in either spelling, extension configs unwrapped."""

from __future__ import annotations

from functools import cache

from tochain.formats.tree import Node
from tochain.model.fact import Setting
from tochain.model.span import Span

__all__ = ["each", "field", "line", "message", "setting", "text", "type_name"]


@cache
def _spellings(name: str) -> tuple[str, ...]:
    head, *rest = name.split("_")
    camel = head + "".join(part[:1].upper() + part[1:] for part in rest)
    return (name,) if camel == name else (name, camel)


def field(node: Node | None, *path: str | int) -> Node | None:
    """The value under a path of field names in snake_case, written as that or in camelCase."""
    for step in path:
        if node is None:
            return None
        names = _spellings(step) if isinstance(step, str) else (step,)
        node = next((found for name in names if (found := node.get(name)) is not None), None)
    return node


def each(node: Node | None, *path: str | int) -> list[Node]:
    """The elements of a repeated field; one value alone counts as one."""
    found = field(node, *path)
    if found is None:
        return []
    return found.elements if found.kind == "sequence" else [found]


def text(node: Node | None, *path: str | int) -> str:
    """The text of a scalar field; empty where there is none."""
    found = field(node, *path)
    return found.text if found is not None and found.kind == "scalar" else ""


def type_name(node: Node | None) -> str:
    """The last part of a message's "@type"; empty where it has none."""
    return text(node, "@type").rpartition(".")[2] if node is not None else ""


def message(node: Node | None) -> Node | None:
    """The config inside an extension's wrapper (typed_config, or config in old files)."""
    found = field(node, "typed_config") or field(node, "config")
    inner = field(found, "value")
    return inner if type_name(found) == "TypedStruct" and inner is not None else found


def line(node: Node, *path: str) -> Span:
    """The place of a field, from its key to its value when both stand in one line."""
    parent = field(node, *path[:-1]) or node
    for key, value in parent.entries:
        if key.text in _spellings(path[-1]):
            if value.kind == "scalar":
                return Span(key.span.path, key.span.start, value.span.end)
            return key.span
    return parent.span


def setting(node: Node | None, path: str, name: str, scope: str = "") -> Setting | None:
    """The setting a dotted path of fields holds, under the name the facts give it; None where it is not written."""
    steps = path.split(".")
    found = field(node, *steps)
    if node is None or found is None or found.kind != "scalar":
        return None
    return Setting(name, found.text, line(node, *steps), scope=scope)
