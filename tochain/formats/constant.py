"""What an expression in source code comes to, without running it: numbers, durations, texts, or why it cannot be known.

Evaluated are literals, + - * /, names bound once in the same file, the durations of each language, conversions such as
`int(...)`, and the environment with a default. Everything else is unknown, with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from tochain.formats.code import Call, Code
from tochain.formats.codenames import Argument, Expr, Node
from tochain.formats.constant_names import (
    ADDRESS_MAKERS,
    ENVIRONMENT,
    NEVER_NAMES,
    PASSED_ON,
    READERS,
    WITH_DEFAULT,
    ZERO_NAMES,
    microseconds,
)
from tochain.formats.constant_values import (
    HOLE,
    Value,
    arithmetic,
    converted,
    either,
    from_environment,
    literal,
    parsed,
    scaled,
    unknown,
    with_hole,
)

__all__ = ["Evaluator", "Value"]

_DEPTH = 25
_STEPS = 2_000
_SHOUTED = re.compile(r"[A-Z][A-Z0-9_]{2,}")


class Evaluator:
    """Evaluates expressions of one file; `environment` holds variables whose values are known."""

    def __init__(self, code: Code, environment: dict[str, str] | None = None) -> None:
        self.code = code
        self.environment = environment or {}
        self._budget = _STEPS

    def value(self, node: Node) -> Value:
        """What the expression at a node comes to."""
        self._budget = _STEPS
        return self._value(node, 0)

    def table(self, node: Node) -> tuple[Argument, ...] | None:
        """The entries of a table literal, also through a name bound once to one; None for anything else."""
        expr = self.code.expr(node)
        for _ in range(3):
            if expr.kind == "table":
                return expr.parts
            bound = self._bound(expr) if expr.kind == "name" else None
            if bound is None:
                return None
            expr = self.code.expr(bound)
        return None

    def _value(self, node: Node, depth: int) -> Value:
        self._budget -= 1
        if depth > _DEPTH or self._budget < 0:
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
                inner = self._value(expr.parts[0].node, depth + 1)
                return replace(inner, number=-inner.number) if inner.kind in ("number", "duration") else inner
            case "binary":
                return self._binary(expr, depth)
            case "choice":
                return self._choice(expr, depth)
            case "name":
                return self._name(expr, depth)
            case "call":
                return self._call(expr, depth)
            case "table" | "list":
                return unknown("a list or table")
            case _:
                return unknown("not a constant")

    # ------------------------------------------------------------------ pieces

    def _text(self, expr: Expr, depth: int) -> Value:
        if not expr.parts:
            return Value("text", text=expr.text)
        out, reason, variable = "", "", ""
        for piece in expr.parts:
            if piece.value is None:
                out += piece.name
                continue
            value = self._value(piece.value, depth + 1)
            if not value.known:
                reason, variable = reason or value.reason, variable or value.variable
                value = value.likely or value
            out += value.show() if value.known else HOLE
        if len(out) > 4096:
            return unknown("a very long text")
        return Value("text", text=out, reason=reason, variable=variable)

    def _binary(self, expr: Expr, depth: int) -> Value:
        left = self._value(expr.parts[0].node, depth + 1)
        right = self._value(expr.parts[1].node, depth + 1)
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
        values = [self._value(part.node, depth + 1) for part in expr.parts]
        if len(set(values)) == 1:
            return values[0]
        shown = [value.show() for value in values if value.known]
        return unknown("one of several, decided at run time: " + ", ".join(shown) if shown else "decided at run time")

    def _name(self, expr: Expr, depth: int) -> Value:
        if expr.root is not None:
            return self._suffix(expr, depth)
        path = expr.text
        variable = _variable(path)
        if variable:
            return self._variable(variable)
        if path in NEVER_NAMES:
            return Value("word", text="never")
        if path in ZERO_NAMES:
            return Value("duration")
        if path.startswith("time.") and microseconds(path[5:]) is not None:
            return Value("duration", microseconds(path[5:]) or Fraction(0))
        given = self._parameter(expr)
        if given is not None:
            return given
        bound = self._bound(expr)
        if bound is None:
            return self._several(expr, depth) or unknown(f"{path[:60]} is set elsewhere")
        return self._value(bound, depth + 1)

    def _several(self, expr: Expr, depth: int) -> Value | None:
        """A name bound to a constant and, elsewhere, to an environment variable: the constant unless that is set."""
        found = self.code.values.get(expr.text, [])
        if not 2 <= len(found) <= 3 or depth > _DEPTH // 2:
            return None
        values = [self._value(binding.value, depth + _DEPTH // 4) for binding in found]
        known = {value for value in values if value.known}
        variables = {value.variable for value in values if not value.known}
        if len(known) != 1 or len(variables) != 1 or "" in variables:
            return None
        return from_environment(variables.pop(), known.pop())

    def _variable(self, name: str, likely: Value | None = None) -> Value:
        if name in self.environment:
            return parsed(self.environment[name])
        return from_environment(name, likely)

    def _bound(self, expr: Expr) -> Node | None:
        """The value of a name that is bound exactly once in the file."""
        found = self.code.values.get(expr.text, [])
        if not found and "." in expr.text:
            last = expr.text.rpartition(".")[2]
            found = self.code.values.get(last, []) if last.isupper() else []
        if len(found) != 1:
            return None
        value = found[0].value
        here, there = value.range(), expr.node.range()
        inside = here.start.index <= there.start.index and there.end.index <= here.end.index
        return None if inside else value

    def _parameter(self, expr: Expr) -> Value | None:
        """A function's parameter is not known, even if a variable elsewhere has its name."""
        from tochain.formats.languages import FUNCTIONS

        name = expr.text
        if "." in name:
            return None
        for around in self.code.enclosing(expr.node):
            if around.kind() not in FUNCTIONS:
                continue
            holder = around.field("parameters") or around.field("parameter")
            text = holder.text()[:2000] if holder is not None else ""
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
        inner = self._value(expr.root, depth + 1)
        if unit is not None and len(names) == 1 and inner.kind == "number":
            return Value("duration", inner.number * unit)
        if names[0] in PASSED_ON and len(names) == 1:
            return inner
        return inner if not inner.known and inner.variable else unknown("not a constant")

    # ------------------------------------------------------------------- calls

    def _call(self, expr: Expr, depth: int) -> Value:
        call = self.code.call(expr.node)
        if call is None:
            return unknown("not a constant")
        arguments = self.code.arguments(call.node)

        def argument(at: int | str) -> Value | None:
            if isinstance(at, str):
                found = next((a.value for a in arguments if a.name == at), None)
            else:
                found = arguments[at].value if at < len(arguments) and not arguments[at].name else None
            return self._value(found, depth + 1) if found is not None else None

        unit = self._unit(call, arguments)
        if unit is not None:
            first = argument(0)
            return scaled(first, unit) if first is not None else unknown("not a constant")
        return self._special(call, arguments, argument, depth)

    def _unit(self, call: Call, arguments: tuple[Argument, ...]) -> Fraction | None:
        """The unit of a call that makes a duration of its first argument."""
        if len(arguments) > 1 and call.last in ("of", "ofMillis"):
            return self.unit_of(arguments[1].value)
        for prefix in ("of", "From", "from_", "from"):
            if call.last.startswith(prefix) and call.base.rpartition(".")[2] in _MAKERS:
                return microseconds(call.last[len(prefix) :].removesuffix("_f64").removesuffix("_f32"))
        if call.base in ("timer", "Timer") or call.last in ("seconds", "minutes", "milliseconds", "hours"):
            return microseconds(call.last)
        return None

    def unit_of(self, node: Node) -> Fraction | None:
        """The unit a node such as `TimeUnit.SECONDS` or `ChronoUnit.MILLIS` names, in microseconds."""
        expr = self.code.expr(node)
        if expr.kind != "name" or expr.root is not None:
            return None
        base, _, last = expr.text.rpartition(".")
        plain = last.isupper() and not base
        return (
            microseconds(last)
            if plain or base.rpartition(".")[2] in ("TimeUnit", "ChronoUnit", "DurationUnit")
            else None
        )

    def _special(
        self, call: Call, arguments: tuple[Argument, ...], argument: Callable[[int | str], Value | None], depth: int
    ) -> Value:
        if call.last in ("TimeSpan", "timedelta", "to_timeout"):
            return _sum_of_units(call.last, arguments, argument)
        if call.path in READERS:
            name = argument(0)
            if name is None or name.kind != "text":
                return unknown("an environment variable")
            default = argument(1) or argument("default") or argument("default_value") or self._block(call, depth)
            return self._variable(name.text, default)
        if call.path in ADDRESS_MAKERS:
            return argument(0) or unknown("not a constant")
        if "env" in call.last.lower() and arguments and (name := argument(0)) and _SHOUTED.fullmatch(name.text):
            return self._variable(name.text, argument(1))
        if call.last in WITH_DEFAULT and (call.root is not None or call.base):
            asked = self._receiver(call, depth)
            default = argument(0)
            if asked is not None and default is not None:
                return either(asked, default)
        if call.last in ("max", "min") and len(arguments) > 1:
            values = [self._value(a.value, depth + 1) for a in arguments]
            if all(v.kind == values[0].kind and v.kind in ("number", "duration") for v in values):
                return (max if call.last == "max" else min)(values, key=lambda v: v.number)
        if call.last in PASSED_ON:
            inner = argument(0) if arguments and not arguments[0].name else self._receiver(call, depth)
            return converted(inner) if inner is not None else unknown("not a constant")
        return unknown(f"computed by {call.path[:60]}()")

    def _receiver(self, call: Call, depth: int) -> Value | None:
        node = call.root
        if node is None and call.base:
            node = next((n for f in ("object", "receiver") if (n := call.node.field(f)) is not None), None)
            if node is None:
                head = call.node.field("function") or call.node.field("target") or call.node.child(0)
                node = next(
                    (
                        n
                        for f in ("object", "operand", "value", "left", "expression")
                        if (n := head.field(f)) is not None
                    ),
                    None,
                )
        return self._value(node, depth + 1) if node is not None else None

    def _block(self, call: Call, depth: int) -> Value | None:
        """The value of a block such as `{ 3000 }` behind ENV.fetch."""
        block = call.node.field("block")
        inner = block.field("body") if block is not None else None
        children = [child for child in inner.children() if child.is_named()] if inner is not None else []
        return self._value(children[0], depth + 1) if len(children) == 1 else None


