"""Names in a syntax tree: what a call is called, what a dotted name says, what a literal text holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tochain.formats import languages as lang

__all__ = [
    "Argument", "Expr", "Node", "call_names", "dotted", "head_of", "is_attribute", "last_name", "named_children",
    "static_text", "text_of", "unwrap",
]  # fmt: skip

Node = Any
_PHP_CALLS = ("member_call_expression", "nullsafe_member_call_expression", "scoped_call_expression")
Kind = Literal["number", "text", "name", "call", "binary", "negative", "table", "list", "choice", "word", "other"]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call, entry of a table or element: `name` is "" where it goes by position."""

    name: str
    value: Node
    node: Node


@dataclass(frozen=True, slots=True)
class Expr:
    """One level of an expression: what it is, its text, and what it is made of, not yet looked at.

    `text` is a number as written, a static text, a dotted name, an operator or a word; `parts` are operands, elements,
    entries or the pieces of a text (static pieces have no value). `root` is the node a name starts from when that
    is no name itself (`5.seconds`, `f().x`).
    """

    kind: Kind
    node: Node
    text: str = ""
    parts: tuple[Argument, ...] = ()
    root: Node = None


def named_children(node: Node) -> list[Node]:
    """The children that carry meaning: no punctuation, no comments."""
    return [child for child in node.children() if child.is_named() and "comment" not in child.kind()]


def text_of(node: Node) -> Expr:
    """A text with its pieces; `parts` stay empty when nothing is filled in."""
    pieces: list[Argument] = []
    filled = False
    for child in node.children():
        kind = child.kind()
        if kind in lang.STRINGS:
            inner = text_of(child)
            pieces.extend(inner.parts or (Argument(inner.text, None, child),))
            filled = filled or bool(inner.parts)
        elif ("interpolation" in kind and kind not in ("interpolation_start",)) or kind in (
            "template_substitution",
            "interpolated_expression",
        ):
            inside = [c for c in named_children(child) if "brace" not in c.kind()]
            pieces.append(Argument("", inside[0] if inside else child, child))
            filled = True
        elif (
            node.kind() == "encapsed_string" and child.is_named() and kind not in ("string_content", "escape_sequence")
        ):
            pieces.append(Argument("", child, child))
            filled = True
        elif child.is_named() and kind not in ("string_start", "string_end", "interpolation_start"):
            pieces.append(Argument(str(child.text()), None, child))
    if filled:
        return Expr("text", node, parts=tuple(pieces))
    if not pieces:
        raw = str(node.text())
        return Expr("text", node, raw.strip("\"'`") if len(raw) < 4096 else "")
    return Expr("text", node, "".join(piece.name for piece in pieces))


def static_text(node: Node) -> str | None:
    """The text of a string or symbol without interpolation."""
    if node.kind() in ("simple_symbol", "atom"):
        return str(node.text()).lstrip(":")
    if node.kind() not in lang.STRINGS:
        return None
    expr = text_of(node)
    return expr.text if not expr.parts else None


def unwrap(node: Node) -> Node:
    """The node inside brackets, casts, `await`, references and the like."""
    for _ in range(50):
        kind = node.kind()
        if kind == "directly_assignable_expression" and len(named_children(node)) == 1:
            inner = named_children(node)[0]
        elif kind == "cast_expression":
            inner = node.field("value")
        elif kind == "unary_expression" and node.children() and node.children()[0].text() in ("&", "*"):
            inner = named_children(node)[0] if named_children(node) else None
        elif kind in lang.WRAPPERS:
            children = named_children(node)
            inner = children[0 if kind not in {"value_argument", "argument"} else -1] if children else None
            if kind == "expression_list" and len(children) != 1:
                return node
        else:
            return node
        if inner is None:
            return node
        node = inner
    return node


def head_of(node: Node) -> Node | None:
    """What is called: the function, or the type that is constructed."""
    for name in ("function", "constructor", "type", "name", "method", "target"):
        found = node.field(name)
        if found is not None:
            return found
    if node.kind() == "object_creation_expression":
        return next(iter(named_children(node)), None)
    children = node.children()
    if node.kind() == "implicit_object_creation_expression":
        return _declared_type(node)
    return children[0] if children else None


def _declared_type(node: Node) -> Node | None:
    declarator = node.parent()
    declaration = declarator.parent() if declarator is not None else None
    if declaration is None or declaration.kind() != "variable_declaration":
        return None
    return declaration.field("type")


