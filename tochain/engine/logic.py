"""Three-valued logic and arithmetic on ranges: a verdict is given only when every possible value agrees.

Truth is True, False or None (undecided). A number is the range of what it may be, in whole units, with `INF`
for what never fires.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from tochain.model.limit import Finite, Limit, Never, Off, OneOf, Unknown, Unset, Word

__all__ = [
    "ANYTHING", "INF", "NEVER_FIRES", "Number", "Texts", "Truth",
    "all_of", "any_of", "exactly", "number_of", "texts_of",
]  # fmt: skip

Truth = bool | None

INF: Final = 10**24
"""Larger than every time and count; what never fires."""
MAX_POINTS: Final = 64


@dataclass(frozen=True, slots=True)
class Number:
    """What a time or count may be: every value in [lo, hi], or exactly those in `points` when they are few."""

    lo: int
    hi: int
    points: frozenset[int] | None = None

    def plus(self, other: Number) -> Number:
        """The sum; never plus anything is never."""
        return _combine(self, other, _add)

    def minus(self, other: Number) -> Number:
        """The difference; never minus never can be anything."""
        if self.points is not None and other.points is not None and not (INF in self.points and INF in other.points):
            return _combine(self, other, lambda a, b: _add(a, -b))
        lo = -INF if other.hi == INF else _add(self.lo, -other.hi)
        return Number(lo, INF if self.hi == INF else _add(self.hi, -other.lo))

    def times(self, other: Number) -> Number:
        """The product; nothing times never is nothing."""
        return _combine(self, other, _multiply)

    def least(self, other: Number) -> Number:
        """The smaller of two."""
        return _combine(self, other, min)

    def greatest(self, other: Number) -> Number:
        """The larger of two."""
        return _combine(self, other, max)

    def at_most(self, other: Number) -> Truth:
        """`self <= other`: anything is at most never."""
        return True if self.hi <= other.lo else False if self.lo > other.hi else None

    def less(self, other: Number) -> Truth:
        """`self < other`."""
        return True if self.hi < other.lo else False if self.lo >= other.hi else None

    def equals(self, other: Number) -> Truth:
        """`self == other`, exact over the choices of both."""
        if self.hi < other.lo or other.hi < self.lo:
            return False
        if self.points is None or other.points is None:
            return None
        if not self.points & other.points:
            return False
        return True if len(self.points) == len(other.points) == 1 else None

    @property
    def exact(self) -> int | None:
        """The one value it has; None when there are several or any."""
        return self.lo if self.lo == self.hi else None


def exactly(*values: int) -> Number:
    """A number that is one of a few values."""
    return Number(min(values), max(values), frozenset(values))


ANYTHING: Final = Number(0, INF)
NEVER_FIRES: Final = exactly(INF)


def _add(a: int, b: int) -> int:
    if INF in (a, b):
        return INF
    return max(-INF, min(INF, a + b))


def _multiply(a: int, b: int) -> int:
    return 0 if 0 in (a, b) else max(-INF, min(INF, a * b))


def _combine(a: Number, b: Number, op: Callable[[int, int], int]) -> Number:
    if a.points is not None and b.points is not None and len(a.points) * len(b.points) <= MAX_POINTS:
        return exactly(*(op(x, y) for x in a.points for y in b.points))
    ends = [op(x, y) for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
    return Number(min(ends), max(ends))


@lru_cache(maxsize=65_536)
def number_of(limit: Limit | None, off: Literal["never", "zero"]) -> Number:
    """The number a limit stands for; `off` says what a mechanism that is off amounts to."""
    match limit:
        case Finite(amount):
            return exactly(amount)
        case Never():
            return NEVER_FIRES
        case Off():
            return NEVER_FIRES if off == "never" else exactly(0)
        case OneOf(choices) if not any(isinstance(choice, Word) for choice in choices):
            return exactly(*(number_of(choice, off).lo for choice in choices))
        case _:
            return ANYTHING


@dataclass(frozen=True, slots=True)
class Texts:
    """What a word may be: one of `choices`, or any word when they are not known (None)."""

    choices: frozenset[str] | None = None

    def equals(self, other: Texts) -> Truth:
        """`self == other`."""
        if self.choices is None or other.choices is None:
            return None
        if not self.choices & other.choices:
            return False
        return True if len(self.choices) == len(other.choices) == 1 else None


@lru_cache(maxsize=65_536)
def texts_of(limit: Limit | None) -> Texts:
    """The words a limit stands for: `off` for what is off, `on` as it is written."""
    match limit:
        case Word(text):
            return Texts(frozenset({text}))
        case Off():
            return Texts(frozenset({"off"}))
        case Never():
            return Texts(frozenset({"never"}))
        case Finite(amount):
            return Texts(frozenset({str(amount)}))
        case OneOf(choices):
            found = [texts_of(choice).choices or frozenset() for choice in choices]
            return Texts(frozenset().union(*found))
        case Unknown() | Unset() | None:
            return Texts()


def all_of(truths: Iterable[Truth]) -> Truth:
    """Kleene's and: one False decides."""
    found: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            found = None
    return found


def any_of(truths: Iterable[Truth]) -> Truth:
    """Kleene's or: one True decides."""
    found: Truth = False
    for truth in truths:
        if truth is True:
            return True
        if truth is None:
            found = None
    return found
