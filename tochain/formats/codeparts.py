"""The parts of calls, assignments and operators in a syntax tree, whatever each grammar calls them."""

from __future__ import annotations

from tochain.formats.codenames import Argument, Expr, Node, named_children, static_text, unwrap

__all__ = ["argument_of", "binary", "chosen", "holders", "keyed", "operands", "sides"]

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
    if kind in ("keyed_element", "value_argument", "field_initializer", "argument", "pair", "keyword_argument"):
        children = named_children(child)
        if len(children) == 2:
            name, value = children
    if name is None or value is None:
        return Argument("", child, child)
    return Argument(_key(name), value, child)


def _key(node: Node) -> str:
    node = unwrap(node)
    return static_text(node) or str(node.text()).strip().strip(":\"'").rstrip(": ")[:120]


def keyed(node: Node) -> bool:
    """Whether a list literal holds pairs and is a table after all."""
    return any(child.kind() in ("keywords", "pair") for child in node.children())


def sides(node: Node) -> tuple[Node, Node]:
    """The name and the value of an assignment or declaration; None where there is none."""
    kind = node.kind()
    if kind == "operator_assignment" and not any(child.text() == "||=" for child in node.children()):
        return None, None
    if kind in ("as_pattern", "property_declaration", "assignment", "unary_operator", "binary_operator"):
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
