"""The named options of a call: its own, those of tables it is given, and those of lists of pairs."""

from __future__ import annotations

from dataclasses import dataclass

from tochain.formats.codenames import Argument, Node
from tochain.formats.constant import Evaluator

__all__ = ["TABLES", "Option", "hidden_in", "options_of"]

_DEEP = 4
_PAIRS = 100
TABLES = ("options", "opts", "config", "settings", "params", "defaults", "args", "conf", "cfg")
"""Names of plain tables of options: no server because a property is set on them, and where options may be hidden."""
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


def hidden_in(evaluator: Evaluator, arguments: tuple[Argument, ...], depth: int = 0) -> Node | None:
    """The first argument that may hold options nobody can see here: a spread, or a table made elsewhere."""
    for argument in arguments:
        inner = evaluator.opened(_spread(argument.value))
        if inner is not None:
            found = hidden_in(*inner, depth + 1) if depth < _DEEP and not argument.name else None
            if found is not None:
                return found
        elif argument.value.kind() in _SPREADS or (not argument.name and _is_table(evaluator, argument.value)):
            return argument.value
    return None


def _is_table(evaluator: Evaluator, node: Node) -> bool:
    expr = evaluator.code.expr(node)
    return expr.kind == "name" and expr.text.rpartition(".")[2].lower() in TABLES and evaluator.named(expr) is None


def _spread(node: Node) -> Node:
    if node.kind() in _SPREADS:
        children = [child for child in node.children() if child.is_named()]
        return children[0] if children else node
    return node


def _pairs(evaluator: Evaluator, node: Node, prefix: str) -> list[Option]:
    """`[("grpc.keepalive_time_ms", 10000), ...]` as named options, and `[(SOL_SOCKET, SO_KEEPALIVE, 1), ...]` by option."""
    expr = evaluator.code.expr(node)
    if expr.kind == "name" and expr.root is None and (bound := evaluator.named(expr)) is not None:
        evaluator, node = bound
        expr = evaluator.code.expr(node)
    if expr.kind == "binary":  # the defaults + [...]
        return [option for part in expr.parts for option in _listed(evaluator, part.value, prefix)]
    return _listed(evaluator, node, prefix)


def _listed(evaluator: Evaluator, node: Node, prefix: str) -> list[Option]:
    expr = evaluator.code.expr(node)
    if expr.kind != "list":
        return []
    out = []
    for element in expr.parts[:_PAIRS]:
        entry = evaluator.code.expr(element.value)
        name = _entry_name(evaluator, entry.parts) if entry.kind == "list" else ""
        if name:
            out.append(Option(prefix + name, element.node, entry.parts[-1].value, evaluator))
    return out


def _entry_name(evaluator: Evaluator, parts: tuple[Argument, ...]) -> str:
    """What an entry of a list is called: the text of a pair, the option of (level, option, value)."""
    if len(parts) not in (2, 3):
        return ""
    key = evaluator.code.expr(parts[-2].value)
    if len(parts) == 3:
        return key.text.rpartition(".")[2] if key.kind == "name" else ""
    return key.text if key.kind == "text" and not key.parts else ""
