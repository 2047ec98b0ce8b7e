"""Names that get their value from outside, as an annotation says: `@Value("${timeout:5000}") int timeout`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tochain.formats.codenames import Node, last_name, named_children, static_text
from tochain.formats.languages import CLASSES, FUNCTIONS

if TYPE_CHECKING:
    from tochain.formats.code import Code

__all__ = ["Injected", "injections", "inside_annotation", "prefixes"]

_ANNOTATED = re.compile(r"@(?:field:|param:|get:)?(?:Value|ConfigProperty|Property)\b")
_WANTED = ("Value", "ConfigProperty", "Property")
_FILLED = "ConfigurationProperties"
_NEAR = 6
_MODIFIERS = ("modifiers", "parameter_modifiers")
_HOLDERS = ("annotation_argument_list", "value_arguments")


@dataclass(frozen=True, slots=True)
class Injected:
    """What an annotation says of a name: its own name, its texts ("" for the one without a name), the declared type.

    `scope` is where in the file the name means this.
    """

    annotation: str
    texts: Mapping[str, str]
    type: str
    scope: tuple[int, int]
    path: str

    def holds_at(self, place: int) -> bool:
        """Whether the name means this at an offset of the file."""
        return self.scope[0] <= place < self.scope[1]


def injections(code: Code) -> dict[str, list[Injected]]:
    """The names a file of Java or Kotlin has injected, inner scopes first."""
    if code.family not in ("java", "kotlin") or not _ANNOTATED.search(code.source.text):
        return {}
    found: dict[str, list[Injected]] = {}
    for node in code.root.find_all({"rule": {"kind": "annotation"}}):
        name, texts = _read(code, node)
        declared = _declared(node) if name in _WANTED else None
        if declared is not None:
            scope = _scope(code, declared)
            for variable in _names(declared):
                found.setdefault(variable, []).append(Injected(name, texts, _type(declared), scope, code.source.path))
    for several in found.values():
        several.sort(key=lambda one: one.scope[1] - one.scope[0])
    return found


def prefixes(code: Code) -> dict[str, str]:
    """The prefix of the properties that fill each class of a file: `@ConfigurationProperties("shop.client")`."""
    if code.family not in ("java", "kotlin") or _FILLED not in code.source.text:
        return {}
    found: dict[str, str] = {}
    for node in code.root.find_all({"rule": {"kind": "annotation"}}):
        name, texts = _read(code, node)
        declared = _declared(node) if name == _FILLED else None
        prefix = texts.get("prefix", texts.get("value", texts.get("")))
        if declared is not None and declared.kind() in CLASSES and prefix is not None:
            found[_class_name(declared)] = prefix
    return found


def _class_name(declared: Node) -> str:
    name = declared.field("name") or next((c for c in named_children(declared) if c.kind() == "type_identifier"), None)
    return str(name.text()) if name is not None else ""


def inside_annotation(node: Node) -> bool:
    """Whether a value is given to an annotation."""
    for _ in range(_NEAR):
        node = node.parent()
        if node is None or node.kind() == "annotation":
            return node is not None
    return False


def _read(code: Code, node: Node) -> tuple[str, dict[str, str]]:
    """An annotation's name and the texts it is given."""
    inner = next((child for child in node.children() if child.kind() == "constructor_invocation"), node)
    children = named_children(inner)
    holder = next((child for child in children if child.kind() in _HOLDERS), None)
    name = str(children[0].text()).rpartition(".")[2] if children else ""
    given = code.entries(holder) if holder is not None else ()
    texts = {a.name: text for a in given if (text := static_text(a.value if a.name else _plain(a.value))) is not None}
    return name, texts


def _plain(node: Node) -> Node:
    children = named_children(node)
    return children[0] if node.kind() == "value_argument" and len(children) == 1 else node


def _declared(annotation: Node) -> Node | None:
    """The declaration an annotation stands before."""
    holder = annotation.parent()
    if holder is None or holder.kind() not in _MODIFIERS:
        return None
    return holder.next() if holder.kind() == "parameter_modifiers" else holder.parent()


def _names(declared: Node) -> list[str]:
    if declared.kind() == "field_declaration":
        parts = [child for child in declared.children() if child.kind() == "variable_declarator"]
        return [str(part.field("name").text()) for part in parts]
    if declared.field("name") is not None:
        return [str(declared.field("name").text())]
    inside = next((c for c in declared.children() if c.kind() == "variable_declaration"), declared)
    return [str(c.text()) for c in named_children(inside) if c.kind() == "simple_identifier"][:1]


def _type(declared: Node) -> str:
    if declared.field("type") is not None:
        return last_name(declared.field("type")) or str(declared.field("type").text())
    inside = next((c for c in declared.children() if c.kind() == "variable_declaration"), declared)
    return next((str(c.text()).rstrip("?") for c in named_children(inside) if "type" in c.kind()), "")


def _scope(code: Code, declared: Node) -> tuple[int, int]:
    """The function of a parameter, the class of a member; Kotlin's class parameters are members too."""
    kinds = FUNCTIONS if declared.kind() in ("formal_parameter", "parameter") else CLASSES
    around = next((node for node in code.enclosing(declared) if node.kind() in kinds), code.root)
    place = around.range()
    return place.start.index, place.end.index
