"""The parts of calls, assignments and operators in a syntax tree, whatever each grammar calls them."""

from __future__ import annotations

from tochain.formats.codenames import Argument, Expr, Node, last_name, named_children, static_text, unwrap
from tochain.formats.languages import SUBSCRIPTS

__all__ = ["argument_of", "binary", "chosen", "holders", "key_of", "keyed", "keyed_by", "operands", "pairs", "sides"]

_HOLDERS = frozenset({
    "arguments", "argument_list", "value_arguments", "annotation_argument_list", "initializer_expression",
    "field_initializer_list", "literal_value",
})  # fmt: skip


def holders(node: Node) -> list[Node]:
    """The nodes whose children are the arguments of a call."""
    found = []
    for child in node.children():
        kind = child.kind()
        if kind in _HOLDERS:
            found.append(child)
        elif kind == "call_suffix":
            found.extend(inner for inner in child.children() if inner.kind() == "value_arguments")
    return found


def argument_of(child: Node) -> Argument:
    """One argument, entry or element, with its name where it has one."""
    kind = child.kind()
    if kind in ("shorthand_property_identifier", "shorthand_field_initializer"):
        return Argument(child.text(), child, child)
    name = (
        child.field("name") or child.field("key") or (child.field("left") if kind == "assignment_expression" else None)
    )
    value = child.field("value") or (child.field("right") if kind == "assignment_expression" else None)
    if kind in (
        "keyed_element",
        "value_argument",
        "field_initializer",
        "argument",
        "pair",
        "keyword_argument",
        "array_element_initializer",
    ):
        children = named_children(child)
        if len(children) == 2:
            name, value = children
    if name is None or value is None:
        return Argument("", child, child)
    return Argument(_key(name), value, child)


def _key(node: Node) -> str:
    node = unwrap(node)
    return static_text(node) or str(node.text()).strip().strip(":\"'").rstrip(": ").lstrip("\\")[:120]


def key_of(node: Node) -> str:
    """What a key is called: the text of a string, the last name of a constant; "" for anything else."""
    node = unwrap(node)
    return static_text(node) or last_name(node)


def keyed_by(node: Node) -> tuple[Node, str] | None:
    """`table[Keys.CONSTANT]` as table and CONSTANT, Kotlin's `table["key"]` too; None for anything else."""
    children = named_children(node)
    if len(children) != 2 or (node.kind() not in SUBSCRIPTS and children[1].kind() != "indexing_suffix"):
        return None
    inside = named_children(children[1]) if children[1].kind() == "indexing_suffix" else children[1:]
    name = key_of(inside[0]) if len(inside) == 1 else ""
    constant = name.isupper() or node.kind() == "directly_assignable_expression"
    return (children[0], name) if name and constant else None


def pairs(arguments: tuple[Argument, ...], *, alternating: bool) -> tuple[Argument, ...] | None:
    """Entries given as arguments: key, value, key, value (`alternating`), or `key to value`; None where one is no pair."""
    given = [unwrap(argument.value) for argument in arguments]
    if alternating:
        halves = list(zip(given[::2], given[1::2], strict=False)) if len(given) % 2 == 0 else []
    else:
        halves = [two for node in given if (two := _halves(node)) is not None]
        halves = halves if len(halves) == len(given) else []
    entries = tuple(Argument(key_of(key), value, value) for key, value in halves)
    return entries if entries and all(entry.name for entry in entries) else None


def _halves(node: Node) -> tuple[Node, Node] | None:
    """Both halves of Kotlin's `key to value` and Java's `Map.entry(key, value)`."""
    children = named_children(node)
    if node.kind() == "infix_expression" and len(children) == 3 and children[1].text() == "to":
        return children[0], children[2]
    inside = named_children(node.field("arguments")) if node.kind() == "method_invocation" else []
    return (inside[0], inside[1]) if len(inside) == 2 and last_name(node.field("name")) == "entry" else None


def keyed(node: Node) -> bool:
    """Whether a list literal holds pairs and is a table after all."""
    return any(
        child.kind() in ("keywords", "pair")
        or (child.kind() == "array_element_initializer" and len(named_children(child)) == 2)
        for child in node.children()
    )


def sides(node: Node) -> tuple[Node, Node]:
    """The name and the value of an assignment or declaration; None where there is none."""
    kind = node.kind()
    if kind == "operator_assignment" and not any(child.text() == "||=" for child in node.children()):
        return None, None
    if kind in (
        "as_pattern",
        "property_declaration",
        "assignment",
        "unary_operator",
        "binary_operator",
        "const_element",
        "property_element",
    ):
        return _sides_by_position(node, kind)
    left = node.field("left") or node.field("name") or node.field("pattern") or node.field("property")
    right = node.field("right") or node.field("value")
    if kind == "variable_declarator" and right is None:
        children = named_children(node)
        left, right = (children[0], children[-1]) if len(children) > 1 else (None, None)
    if left is not None and left.kind() == "expression_list" and named_children(left):
        left = named_children(left)[0]
    return left, right


def _sides_by_position(node: Node, kind: str) -> tuple[Node, Node]:
    children = named_children(node)
    if kind == "as_pattern":
        return (children[-1], children[0]) if len(children) == 2 else (None, None)
    if kind == "binary_operator":
        return (children[0], children[1]) if len(children) == 2 and _operator(node) == "=" else (None, None)
    if kind == "unary_operator":
        inner = children[0] if children and node.text().startswith("@") else None
        parts = named_children(inner) if inner is not None and inner.kind() == "call" else []
        return (parts[0], named_children(parts[1])[0]) if len(parts) == 2 and named_children(parts[1]) else (None, None)
    if kind in ("const_element", "property_element"):
        return (children[0], children[-1]) if len(children) == 2 else (None, None)
    pattern = next((child for child in children if child.kind() == "pattern"), None)
    if kind == "property_declaration" and pattern is not None:
        given = any(child.text() == "=" for child in node.children())
        names = named_children(pattern)
        return (names[0], children[-1]) if given and names else (None, None)
    if kind == "property_declaration":
        name = next((child for child in children if child.kind() == "variable_declaration"), None)
        return (
            (name, children[-1]) if name is not None and any(c.text() == "=" for c in node.children()) else (None, None)
        )
    left, right = node.field("left"), node.field("right")
    if left is None and len(children) == 2:
        left, right = children
    return left, right


def _operator(node: Node) -> str:
    found = node.field("operator")
    if found is not None:
        return str(found.text())
    return next((str(child.text()) for child in node.children() if not child.is_named()), "")


def operands(node: Node) -> tuple[Argument, ...]:
    """The operands of an operator, in order."""
    return tuple(Argument("", child, child) for child in named_children(node))


def chosen(node: Node) -> tuple[Argument, ...]:
    """The alternatives of `a if c else b` (first and last), or of `c ? a : b` in C#."""
    parts = operands(node)
    python = node.field("condition") is None and len(parts) == 3
    return (parts[0], parts[2]) if python else parts[-2:]


def binary(node: Node) -> Expr:
    """An operator with two operands."""
    parts = operands(node)
    return Expr("binary", node, _operator(node), parts) if len(parts) == 2 else Expr("other", node)
