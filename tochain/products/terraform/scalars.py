"""The simplest values: known, unknown, true, equal, numbers."""

from __future__ import annotations

import re
from fractions import Fraction

from tochain.model.span import Span
from tochain.products.cloud import Value

__all__ = ["equal", "flag", "number", "scalar", "truth", "unknown"]

_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,9})?")


def scalar(text: str, span: Span) -> Value:
    """A known scalar."""
    return Value("scalar", span, text)


def unknown(span: Span, text: str, reason: str, *parts: Value) -> Value:
    """What cannot be told, with the resources its parts mention."""
    refs = tuple(dict.fromkeys(ref for part in parts for ref in part.mentioned()))
    return Value("unknown", span, text, refs=refs, reason=reason)


def truth(value: Value) -> bool | None:
    """Whether a condition holds; None when that is not known."""
    if value.kind != "scalar" or value.text not in ("true", "false"):
        return None
    return value.text == "true"


def equal(one: Value, other: Value) -> bool:
    """Whether two scalars are known to be the same."""
    if one.kind == other.kind == "null":
        return True
    return one.kind == other.kind == "scalar" and (one.text == other.text or number(one) == number(other) is not None)


def number(value: Value) -> Fraction | None:
    """The number a scalar is; None for anything else."""
    return Fraction(value.text) if value.kind == "scalar" and _NUMBER.fullmatch(value.text) else None


def flag(value: bool, span: Span) -> Value:
    """True or false as a value."""
    return scalar("true" if value else "false", span)