def last_name(node: Node) -> str:
    """The last name of a dotted name, without looking at the rest."""
    for _ in range(5):
        node = unwrap(node)
        kind = node.kind()
        if kind in lang.NAMES:
            return str(node.text()).lstrip("@")
        if kind == "qualified_name" and node.field("qualifier") is None:
            return str(node.text()).rpartition("\\")[2]
        if kind in (
            "generic_function",
            "generic_type",
            "generic_name",
            "template_function",
            "instantiation_expression",
        ):
            children = named_children(node)
            if not children:
                return ""
            node = children[0]
            continue
        if kind == "call_expression":
            return _required(node).rpartition(".")[2]
        halves = member(node)
        if halves is None:
            return ""
        node = halves[1]
    return ""


def member(node: Node) -> tuple[Node, Node] | None:
    """Both halves of `object.name`; None when the node is no such thing."""
    kind = node.kind()
    if kind in lang.MEMBERS:
        fields = lang.MEMBERS[kind]
        if fields[0]:
            left, right = node.field(fields[0]) or node.field("object"), node.field(fields[1])
        else:
            children = named_children(node)
            left, right = (children[0], children[-1]) if len(children) > 1 else (None, None)
            if right is not None and right.kind() == "navigation_suffix":
                inner = named_children(right)
                right = inner[0] if inner else None
        return (left, right) if left is not None and right is not None else None
    if kind == "call" and is_attribute(node):
        return node.field("receiver"), node.field("method")
    if kind == "method_invocation" and node.field("object") is not None:
        return None
    return None


def is_attribute(node: Node) -> bool:
    """Whether a Ruby call is only `object.name`, which may as well be an attribute."""
    if node.kind() != "call" or node.field("method") is None or node.field("receiver") is None:
        return False
    return node.field("arguments") is None and node.field("block") is None


def call_names(node: Node) -> tuple[list[str], Node]:
    """The names of a call, and the node it is called on when that is no name."""
    kind = node.kind()
    if kind in _PHP_CALLS:
        names, root = dotted(node.field("object") or node.field("scope"))
        return [*names, str(node.field("name").text())], root
    if kind == "method_invocation" or (kind == "call" and node.field("method") is not None):
        receiver = node.field("object" if kind == "method_invocation" else "receiver")
        method = node.field("name" if kind == "method_invocation" else "method")
        if receiver is None:
            return [method.text()], None
        names, root = dotted(receiver)
        return [*names, method.text()], root
    head = head_of(node)
    return dotted(head) if head is not None else ([], None)


def dotted(node: Node) -> tuple[list[str], Node]:
    """A dotted name as a list without `this` and `self`, and the node it starts from when that is no name."""
    names: list[str] = []
    node = unwrap(node)
    for _ in range(60):
        kind = node.kind()
        if kind in lang.NAMES or (kind in ("atom", "variable_name", "hash_key_symbol")):
            name = str(node.text()).lstrip("@:$")
            if not names or name not in ("self", "cls", "this"):
                names.append(name)
            return names[::-1], None
        if kind in lang.SELVES:
            return names[::-1], None
        if kind in ("generic_function", "generic_type", "generic_name") and named_children(node):
            node = named_children(node)[0]
            continue
        if kind == "qualified_name" and node.field("qualifier") is None:
            return [*str(node.text()).strip("\\").split("\\"), *names[::-1]], None
        if kind == "call_expression" and (module := _required(node)):
            return [*module.split("."), *names[::-1]], None
        halves = member(node) or _subscripted(node)
        if halves is None:
            break
        left, right = halves
        names.append(right if isinstance(right, str) else last_name(right) or str(right.text())[:80])
        node = unwrap(left)
    return names[::-1], node


def _required(node: Node) -> str:
    """The module of `require("module")`; "" for any other call."""
    function, given = node.field("function"), node.field("arguments")
    if function is None or given is None or function.kind() != "identifier" or function.text() != "require":
        return ""
    children = named_children(given)
    return (static_text(children[0]) or "").removeprefix("node:") if len(children) == 1 else ""


def _subscripted(node: Node) -> tuple[Node, str] | None:
    """`object["key"]` as object and key."""
    if node.kind() not in lang.SUBSCRIPTS:
        return None
    children = named_children(node)
    if len(children) != 2:
        return None
    key = unwrap(children[1])
    if key.kind() in ("bracketed_argument_list", "indexing_suffix") and named_children(key):
        key = unwrap(named_children(key)[0])
    text = static_text(key)
    return (children[0], text) if text else None
