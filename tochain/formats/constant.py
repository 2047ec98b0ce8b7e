"""What an expression in source code comes to, without running it: numbers, durations, texts, or why it cannot be known.

Evaluated are literals, + - * /, names bound once in the file or in one it imports, the durations of each language,
conversions such as `int(...)`, and the environment with a default. Everything else is unknown, with a reason.
"""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from tochain.formats.code import Code
from tochain.formats.codenames import Argument, Expr, Node
from tochain.formats.codeparts import pairs
from tochain.formats.codescope import Scope
from tochain.formats.constant_asks import STEPS, Budget, Elsewhere, Outside
from tochain.formats.constant_calls import asked_of, of_call, unit_named
from tochain.formats.constant_given import asked, injected, of_declared
from tochain.formats.constant_names import (
    NEVER_NAMES,
    PAIR_MAKERS,
    PASSED_ON,
    TABLE_MAKERS,
    ZERO_NAMES,
    environment_name,
    microseconds,
)
from tochain.formats.constant_values import (
    HOLE,
    Value,
    arithmetic,
    either,
    from_environment,
    in_unit,
    literal,
    parsed,
    unknown,
    with_hole,
)
from tochain.formats.languages import FUNCTIONS

__all__ = ["Budget", "Elsewhere", "Evaluator", "Value"]

_DEPTH = 25
_NAMES = 6
"""How many names may stand between an argument and the table it is."""


