"""The wire story with the reader's own numbers, and its double entry: does it agree with the inequality?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tochain.engine.detail import WireStep
from tochain.engine.evaluate import Env, chosen, number, truth
from tochain.engine.logic import INF, Number
from tochain.engine.nodes import Ref
from tochain.model.finding import Label, Step

__all__ = ["backwards", "happens", "story", "times"]


def story(
    wire: Iterable[WireStep], env: Env, names: Mapping[str, str], labels: Mapping[Ref, Label]
) -> tuple[Step, ...]:
    """The steps that happen; a step that never comes, or whose condition does not hold, is left out."""
    told = []
    for step in wire:
        if step.when is not None and truth(step.when, env) is not True:
            continue
        at = number(step.at, env)
        if at.lo >= INF:
            continue
        decides = chosen(step.at, env)
        sender, receiver = (names.get(role, role) for role in (step.sender, step.receiver))
        what = step.send.fill(env, names)
        earliest, latest = _between(at)
        told.append(Step(earliest, sender, receiver, what, labels.get(decides) if decides else None, latest))
    return tuple(told)


def _between(at: Number) -> tuple[int | None, int | None]:
    """The earliest time, and the latest where it is another; both None where there is no end to what it may be."""
    if at.hi >= INF or at.lo < 0:
        return at.exact, None
    return at.lo, None if at.exact is not None else at.hi


def times(wire: Iterable[WireStep], env: Env) -> list[int | None]:
    """When each step of a story happens, those whose condition does not hold left out; None where that is not known."""
    return [
        number(step.at, env).exact for step in wire if step.when is None or truth(step.when, env) is True
    ]  # fmt: skip


def backwards(told: Sequence[int | None]) -> int:
    """By how much a story's times run backwards at most; 0 when they never do."""
    latest, worst = None, 0
    for at in told:
        if at is None:
            continue
        if latest is not None:
            worst = max(worst, latest - at)
        latest = at if latest is None else max(latest, at)
    return worst


def happens(told: Sequence[int | None]) -> bool:
    """Whether every step of a story happens at a known time."""
    return all(at is not None and at < INF for at in told)
