"""Checked reading of a rule file's values: every wrong one is told with its path and the words allowed there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from tochain.engine.expr import ExprError, parse
from tochain.engine.nodes import Kind, Node
from tochain.engine.rulefile import Path_, WrongError
from tochain.engine.template import Template

__all__ = ["Fields", "mapping", "sequence", "text", "word"]


def text(value: Any, path: Path_) -> str:
    """A value that is one text."""
    if not isinstance(value, str):
        raise WrongError(path, f"{path[-1]}: expected one value, not a list or mapping")
    return value


def sequence(value: Any, path: Path_) -> list[Any]:
    """A value that is a list; nothing is an empty one."""
    if value in (None, ""):
        return []
    if not isinstance(value, list):
        raise WrongError(path, f"{path[-1]}: expected a list")
    return value


def mapping(value: Any, path: Path_, allowed: Iterable[str] | None = None) -> dict[str, Any]:
    """A value that is a mapping with no other keys than those allowed (None: any)."""
    if not isinstance(value, dict):
        raise WrongError(path, f"{path[-1] if path else 'a rule file'}: expected a mapping")
    known = list(allowed) if allowed is not None else list(value)
    for key in value:
        if key not in known:
            raise WrongError((*path, key), f"unknown key {key!r}{_hint(key, known)}", at_key=True)
    return value


def word(value: Any, path: Path_, allowed: Iterable[str]) -> str:
    """A value that is one of a few words."""
    found, known = text(value, path), list(allowed)
    if found not in known:
        raise WrongError(path, f"{path[-1]}: {found!r} is not known{_hint(found, known)}")
    return found


def _hint(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; allowed: {', '.join(known)}"


class Fields:
    """Reads expressions and sentences of one rule: knows its scope and parameters."""

    def __init__(self, scope: str, params: Mapping[str, Kind], words: tuple[str, ...] = ()) -> None:
        self.scope, self.params, self.words = scope, params, words

    def expression(self, value: Any, path: Path_, wanted: tuple[Kind, ...] = ("truth",)) -> Node:
        """An expression of one of the wanted kinds."""
        found = text(value, path)
        try:
            return parse(found, self.scope, self.params, wanted)
        except ExprError as error:
            raise WrongError(path, f"{path[-1]}: {error}", _snippet(found, error)) from None

    def condition(self, row: Mapping[str, Any], path: Path_, key: str = "when") -> Node | None:
        """An optional condition."""
        return self.expression(row[key], (*path, key)) if key in row else None

    def sentence(self, value: Any, path: Path_, words: tuple[str, ...] = ()) -> Template:
        """A sentence with holes."""
        found = text(value, path)
        try:
            return Template.read(" ".join(found.split()), self.scope, self.params, (*self.words, *words))
        except ExprError as error:
            raise WrongError(path, f"{path[-1]}: {error}", _snippet(" ".join(found.split()), error)) from None


def _snippet(found: str, error: ExprError) -> str:
    part = found[error.at : error.at + error.size].split("\n", maxsplit=1)[0]
    return part.strip()
