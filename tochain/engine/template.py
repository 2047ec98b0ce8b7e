"""Sentences of rules with `{...}` in them: a role's name, a timer's value, a parameter, or any expression."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tochain.engine.evaluate import Env, number
from tochain.engine.expr import SCOPES, ExprError, parse
from tochain.engine.logic import INF, Number, Texts
from tochain.engine.nodes import Kind, Node, Param, Ref
from tochain.model.limit import Finite, format_duration

__all__ = ["Template", "show_number"]

_HOLE = re.compile(r"\{([^{}]*)\}")
_ENDLESS = (
    (re.compile(r"\b(?:for )?up to never\b|\bfor never\b"), "without end"),
    (re.compile(r"\bafter never at the earliest\b"), "at no time"),
)
"""How a sentence written for a time reads where there is none."""


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence cut at its holes; a hole is the name of a role or a word (str in a tuple), or an expression."""

    parts: tuple[str | tuple[str] | Node, ...]

    @classmethod
    def read(cls, text: str, scope: str, params: Mapping[str, Kind], words: tuple[str, ...] = ()) -> Template:
        """The sentence; `words` are further names it may use. Raises ExprError for a hole that means nothing."""
        parts: list[str | tuple[str] | Node] = []
        at = 0
        for hole in _HOLE.finditer(text):
            parts.append(text[at : hole.start()])
            name = hole[1].strip()
            known = name in SCOPES[scope] or name in words
            parts.append((name,) if known else _expression(hole, scope, params))
            at = hole.end()
        parts.append(text[at:])
        return cls(tuple(part for part in parts if part != ""))

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The expressions in it."""
        return tuple(part for part in self.parts if not isinstance(part, str | tuple))

    def fill(self, env: Env, names: Mapping[str, str]) -> str:
        """The sentence with the reader's own numbers; `names` are those of the roles and the further words."""
        text = "".join(self._part(part, env, names) for part in self.parts)
        for wrong, right in _ENDLESS if "never" in text else ():
            text = wrong.sub(right, text)
        return text

    def _part(self, part: str | tuple[str] | Node, env: Env, names: Mapping[str, str]) -> str:
        if isinstance(part, str):
            return part
        if isinstance(part, tuple):
            return names.get(part[0], "")
        if isinstance(part, Ref):
            fact = env.facts.get(part)
            return fact.value if fact is not None else "unknown"
        if isinstance(part, Param):
            value = env.params[part.name]
            return show_number(value, part.kind) if isinstance(value, Number) else _words(value)
        return show_number(number(part, env), part.kind)


def _expression(hole: re.Match[str], scope: str, params: Mapping[str, Kind]) -> Node:
    try:
        return parse(hole[1], scope, params, ("time", "count", "word"))
    except ExprError as error:
        raise ExprError(str(error), hole.start(1) + error.at, error.size) from None


def show_number(value: Number, kind: Kind) -> str:
    """A time or count for people: one value, a few, or unknown."""
    if value.points is None:
        return "unknown"
    return " or ".join(_amount(point, kind) for point in sorted(value.points))


def _amount(point: int, kind: Kind) -> str:
    if point >= INF:
        return "never"
    if kind == "count":
        return str(point)
    return format_duration(Finite(point)) if point >= 0 else f"-{format_duration(Finite(-point))}"


def _words(value: Texts) -> str:
    return " or ".join(sorted(value.choices)) if value.choices is not None else "unknown"
