"""Values of expressions and the arithmetic on them: exact, and honest about what is not known."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

__all__ = [
    "HOLE",
    "Value",
    "arithmetic",
    "converted",
    "deciding",
    "either",
    "from_environment",
    "from_property",
    "in_unit",
    "literal",
    "parsed",
    "scaled",
    "unknown",
    "with_hole",
]

_DIGITS = 30
_NUMBER = re.compile(
    r"(0[xX][0-9a-fA-F]{1,16}|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?)(?:[lLfFdDmMnuU]|[uif](?:8|16|32|64|128|size))*"
)
HOLE = "{}"
_PROPERTY = "property "

Kind = Literal["number", "duration", "text", "word", "unknown"]


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression comes to.

    `number` is the number, or the microseconds of a duration; `text` a text or word, with "{}" where something
    unknown is filled in. An unknown value has its `reason`, and where an environment variable decides, its name and
    what holds unless it is set (`likely`).
    """

    kind: Kind
    number: Fraction = Fraction(0)
    text: str = ""
    reason: str = ""
    variable: str = ""
    likely: Value | None = None

    @property
    def known(self) -> bool:
        """Whether the value is certain."""
        return self.kind != "unknown"

    def show(self) -> str:
        """The value for messages."""
        if self.kind == "number":
            return str(self.number) if self.number.denominator == 1 else str(float(self.number))
        return f"{float(self.number) / 1e6:g}s" if self.kind == "duration" else self.text


def unknown(reason: str, variable: str = "", likely: Value | None = None) -> Value:
    """A value that cannot be known, and why."""
    return Value("unknown", reason=reason, variable=variable, likely=likely)


def _number(value: Fraction | int) -> Value:
    return Value("number", Fraction(value))


def from_environment(name: str, likely: Value | None = None) -> Value:
    """What an environment variable decides, with what holds unless it is set."""
    known = likely is not None and likely.known
    reason = deciding(name) + (f", {likely.show()} unless set" if known and likely else "")
    return unknown(reason, name, likely if known else None)


def from_property(name: str, likely: Value | None = None) -> Value:
    """What a property decides that no file sets, with what holds unless it is set."""
    return from_environment(f"{_PROPERTY}{name}", likely)


def deciding(variable: str) -> str:
    """What decides a value, for people: an environment variable by its name, or a property."""
    return variable if variable.startswith(_PROPERTY) else f"environment variable {variable}"


def literal(text: str) -> Value:
    """The number a literal of any language stands for."""
    bare = text.replace("_", "")
    found = _NUMBER.fullmatch(bare) if len(bare) <= _DIGITS else None
    if found is None:
        return unknown(f"not a number: {text[:20]}")
    digits = found[1]
    return _number(
        int(digits, 16) if digits[:2].lower() == "0x" else Fraction(digits.rstrip(".") if "e" not in digits else digits)
    )


def parsed(text: str) -> Value:
    """A text as a number where it is one, else as a text."""
    bare = text.strip()
    value = literal(bare.lstrip("-")) if bare else unknown("empty")
    if value.known:
        return replace(value, number=-value.number) if bare.startswith("-") else value
    return Value("text", text=text)


def converted(value: Value) -> Value:
    """A value through `int(...)` and the like: a text of digits is its number."""
    if value.likely is not None:
        return replace(value, likely=converted(value.likely))
    return parsed(value.text) if value.kind == "text" and not value.reason else value


def either(left: Value, right: Value) -> Value:
    """`left or right`: the left unless it may be missing."""
    if left.kind == "unknown":
        if not left.variable:
            return unknown(left.reason)
        return from_environment(left.variable, left.likely or (right if right.known else right.likely))
    empty = (left.kind == "word" and left.text in ("none", "false")) or (left.kind == "number" and left.number == 0)
    return right if empty else left


def scaled(value: Value, unit: Fraction) -> Value:
    """A number of some unit as a duration; `unit` in microseconds."""
    if value.likely is not None:
        return replace(value, likely=scaled(converted(value.likely), unit))
    value = converted(value)
    return Value("duration", value.number * unit) if value.kind == "number" else value


def in_unit(value: Value, unit: Fraction | None) -> Value:
    """A duration as a plain number of some unit; `unit` in microseconds."""
    if unit is None or value.likely is not None:
        return replace(value, likely=in_unit(value.likely, unit)) if value.likely is not None else value
    return Value("number", value.number / unit) if value.kind == "duration" else value


def arithmetic(operator: str, left: Value | None, right: Value | None) -> Value | None:
    """The result of an operator; None where it has no meaning here."""
    if left is None or right is None:
        return None
    if operator == "+" and "text" in (left.kind, right.kind) and left.known and right.known:
        return Value("text", text=left.show() + right.show(), reason=left.reason or right.reason)
    if left.kind not in ("number", "duration") or right.kind not in ("number", "duration"):
        return None
    kind: Kind = "duration" if "duration" in (left.kind, right.kind) else "number"
    a, b = left.number, right.number
    if operator == "*":
        return Value(kind, a * b) if kind == "number" or left.kind != right.kind else None
    if operator in ("/", "//") and b != 0:
        return Value("number" if left.kind == right.kind else kind, a / b if operator == "/" else Fraction(a // b))
    if operator in ("+", "-") and left.kind == right.kind:
        return Value(kind, a + b if operator == "+" else a - b)
    return None


def with_hole(left: Value, right: Value) -> Value:
    """A text put together from a known and an unknown piece, a hole where the likely value is not known either."""
    missing = right if left.known else left
    pieces = [value.show() if value.known else value.likely.show() if value.likely else HOLE for value in (left, right)]
    return Value("text", text="".join(pieces), reason=missing.reason, variable=missing.variable)
