"""A rule over a grid of values: never an exception, monotone, and in agreement with its own wire story."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Final

from tochain.engine.evaluate import Env, truth
from tochain.engine.logic import INF, Number, Truth
from tochain.engine.nodes import Binary, Call, Compare, Join, Node, Not, Ref
from tochain.engine.schema import Rule
from tochain.engine.wire import backwards, times
from tochain.model.fact import Fact
from tochain.model.limit import NEVER, OFF, Finite, Limit, Unknown, Word, seconds
from tochain.model.span import Pos, Span
from tochain.model.timers import TIMERS

__all__ = ["check_grid", "directions"]

MAX_PAIRED: Final = 8
_HERE: Final = Span("grid", Pos(1, 1), Pos(1, 2))
_RISING: Final = (seconds(0), seconds(1), seconds(10), seconds(300), NEVER)
_RISING_COUNTS: Final = (Finite(0), Finite(1), Finite(10), Finite(300), NEVER)
TIMES: Final[tuple[Limit | None, ...]] = (None, OFF, *_RISING, Unknown())
COUNTS: Final[tuple[Limit | None, ...]] = (None, OFF, *_RISING_COUNTS, Unknown())
WORDS: Final[tuple[Limit | None, ...]] = (None, OFF, Word("on"), Word("any"), Word("all"), Unknown())


def check_grid(rule: Rule) -> list[str]:
    """What is wrong with a rule when two timers at a time take every value and the others are absent or 10 s."""
    if rule.require is None:
        return []
    params = {name: param.default for name, param in rule.params.items()}
    found: dict[str, None] = {}
    for one, other in _pairs(rule.refs):
        for rest in (None, seconds(10)):
            base = {ref: _fact(ref, _suited(ref, rest)) for ref in rule.refs}
            for a, b in product(_grid(one), _grid(other)):
                env = Env({**base, one: _fact(one, a), other: _fact(other, b)}, params)
                found.update(dict.fromkeys(_at(rule, env)))
    found.update(dict.fromkeys(_monotone(rule)))
    return list(found)


def _pairs(refs: tuple[Ref, ...]) -> Iterator[tuple[Ref, Ref]]:
    """Every two timers of a short rule; of a long one each timer with the last few, where the condition's own stand."""
    for at, one in enumerate(refs):
        others = refs[at + 1 :]
        yield from ((one, other) for other in (others if len(refs) <= MAX_PAIRED else others[-2:]) or (one,))


def _at(rule: Rule, env: Env) -> Iterator[str]:
    assert rule.require is not None
    applies = truth(rule.when, env) if rule.when is not None else True
    holds = truth(rule.require, env)
    told = times(rule.detail.wire, _filled(rule, env))
    if applies is not True or holds is not False or len(told) < 2:
        return
    margin = env.params.get("margin")
    slack = margin.hi if isinstance(margin, Number) else 0
    happening = [at for at in told if at is None or at < INF]
    if backwards(happening) > slack:
        values = ", ".join(f"{ref} {fact.value}" for ref, fact in env.facts.items() if fact is not None)
        yield f"double entry: the rule is violated but its wire story runs backwards at {values}"


def _filled(rule: Rule, env: Env) -> Env:
    return Env({**dict.fromkeys(rule.detail.refs), **env.facts}, env.params)


def _monotone(rule: Rule) -> Iterator[str]:
    """Growing a timer that must be long never makes a rule violated that was not, and the other way round."""
    assert rule.require is not None
    values = {name: param.default for name, param in rule.params.items()}
    for ref, way in directions(rule.require).items():
        if way == 0 or TIMERS[ref.timer].kind == "word":
            continue
        rising = _RISING if TIMERS[ref.timer].kind == "time" else _RISING_COUNTS
        for rest in (seconds(0), seconds(10), seconds(300), NEVER, OFF, Unknown()):
            base = {other: _fact(other, _suited(other, rest)) for other in rule.refs}
            seen = [truth(rule.require, Env({**base, ref: _fact(ref, limit)}, values)) for limit in rising]
            if not _ordered(seen if way > 0 else seen[::-1]):
                yield f"not monotone in {ref} while the others are {rest}"


def _ordered(seen: list[Truth]) -> bool:
    """Whether violated comes before undecided before held."""
    ranks = [{False: 0, None: 1, True: 2}[value] for value in seen]
    return ranks == sorted(ranks)


def directions(node: Node, way: int = 1) -> dict[Ref, int]:
    """For each timer whether growing it helps a condition to hold (1), hinders it (-1), or either (0)."""
    match node:
        case Join(_, parts):
            return _merged(directions(part, way) for part in parts)
        case Not(part):
            return directions(part, -way)
        case Compare("<" | "<=", left, right):
            return _merged((directions(left, -way), directions(right, way)))
        case Compare(">" | ">=", left, right):
            return _merged((directions(left, way), directions(right, -way)))
        case Compare(_, left, right):
            return _merged((directions(left, 0), directions(right, 0)))
        case Binary("-", left, right):
            return _merged((directions(left, way), directions(right, -way)))
        case Binary(_, left, right):
            return _merged((directions(left, way), directions(right, way)))
        case Call("min" | "max" | "earliest", args):
            return _merged(directions(arg, way) for arg in args)
        case Call(_, args):
            return _merged(directions(arg, 0) for arg in args)
        case Ref():
            return {node: way}
        case _:
            return {}


def _merged(found: Iterator[dict[Ref, int]] | tuple[dict[Ref, int], ...]) -> dict[Ref, int]:
    merged: dict[Ref, int] = {}
    for one in found:
        for ref, way in one.items():
            merged[ref] = way if merged.get(ref, way) == way else 0
    return merged


def _grid(ref: Ref) -> tuple[Limit | None, ...]:
    return {"time": TIMES, "count": COUNTS, "word": WORDS}[TIMERS[ref.timer].kind]


def _suited(ref: Ref, limit: Limit | None) -> Limit | None:
    if TIMERS[ref.timer].kind == "word" and isinstance(limit, Finite):
        return Word("on")
    return limit


def _fact(ref: Ref, limit: Limit | None) -> Fact | None:
    return None if limit is None else Fact(ref.timer, limit, ref.timer, "written", _HERE)
