"""The named options of a call: its own, those of tables it is given, and those of lists of pairs."""

from __future__ import annotations

from dataclasses import dataclass

from tochain.formats.codenames import Argument, Node
from tochain.formats.constant import Evaluator

__all__ = ["Option", "options_of"]

_DEEP = 4
_PAIRS = 100
_SPREADS = ("spread_element", "dictionary_splat", "hash_splat_argument")


@dataclass(frozen=True, slots=True)
class Option:
    """One option: its dotted name, its place and value, and the evaluator of the file it stands in."""

    name: str
    node: Node
    value: Node
    home: Evaluator


def options_of(evaluator: Evaluator, arguments: tuple[Argument, ...], prefix: str = "", depth: int = 0) -> list[Option]:
    """Every named option, inside tables and lists of pairs too."""
    out: list[Option] = []
    for argument in arguments:
        name = f"{prefix}{argument.name}"
        if argument.name:
            out.append(Option(name, argument.node, argument.value, evaluator))
        if depth >= _DEEP:
            continue
        inner = evaluator.opened(_spread(argument.value))
        below = f"{name}." if argument.name else prefix
        if inner is not None:
            out += options_of(*inner, below, depth + 1)
        else:
            out += _pairs(evaluator, argument.value, below)
    return out


def _spread(node: Node) -> Node:
    if node.kind() in _SPREADS:
        children = [child for child in node.children() if child.is_named()]
        return children[0] if children else node
    return node


def _pairs(evaluator: Evaluator, node: Node, prefix: str) -> list[Option]:
    """`[("grpc.keepalive_time_ms", 10000), ...]` as named options."""
    expr = evaluator.code.expr(node)
    if expr.kind == "name" and expr.root is None and (bound := evaluator.named(expr)) is not None:
        evaluator, node = bound
        expr = evaluator.code.expr(node)
    if expr.kind != "list":
        return []
    out = []
    for element in expr.parts[:_PAIRS]:
        pair = evaluator.code.expr(element.value)
        if pair.kind == "list" and len(pair.parts) == 2:
            key = evaluator.code.expr(pair.parts[0].value)
            if key.kind == "text" and not key.parts:
                out.append(Option(prefix + key.text, element.node, pair.parts[1].value, evaluator))
    return out
