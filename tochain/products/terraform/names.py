"""What evaluating Terraform needs to know: names, places, a budget, and where a template's pieces are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from tochain.model.span import Span
from tochain.products.cloud import Value

__all__ = ["Budget", "Names", "Place", "closing", "parts"]

Place = Callable[[int, int], Span]
"""Two offsets of a text to their place in the file it stands in."""

MAX_LEVELS = 100
MAX_WORK = 100_000


@dataclass(slots=True)
class Budget:
    """How deep and how much may be evaluated for one root module, over all expressions that lead into one another."""

    level: int = 0
    work: int = 0

    def spent(self) -> bool:
        """Counts one step; whether it is one too many."""
        self.work += 1
        return self.level > MAX_LEVELS or self.work > MAX_WORK


class Names(Protocol):
    """What names mean where an expression stands."""

    @property
    def budget(self) -> Budget:
        """What is left to spend."""

    def lookup(self, root: str, path: list[Value | str], span: Span) -> tuple[Value, int]:
        """The value of a name and how many steps of its path it took."""

    def file(self, path: str, span: Span, variables: Value | None) -> Value:
        """The content of a file; with variables, as a template."""

    def bound(self, names: dict[str, Value]) -> Names:
        """The same with further names."""


def parts(raw: str) -> list[tuple[bool, int, int]]:
    """The plain and the `${...}` stretches of a template, as (is code, start, end); an unclosed one is plain."""
    found: list[tuple[bool, int, int]] = []
    done = at = 0
    while (start := raw.find("${", at)) != -1:
        if raw[start - 1 : start] == "$":
            at = start + 2
            continue
        end = closing(raw, start + 2)
        if end == -1:
            break
        if start > done:
            found.append((False, done, start))
        found.append((True, start, end))
        done = at = end
    if done < len(raw) or not found:
        found.append((False, done, len(raw)))
    return found


def closing(raw: str, at: int) -> int:
    """Behind the brace that closes an interpolation; -1 where none does."""
    level, quoted = 1, False
    while at < len(raw):
        character = raw[at]
        if quoted and character == "\\":
            at += 1
        elif character == '"':
            quoted = not quoted
        elif not quoted and character in "{}":
            level += 1 if character == "{" else -1
            if level == 0:
                return at + 1
        at += 1
    return -1