_MAKERS = {"Duration", "Timeout", "TimeValue", "TimeSpan", "java.time.Duration", "Period"}


def _sum_of_units(name: str, arguments: tuple[Argument, ...], argument: Callable[[int | str], Value | None]) -> Value:
    """timedelta(minutes=1, seconds=5), new TimeSpan(h, m, s), new TimeSpan(d, h, m, s), to_timeout(second: 5)."""
    orders = {3: ("h", "min", "s"), 4: ("d", "h", "min", "s"), 5: ("d", "h", "min", "s", "ms")}
    order = orders.get(len(arguments), ("ns",)) if name == "TimeSpan" else ("d", "s", "us", "ms", "min", "h", "w")
    total = Fraction(0)
    for at, given in enumerate(arguments):
        unit = microseconds(given.name or (order[at] if at < len(order) else ""))
        value = argument(given.name or at)
        if unit is None or value is None or value.kind != "number":
            return value if value is not None and not value.known else unknown("not a constant")
        total += value.number * (unit if name != "TimeSpan" or len(arguments) != 1 else Fraction(1, 10))
    return Value("duration", total)


def _variable(path: str) -> str:
    """The environment variable a dotted name stands for; "" when it is none."""
    for prefix in ENVIRONMENT:
        if path.startswith(prefix) and "." not in path[len(prefix) :]:
            return path[len(prefix) :]
    return ""