class Evaluator:
    """Evaluates expressions of one file; `environment` holds variables whose values are known.

    `elsewhere` knows what the file imports from the files beside it, `outside` what annotations ask for.
    """

    def __init__(
        self,
        code: Code,
        environment: dict[str, str] | None = None,
        elsewhere: Elsewhere | None = None,
        budget: Budget | None = None,
        outside: Outside | None = None,
    ) -> None:
        self.code = code
        self.environment = environment or {}
        self.scope = Scope(code)
        self.elsewhere = elsewhere
        self._budget = budget or Budget()
        self.outside = outside

    def beside(self, code: Code) -> Evaluator:
        """The evaluator of another file of the same program."""
        return Evaluator(code, self.environment, self.elsewhere, self._budget, self.outside)

    def value(self, node: Node) -> Value:
        """What the expression at a node comes to."""
        self._budget.left = STEPS
        return self.inner(node, 0)

    def opened(self, node: Node) -> tuple[Evaluator, tuple[Argument, ...]] | None:
        """The entries of a table, also through names that are bound once, and the evaluator of the file they stand in."""
        at: tuple[Evaluator, Node] | None = (self, node)
        for _ in range(_NAMES):
            if at is None:
                return None
            evaluator, node = at
            expr = evaluator.code.expr(node)
            entries = evaluator.entries(expr)
            if entries is not None:
                return evaluator, entries
            at = evaluator.named(expr) if expr.kind == "name" and expr.root is None else None
        return None

    def entries(self, expr: Expr) -> tuple[Argument, ...] | None:
        """The entries of a table literal, or of a call that only makes one; None for anything else."""
        if expr.kind == "table":
            return expr.parts
        if expr.kind == "name" and expr.root is not None and expr.text in TABLE_MAKERS:
            return self.entries(self.code.expr(expr.root))  # Ruby's { ... }.freeze
        if expr.kind != "call" or expr.text not in (*TABLE_MAKERS, *PAIR_MAKERS):
            return None
        given = self.code.arguments(expr.node)
        if expr.text in PAIR_MAKERS:
            return pairs(given, alternating=PAIR_MAKERS[expr.text])
        if len(given) == 1 and not given[0].name:
            return self.entries(self.code.expr(given[0].value))
        return given if given and all(argument.name for argument in given) else None

    def named(self, expr: Expr) -> tuple[Evaluator, Node] | None:
        """The value a dotted name is bound to, here or in a file beside, with its evaluator."""
        return None if self._parameter(expr) else self.lookup(tuple(expr.text.split(".")), expr.node)

    def lookup(self, names: tuple[str, ...], at: Node | None = None) -> tuple[Evaluator, Node] | None:
        """The value of a dotted name; every name behind the first may lead into a table."""
        self._budget.left -= 1
        if self._budget.left < 0:
            return None
        found = self.scope.find(names, at)
        if found is not None and len(names) > 1 and not found[1] and self._also(names):
            return None
        if found is not None and not self._imported(found[0]):
            return self.into(*found)
        if found is None and self.scope.bound(names[0]) and len(names) == 1:
            return None
        there = self.elsewhere(self, names) if self.elsewhere is not None else None
        return there[0].into(*there[1]) if there is not None else None

    def _also(self, names: tuple[str, ...]) -> bool:
        """Whether the table a dotted name leads through has a value of its own for it, so that two are given."""
        table = self.scope.find(names[:-1])
        entries = self.entries(self.code.expr(table[0])) if table is not None and not table[1] else None
        return any(argument.name == names[-1] for argument in entries or ())

    def _imported(self, node: Node) -> bool:
        expr = self.code.expr(node)
        return expr.kind == "call" and expr.text in ("require", "import")

    def into(self, node: Node, names: tuple[str, ...]) -> tuple[Evaluator, Node] | None:
        """What further names lead to from a value: entries of tables, arguments of a literal, members of a class."""
        self._budget.left -= 1
        if not names or self._budget.left < 0:
            return None if names else (self, node)
        expr = self.code.expr(node)
        if expr.kind == "name" and expr.root is None:
            return self.lookup((*expr.text.split("."), *names), node)
        entries = self.entries(expr)
        if entries is None and expr.kind == "call":
            entries = tuple(argument for argument in self.code.arguments(expr.node) if argument.name)
        fitting = [argument.value for argument in entries or () if argument.name == names[0]]
        if len(fitting) == 1:
            return self.into(fitting[0], names[1:])
        if expr.kind != "call" or fitting:
            return None
        member = self.scope.member(expr.text, names[0])
        if member is not None:
            return self.into(member, names[1:])
        returned = self.scope.returned(expr.text)
        return self.into(returned, names) if returned is not None else None

    def inner(self, node: Node, depth: int) -> Value:
        """What an expression comes to, so many steps below the one asked for."""
        self._budget.left -= 1
        if depth > _DEPTH or self._budget.left < 0:
            return unknown("an expression nested too deeply")
        expr = self.code.expr(node)
        match expr.kind:
            case "number":
                return literal(expr.text)
            case "text":
                return self._text(expr, depth)
            case "word":
                return Value("word", text=expr.text)
            case "negative":
                inner = self.inner(expr.parts[0].node, depth + 1)
                return replace(inner, number=-inner.number) if inner.kind in ("number", "duration") else inner
            case "binary":
                return self._binary(expr, depth)
            case "choice":
                return self._choice(expr, depth)
            case "name":
                return self._name(expr, depth)
            case "call":
                return of_call(self, expr.node, depth)
            case "table" | "list":
                return unknown("a list or table")
            case _:
                return unknown("not a constant")

    # ------------------------------------------------------------------ pieces

    def _text(self, expr: Expr, depth: int) -> Value:
        if not expr.parts:
            return asked(self, expr) or Value("text", text=expr.text)
        out, reason, variable = "", "", ""
        for piece in expr.parts:
            if piece.value is None:
                out += piece.name
                continue
            value = self.inner(piece.value, depth + 1)
            if not value.known:
                reason, variable = reason or value.reason, variable or value.variable
                value = value.likely or value
            out += value.show() if value.known else HOLE
        if len(out) > 4096:
            return unknown("a very long text")
        return Value("text", text=out, reason=reason, variable=variable)

    def _binary(self, expr: Expr, depth: int) -> Value:
        left = self.inner(expr.parts[0].node, depth + 1)
        right = self.inner(expr.parts[1].node, depth + 1)
        if expr.text in ("||", "??", "?:", "or"):
            return either(left, right)
        if expr.text == "+" and "text" in (left.kind, right.kind) and left.known != right.known:
            return with_hole(left, right)
        if not left.known or not right.known:
            missing = left if not left.known else right
            likely = arithmetic(expr.text, left if left.known else left.likely, right if right.known else right.likely)
            return from_environment(missing.variable, likely) if missing.variable else unknown(missing.reason)
        return arithmetic(expr.text, left, right) or unknown("not a constant")

    def _choice(self, expr: Expr, depth: int) -> Value:
        values = [self.inner(part.node, depth + 1) for part in expr.parts]
        if len(set(values)) == 1:
            return values[0]
        shown = [value.show() for value in values if value.known]
        return unknown("one of several, decided at run time: " + ", ".join(shown) if shown else "decided at run time")

    def _name(self, expr: Expr, depth: int) -> Value:
        if expr.root is not None:
            return self._suffix(expr, depth)
        path = expr.text
        variable = environment_name(path)
        if variable:
            return self.variable(variable)
        if path in NEVER_NAMES:
            return Value("word", text="never")
        if path in ZERO_NAMES:
            return Value("duration")
        if path.startswith("time.") and microseconds(path[5:]) is not None:
            return Value("duration", microseconds(path[5:]) or Fraction(0))
        given = injected(self, expr) or self._parameter(expr)
        if given is not None:
            return given
        bound = self.lookup(tuple(path.split(".")), expr.node)
        if bound is None:
            return (
                self._several(expr, depth)
                or self._converted(path, depth)
                or of_declared(self, path, depth)
                or unknown(f"{path[:60]} is set elsewhere")
            )
        value = bound[0].inner(bound[1], depth + 1)
        setting = bound[0].scope.environment_name(bound[1])
        return bound[0].variable(setting, value) if setting else value

    def _converted(self, path: str, depth: int) -> Value | None:
        """`READ.TotalMilliseconds`: a name bound to a duration, asked for in some unit."""
        base, _, last = path.rpartition(".")
        bound = self.lookup(tuple(base.split("."))) if base and asked_of(last) is not None else None
        return in_unit(bound[0].inner(bound[1], depth + 1), asked_of(last)) if bound is not None else None

    def _several(self, expr: Expr, depth: int) -> Value | None:
        """A name bound to a constant and, elsewhere, to an environment variable: the constant unless that is set."""
        found = self.code.values.get(expr.text, [])
        if not 2 <= len(found) <= 3 or depth > _DEPTH // 2:
            return None
        values = [self.inner(binding.value, depth + _DEPTH // 4) for binding in found]
        known = {value for value in values if value.known}
        variables = {value.variable for value in values if not value.known}
        if len(known) != 1 or len(variables) != 1 or "" in variables:
            return None
        return from_environment(variables.pop(), known.pop())

    def variable(self, name: str, likely: Value | None = None) -> Value:
        """What an environment variable holds, or holds unless it is set."""
        if name in self.environment:
            return parsed(self.environment[name])
        return from_environment(name, likely)

    def _parameter(self, expr: Expr) -> Value | None:
        """A function's parameter is not known, even if a variable elsewhere has its name."""
        name = expr.text.partition(".")[0]
        for around in self.code.enclosing(expr.node):
            if around.kind() not in FUNCTIONS:
                continue
            holder = around.field("parameters") or around.field("parameter")
            own = [child.text() for child in around.children() if child.kind() == "parameter"]
            text = holder.text()[:2000] if holder is not None else ", ".join(own)[:2000]
            found = re.search(rf"(?<![\w.]){re.escape(name)}\b(?:[^,=)]*=\s*([^,)]+))?", text)
            if found:
                default = f", {found[1].strip()[:40]} unless given" if found[1] else ""
                return unknown(f"parameter {name[:60]}{default}")
        return None

    def _suffix(self, expr: Expr, depth: int) -> Value:
        """`5.seconds`, and names that only convert what they are asked of."""
        names = expr.text.split(".")
        while len(names) > 1 and names[-1] in PASSED_ON:
            names.pop()
        unit = microseconds(names[0])
        inner = self.inner(expr.root, depth + 1)
        if unit is not None and len(names) == 1 and inner.kind == "number":
            return Value("duration", inner.number * unit)
        if len(names) == 1 and (asked := asked_of(names[0])) is not None and inner.kind == "duration":
            return in_unit(inner, asked)
        if names[0] in PASSED_ON and len(names) == 1:
            return inner
        return inner if not inner.known and inner.variable else unknown("not a constant")

    def unit_of(self, node: Node) -> Fraction | None:
        """The unit a node such as `TimeUnit.SECONDS` or `ChronoUnit.MILLIS` names, in microseconds."""
        return unit_named(self.code.expr(node))
