"""The language of rules: timers, parameters, durations, + - *, comparisons, and/or/not and a few functions.

Read with Python's own `ast` and a white-list once durations are turned into names; every timer is checked when the rule
is read, and so are the kinds: a time is never compared with a count.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final, Literal

from tochain.engine.logic import INF
from tochain.engine.nodes import Binary, Call, Compare, Constant, Join, Kind, Node, Not, Param, Ref, Text
from tochain.model.limit import Finite, parse_duration
from tochain.model.timers import TIMERS, nearest

__all__ = ["FUNCTIONS", "SCOPES", "ExprError", "Scope", "parse"]

Scope = Literal["component", "hop", "flow", "pair", "setting"]

SCOPES: Final[dict[str, tuple[str, ...]]] = {
    "component": ("self",),
    "hop": ("client", "server"),
    "flow": ("client", "server", "box"),
    "pair": ("outer.client", "outer.server", "inner.client", "inner.server"),
    "setting": ("self",),
}
"""The roles a rule of each scope may speak of."""

FUNCTIONS: Final = {
    "min": "the smallest of several times or counts",
    "max": "the largest of several times or counts",
    "earliest": "the smallest of those timers that exist; never when none does",
    "known": "whether the value is known",
    "off": "whether the mechanism is switched off",
    "finite": "whether the value is an amount: neither never nor off",
    "has": "whether the timer exists at this end at all",
    "written": "whether somebody wrote the value down: no default, nothing fixed or assumed",
}
_AMOUNTS: Final = ("min", "max", "earliest")


class ExprError(ValueError):
    """An expression is wrong; `at` is the offset in its text, `size` how much of it is wrong."""

    def __init__(self, message: str, at: int = 0, size: int = 1) -> None:
        super().__init__(message)
        self.at, self.size = at, size


_DURATION = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:us|ms|min|[smhdw])(?:\d+(?:us|ms|min|[smhdw]))*\b")
MAX_TEXT: Final = 4000
_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def parse(text: str, scope: str, params: Mapping[str, Kind], wanted: tuple[Kind, ...] = ("truth",)) -> Node:
    """The expression in a text.

    `params` are the rule's parameters with their kinds, `wanted` the kinds the whole may have. Raises ExprError with
    the offset of what is wrong.
    """
    if len(text) > MAX_TEXT:
        raise ExprError(f"longer than {MAX_TEXT} characters")
    plain, durations = _without_durations(text)
    try:
        tree = ast.parse(plain, mode="eval").body
    except (SyntaxError, RecursionError, MemoryError) as error:
        at = max((getattr(error, "offset", None) or 1) - 1, 0)
        raise ExprError(f"not an expression: {getattr(error, 'msg', 'nested too deeply')}", at) from None
    reader = _Reader(scope, params, durations)
    try:
        node = reader.read(tree)
    except RecursionError:
        raise ExprError("nested too deeply") from None
    if node.kind not in wanted:
        reader.wrong(tree, f"expected a {' or a '.join(wanted)}, this is a {node.kind}")
    return node


def _without_durations(text: str) -> tuple[str, dict[str, int]]:
    """The text in one line with each duration replaced by a name just as long, so that columns stay what they are."""
    durations: dict[str, int] = {}

    def name(found: re.Match[str]) -> str:
        limit = parse_duration(found[0])
        assert isinstance(limit, Finite)
        for letter in _ALPHABET:
            short = "_" + letter * (len(found[0]) - 1)
            if durations.setdefault(short, limit.amount) == limit.amount:
                return short
        raise ExprError("too many durations", found.start(), len(found[0]))

    return _DURATION.sub(name, text.replace("\n", " ").replace("\r", " ")), durations


_OPERATORS: Final[dict[type[ast.operator], Literal["+", "-", "*"]]] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*"}
_COMPARISONS: Final[dict[type[ast.cmpop], Literal["<", "<=", ">", ">=", "==", "!="]]] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


class _Reader:
    """Python's tree to ours; whatever is not on the white-list is refused at its place."""

    def __init__(self, scope: str, params: Mapping[str, Kind], durations: Mapping[str, int]) -> None:
        self.scope, self.params, self.durations = scope, params, durations

    def wrong(self, node: ast.expr, message: str) -> ExprError:
        """Raises the error at a node."""
        size = (node.end_col_offset or node.col_offset + 1) - node.col_offset
        raise ExprError(message, node.col_offset, size)

    def read(self, node: ast.expr) -> Node:
        """Our node for one of Python's."""
        match node:
            case ast.Constant(value=bool()) | ast.Constant(value=float()):
                raise self.wrong(node, "only whole numbers, durations and quoted words")
            case ast.Constant(value=int() as number):
                return Constant(number, "count")
            case ast.Constant(value=str() as text):
                return Text(text)
            case ast.Name() | ast.Attribute():
                return self._name(node)
            case ast.Call():
                return self._call(node)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
                return self._binary(node, _OPERATORS[type(op)], self.read(left), self.read(right))
            case ast.BoolOp(op=op, values=values):
                parts = tuple(self._truth(value) for value in values)
                return Join("and" if isinstance(op, ast.And) else "or", parts)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return Not(self._truth(operand))
            case ast.Compare():
                return self._compare(node)
            case _:
                allowed = f"timers, durations, + - *, < <= > >= == !=, and or not, {', '.join(FUNCTIONS)}"
                raise self.wrong(node, f"not allowed here; allowed: {allowed}")

    def _truth(self, node: ast.expr) -> Node:
        found = self.read(node)
        if found.kind != "truth":
            raise self.wrong(node, f"and, or, not join truths, this is a {found.kind}")
        return found

    def _name(self, node: ast.expr) -> Node:
        name = _dotted(node)
        if name in self.durations:
            return Constant(self.durations[name], "time")
        if name == "never":
            return Constant(INF, "time")
        if name in self.params:
            return Param(name, self.params[name])
        roles = SCOPES[self.scope]
        role = next((role for role in roles if name.startswith(f"{role}.")), None)
        if role is None:
            known = [*roles, *self.params, "never", *FUNCTIONS]
            close = get_close_matches(name.split(".")[0], known, n=1, cutoff=0.5)
            hint = f"; did you mean {close[0]!r}?" if close else f"; allowed: {', '.join(known)}"
            raise self.wrong(node, f"no name {name!r} in the scope {self.scope}{hint}")
        timer = name.removeprefix(f"{role}.")
        if timer not in TIMERS:
            close = [f"{role}.{near}" for near in nearest(timer)]
            raise self.wrong(node, f"no timer {timer!r}; nearest: {', '.join(close) or 'none'}")
        return Ref(role, timer)

    def _call(self, node: ast.Call) -> Node:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS or node.keywords:
            raise self.wrong(node, f"no function {name or 'of this form'!r}; allowed: {', '.join(FUNCTIONS)}")
        args = tuple(self.read(arg) for arg in node.args)
        if name not in _AMOUNTS:
            if len(args) != 1 or not isinstance(args[0], Ref):
                raise self.wrong(node, f"{name} takes one timer")
            return Call(name, args, "truth")
        if not args:
            raise self.wrong(node, f"{name} takes at least one value")
        if name == "earliest" and not all(isinstance(arg, Ref) for arg in args):
            raise self.wrong(node, "earliest takes timers")
        kind = args[0].kind
        for given, arg in zip(node.args, args, strict=True):
            if arg.kind != kind or kind not in ("time", "count"):
                raise self.wrong(given, f"{name} compares times or counts, this is a {arg.kind}")
        return Call(name, args, kind)

    def _binary(self, node: ast.expr, op: Literal["+", "-", "*"], left: Node, right: Node) -> Node:
        kinds = {left.kind, right.kind}
        if not kinds <= {"time", "count"} or (op == "*" and kinds == {"time"}) or (op != "*" and len(kinds) > 1):
            raise self.wrong(node, f"a {left.kind} {op} a {right.kind} is nothing; write a duration with its unit (1s)")
        return Binary(op, left, right, "time" if "time" in kinds else "count")

    def _compare(self, node: ast.Compare) -> Node:
        sides = [self.read(side) for side in (node.left, *node.comparators)]
        found: list[Node] = []
        for op, left, right, place in zip(node.ops, sides, sides[1:], node.comparators, strict=False):
            sign = _COMPARISONS.get(type(op))
            if sign is None:
                raise self.wrong(node, f"only {' '.join(_COMPARISONS.values())} compare")
            if left.kind != right.kind or left.kind == "truth":
                raise self.wrong(place, f"a {left.kind} cannot be compared with a {right.kind}")
            if left.kind == "word" and sign not in ("==", "!="):
                raise self.wrong(place, "words are equal or not, neither is larger")
            found.append(Compare(sign, left, right))
        return found[0] if len(found) == 1 else Join("and", tuple(found))


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id if isinstance(node, ast.Name) else "?", *reversed(parts)])
