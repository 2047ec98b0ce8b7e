"""Whom an evaluator asks for what its own file does not say: the files beside it, and what is set from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tochain.formats.codeinject import Injected
from tochain.formats.codescope import Place
from tochain.formats.constant_values import Value

if TYPE_CHECKING:
    from tochain.formats.constant import Evaluator

__all__ = ["STEPS", "Budget", "Elsewhere", "Outside"]

STEPS = 2_000


class Budget:
    """How many steps one value may still take, shared by the files it leads through."""

    def __init__(self) -> None:
        self.left = STEPS


class Elsewhere(Protocol):
    """Where a name that a file does not bind itself is bound: another file's evaluator, and the place there."""

    def __call__(self, evaluator: Evaluator, names: tuple[str, ...], /) -> tuple[Evaluator, Place] | None:
        """Looks for a dotted name as one file uses it."""

    def home(self, evaluator: Evaluator, kind: str, /) -> Evaluator | None:
        """The evaluator of the file that declares a class as one file knows it; None where none or several do."""


class Outside(Protocol):
    """Who knows the values that annotations ask for: what is set in files of properties, else the default given."""

    def __call__(self, asked: Injected, /) -> Value:
        """The value of one injected name."""
