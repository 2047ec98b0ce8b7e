"""What an inequality cannot say: named functions that a rule file asks for with `predicate:`.

What adds up along whole paths comes as timers of its own from the graph (`connect.worst`, `connect.attempts_below`), so
a predicate looks at one site only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tochain.engine.evaluate import Env
from tochain.engine.logic import Truth
from tochain.engine.nodes import Ref

__all__ = ["PREDICATES", "Predicate"]


@dataclass(frozen=True, slots=True)
class Predicate:
    """A condition for rules of one scope: whether all is well with one choice of facts of the timers `refs`."""

    scope: str
    refs: tuple[Ref, ...]
    holds: Callable[[Env], Truth]


PREDICATES: dict[str, Predicate] = {}
"""Every predicate by the name rule files use."""
