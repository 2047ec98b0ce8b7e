"""What calls in source code come to: durations, the environment, conversions; everything else is computed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from tochain.formats.code import Call
from tochain.formats.codenames import Argument, Expr, Node
from tochain.formats.constant_given import member_of
from tochain.formats.constant_names import ADDRESS_MAKERS, PASSED_ON, READERS, WITH_DEFAULT, microseconds
from tochain.formats.constant_values import Value, converted, either, in_unit, scaled, unknown

if TYPE_CHECKING:
    from tochain.formats.constant import Evaluator

__all__ = ["asked_of", "of_call", "unit_named"]

_SHOUTED = re.compile(r"[A-Z][A-Z0-9_]{2,}")
_MAKERS = {"Duration", "Timeout", "TimeValue", "TimeSpan", "java.time.Duration", "Period"}
_ASKED = re.compile(
    r"(?:to|get|as_|in_|in_whole_|inWhole|total_?)((?:milli|micro|nano)(?:s|seconds)|seconds|secs|minutes|hours|days)"
    r"(?:_f64|_f32|Part)?",
    re.IGNORECASE,
)
_BARE = {"Seconds", "Milliseconds", "Minutes"}
"""Go asks a duration for its amount by the unit's plain name."""


def of_call(evaluator: Evaluator, node: Node, depth: int) -> Value:
    """What the call at a node comes to."""
    call = evaluator.code.call(node)
    if call is None:
        return unknown("not a constant")
    asked = _Asked(evaluator, call, depth)
    unit = asked.unit()
    if unit is not None:
        first = asked.argument(0)
        return scaled(first, unit) if first is not None else unknown("not a constant")
    return asked.special()


def _member(accessor: str) -> str:
    bare = accessor.removeprefix("get")
    return bare[:1].lower() + bare[1:] if bare != accessor and bare[:1].isupper() else accessor


def asked_of(name: str) -> Fraction | None:
    """The unit in which `toMillis`, `total_seconds`, `TotalSeconds`, `as_millis` and the like tell a duration."""
    found = _ASKED.fullmatch(name)
    if found is None:
        return microseconds(name) if name in _BARE else None
    return microseconds(found[1])


def unit_named(expr: Expr) -> Fraction | None:
    """The unit a name such as `TimeUnit.SECONDS` or `ChronoUnit.MILLIS` stands for, in microseconds."""
    if expr.kind != "name" or expr.root is not None:
        return None
    base, _, last = expr.text.rpartition(".")
    plain = last.isupper() and not base
    return (
        microseconds(last) if plain or base.rpartition(".")[2] in ("TimeUnit", "ChronoUnit", "DurationUnit") else None
    )


