"""What a timer can be: a time or count, never, off, not written, or not knowable from here.

Durations are whole microseconds, counts whole numbers; there is no floating point. Comparison happens on
intervals: a value that cannot be known is every value at once, so a verdict is given only when all agree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

__all__ = [
    "NEVER",
    "OFF",
    "UNKNOWN",
    "UNSET",
    "Finite",
    "Limit",
    "Never",
    "Off",
    "OneOf",
    "Unknown",
    "Unset",
    "Word",
    "format_duration",
    "parse_duration",
    "seconds",
]


@dataclass(frozen=True, slots=True)
class Finite:
    """A time in microseconds, or a plain count where the timer counts (`model.timers` says which)."""

    amount: int


@dataclass(frozen=True, slots=True)
class Never:
    """The timer exists and does not fire."""


@dataclass(frozen=True, slots=True)
class Off:
    """The mechanism itself is switched off: no keep-alive, no pool, no TCP keepalive."""


@dataclass(frozen=True, slots=True)
class Unset:
    """Not written; the default of the version takes its place before anything is judged."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Not knowable from here: a variable, a template, a version nobody gave; `reason` says why."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of several values, and not known which: usually a default that changed between versions."""

    choices: tuple[Finite | Never | Off | Word, ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A setting that is a word and not an amount, such as `on`, `drop` or `safe`."""

    text: str


Limit = Finite | Never | Off | Unset | Unknown | OneOf | Word

NEVER: Final = Never()
OFF: Final = Off()
UNSET: Final = Unset()
UNKNOWN: Final = Unknown()

_US = {
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "m": 60_000_000,
    "min": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 604_800_000_000,
}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(us|ms|min|[smhdw])")


def seconds(amount: int) -> Finite:
    """A limit of whole seconds."""
    return Finite(amount * 1_000_000)


def scale(number: str, unit: str) -> Finite:
    """A decimal number in `unit` (us, ms, s, m, min, h, d, w) as a limit; raises ValueError for neither."""
    if unit not in _US:
        raise ValueError(f"unknown unit {unit!r}")
    exact = Fraction(number) * _US[unit]
    return Finite(int(exact))


def parse_duration(text: str) -> Finite | Never | Off:
    """The duration a person writes with units: `300s`, `1h30m`, `250ms`, `never`, `off`.

    Raises ValueError for anything else, a bare number included: it has no unit.
    """
    bare = text.strip().lower()
    if bare == "never":
        return NEVER
    if bare == "off":
        return OFF
    total, at = Fraction(0), 0
    for part in _PART.finditer(bare):
        if bare[at : part.start()].strip():
            break
        total += Fraction(part[1]) * _US[part[2]]
        at = part.end()
    if at == 0 or bare[at:].strip():
        raise ValueError(f"not a duration: {text!r}; expected 300s, 5m, 1h30m, 250ms, never or off")
    return Finite(int(total))


def format_duration(limit: Limit) -> str:
    """A limit as people write it: `10s`, `1h30m`, `250ms`, `never`, `off`, `unknown`, `60s or 75s`."""
    match limit:
        case Finite(amount):
            return _finite(amount)
        case Never():
            return "never"
        case Off():
            return "off"
        case Unset():
            return "not set"
        case Unknown():
            return "unknown"
        case OneOf(choices):
            return " or ".join(format_duration(choice) for choice in choices)
        case Word(text):
            return text


def _finite(amount: int) -> str:
    if amount == 0:
        return "0s"
    if amount % 1_000_000:
        return f"{amount // 1000}ms" if amount % 1000 == 0 else f"{amount}us"
    whole = amount // 1_000_000
    if whole < 7200 and whole % 3600:
        return f"{whole}s"
    days, rest = divmod(whole, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, secs = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "m"), (secs, "s")]
    return "".join(f"{n}{u}" for n, u in parts if n)