@dataclass
class _Asked:
    """One call whose value is asked for."""

    evaluator: Evaluator
    call: Call
    depth: int

    @cached_property
    def arguments(self) -> tuple[Argument, ...]:
        return self.evaluator.code.arguments(self.call.node)

    def argument(self, at: int | str) -> Value | None:
        """The value of an argument by position or name."""
        if isinstance(at, str):
            found = next((a.value for a in self.arguments if a.name == at), None)
        else:
            found = self.arguments[at].value if at < len(self.arguments) and not self.arguments[at].name else None
        return self.evaluator.inner(found, self.depth + 1) if found is not None else None

    def unit(self) -> Fraction | None:
        """The unit of a call that makes a duration of its first argument."""
        call = self.call
        if len(self.arguments) > 1 and call.last in ("of", "ofMillis"):
            return self.evaluator.unit_of(self.arguments[1].value)
        for prefix in ("of", "From", "from_", "from"):
            if call.last.startswith(prefix) and call.base.rpartition(".")[2] in _MAKERS:
                return microseconds(call.last[len(prefix) :].removesuffix("_f64").removesuffix("_f32"))
        if call.base in ("timer", "Timer") or call.last in ("seconds", "minutes", "milliseconds", "hours"):
            return microseconds(call.last)
        return None

    def special(self) -> Value:
        """The value of a call that makes no plain duration."""
        call = self.call
        if call.last in ("TimeSpan", "timedelta", "to_timeout"):
            return self._sum_of_units()
        for found in (self._of_environment(), self._told(), self._with_default(), self._extreme()):
            if found is not None:
                return found
        if call.path in ADDRESS_MAKERS:
            return self.argument(0) or self.argument("string") or unknown("not a constant")
        if call.last == "Field":
            return self.argument(0) or self.argument("default") or unknown("not a constant")
        if call.last in PASSED_ON:
            inner = self.argument(0) if self.arguments and not self.arguments[0].name else self._receiver()
            return converted(inner) if inner is not None else unknown("not a constant")
        return self._got() or unknown(f"computed by {call.path[:60]}()")

    def _got(self) -> Value | None:
        """`limits.getReadTimeout()` and `limits.readTimeout()`: a member of the class the name is declared with."""
        call = self.call
        kind = self.evaluator.code.types.get(call.base, "") if not self.arguments and call.root is None else ""
        return member_of(self.evaluator, kind, _member(call.last), self.depth + 1) if kind else None

    def _of_environment(self) -> Value | None:
        call = self.call
        if call.path in READERS:
            name = self.argument(0)
            if name is None or name.kind != "text":
                return unknown("an environment variable")
            default = self.argument(1) or self.argument("default") or self.argument("default_value") or self._block()
            return self.evaluator.variable(name.text, default)
        if "env" not in call.last.lower() or not self.arguments:
            return None
        name = self.argument(0)
        shouted = name is not None and _SHOUTED.fullmatch(name.text)
        return self.evaluator.variable(name.text, self.argument(1)) if name is not None and shouted else None

    def _told(self) -> Value | None:
        """A duration's amount in some unit, and `TimeUnit.MINUTES.toMillis(30)`."""
        unit = asked_of(self.call.last)
        if unit is None:
            return None
        own = microseconds(self.call.base.rpartition(".")[2]) if "TimeUnit" in self.call.base.split(".") else None
        amount = self.argument(0)
        if own is not None and amount is not None:
            return in_unit(scaled(amount, own), unit)
        inner = self._receiver() if not self.arguments else None
        return in_unit(inner, unit) if inner is not None else None

    def _with_default(self) -> Value | None:
        if self.call.last not in WITH_DEFAULT or (self.call.root is None and not self.call.base):
            return None
        asked, default = self._receiver(), self.argument(0)
        return either(asked, default) if asked is not None and default is not None else None

    def _extreme(self) -> Value | None:
        if self.call.last not in ("max", "min") or len(self.arguments) < 2:
            return None
        values = [self.evaluator.inner(a.value, self.depth + 1) for a in self.arguments]
        if not all(v.kind == values[0].kind and v.kind in ("number", "duration") for v in values):
            return None
        return (max if self.call.last == "max" else min)(values, key=lambda v: v.number)

    def _receiver(self) -> Value | None:
        """The value of what a method is called on."""
        call = self.call
        node = call.node.field("object") or call.node.field("receiver")
        if node is None:
            head = call.node.field("function") or call.node.field("target") or call.node.child(0)
            fields = ("object", "operand", "value", "left", "expression")
            node = next((n for f in fields if (n := head.field(f)) is not None), None)
            if node is None and head.kind() == "navigation_expression":
                node = head.child(0)
        node = node if node is not None else call.root
        return self.evaluator.inner(node, self.depth + 1) if node is not None else None

    def _block(self) -> Value | None:
        """The value of a block such as `{ 3000 }` behind ENV.fetch."""
        block = self.call.node.field("block")
        inner = block.field("body") if block is not None else None
        children = [child for child in inner.children() if child.is_named()] if inner is not None else []
        return self.evaluator.inner(children[0], self.depth + 1) if len(children) == 1 else None

    def _sum_of_units(self) -> Value:
        """timedelta(minutes=1, seconds=5), new TimeSpan(h, m, s), new TimeSpan(d, h, m, s), to_timeout(second: 5)."""
        name, arguments = self.call.last, self.arguments
        orders = {3: ("h", "min", "s"), 4: ("d", "h", "min", "s"), 5: ("d", "h", "min", "s", "ms")}
        order = orders.get(len(arguments), ("ns",)) if name == "TimeSpan" else ("d", "s", "us", "ms", "min", "h", "w")
        total = Fraction(0)
        for at, given in enumerate(arguments):
            unit = microseconds(given.name or (order[at] if at < len(order) else ""))
            value = self.argument(given.name or at)
            if unit is None or value is None or value.kind != "number":
                return value if value is not None and not value.known else unknown("not a constant")
            total += value.number * (unit if name != "TimeSpan" or len(arguments) != 1 else Fraction(1, 10))
        return Value("duration", total)
