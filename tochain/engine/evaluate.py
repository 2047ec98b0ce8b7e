"""What an expression comes to for one choice of facts: a number, words, or a three-valued truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import reduce

from tochain.engine.logic import (
    ANYTHING,
    NEVER_FIRES,
    Number,
    Texts,
    Truth,
    all_of,
    any_of,
    exactly,
    number_of,
    texts_of,
)
from tochain.engine.nodes import Binary, Call, Compare, Constant, Join, Node, Not, Param, Ref, Text
from tochain.model.fact import Fact
from tochain.model.limit import Finite, Limit, Off, OneOf, Unknown, Unset, Word
from tochain.model.timers import TIMERS

__all__ = ["Env", "Value", "chosen", "number", "truth"]

Value = Number | Texts


@dataclass(frozen=True, slots=True)
class Env:
    """One fact for each timer a rule names (None: the end has no such timer), and the rule's parameters."""

    facts: Mapping[Ref, Fact | None]
    params: Mapping[str, Value] = field(default_factory=dict)

    def limit(self, ref: Ref) -> Limit | None:
        """The limit of a timer; None where the end has none."""
        fact = self.facts.get(ref)
        return fact.limit if fact is not None else None


def truth(node: Node, env: Env) -> Truth:
    """Whether a condition holds: True, False or None."""
    match node:
        case Join("and", parts):
            return all_of(truth(part, env) for part in parts)
        case Join(_, parts):
            return any_of(truth(part, env) for part in parts)
        case Not(part):
            return _not(truth(part, env))
        case Compare():
            return _compare(node, env)
        case Call(name, (Ref() as ref,)):
            return _TESTS[name](env.facts.get(ref))
        case _:
            raise TypeError(f"no truth: {node}")


def number(node: Node, env: Env) -> Number:
    """The time or count an expression stands for."""
    match node:
        case Constant(amount):
            return exactly(amount)
        case Ref():
            return _timer(node, env)
        case Param(name):
            found = env.params[name]
            assert isinstance(found, Number), "kinds are checked when the rule is read"
            return found
        case Binary(op, left, right):
            a, b = number(left, env), number(right, env)
            return a.plus(b) if op == "+" else a.minus(b) if op == "-" else a.times(b)
        case Call("earliest", args):
            there = [number(arg, env) for arg in args if isinstance(arg, Ref) and env.facts.get(arg) is not None]
            return reduce(Number.least, there, NEVER_FIRES)
        case Call(name, args):
            return reduce(Number.least if name == "min" else Number.greatest, [number(arg, env) for arg in args])
        case _:
            raise TypeError(f"no number: {node}")


def chosen(node: Node, env: Env) -> Ref | None:
    """The timer that decides a value: the timer itself, or the one whose value min, max or earliest takes."""
    match node:
        case Ref():
            return node
        case Call(name, args):
            there = [arg for arg in args if isinstance(arg, Ref) and env.facts.get(arg) is not None]
            if not there:
                return next((arg for arg in args if isinstance(arg, Ref)), None)
            pick = max if name == "max" else min
            return pick(there, key=lambda ref: (_timer(ref, env).hi, _timer(ref, env).lo))
        case _:
            return None


def _timer(ref: Ref, env: Env) -> Number:
    limit = env.limit(ref)
    # A time that is still a word ("kernel") is not known.
    return ANYTHING if isinstance(limit, Word) else number_of(limit, TIMERS[ref.timer].off)


def _words(node: Node, env: Env) -> Texts:
    match node:
        case Text(text):
            return Texts(frozenset({text}))
        case Param(name):
            found = env.params[name]
            assert isinstance(found, Texts), "kinds are checked when the rule is read"
            return found
        case Ref():
            return texts_of(env.limit(node))
        case _:
            raise TypeError(f"no word: {node}")


def _compare(node: Compare, env: Env) -> Truth:
    if node.left.kind == "word":
        same = _words(node.left, env).equals(_words(node.right, env))
        return same if node.op == "==" else _not(same)
    left, right = number(node.left, env), number(node.right, env)
    match node.op:
        case "<=":
            return left.at_most(right)
        case "<":
            return left.less(right)
        case ">=":
            return right.at_most(left)
        case ">":
            return right.less(left)
        case "==":
            return left.equals(right)
        case "!=":
            return _not(left.equals(right))


def _not(value: Truth) -> Truth:
    return None if value is None else not value


def _known(fact: Fact | None) -> Truth:
    return fact is not None and not isinstance(fact.limit, Unknown | Unset)


def _is(kind: type) -> Callable[[Fact | None], Truth]:
    def test(fact: Fact | None) -> Truth:
        match fact.limit if fact is not None else None:
            case None | Unknown() | Unset():
                return None
            case OneOf(choices):
                found = {isinstance(choice, kind) for choice in choices}
                return found.pop() if len(found) == 1 else None
            case limit:
                return isinstance(limit, kind)

    return test


def _written(fact: Fact | None) -> Truth:
    return fact is not None and fact.stated


_TESTS: dict[str, Callable[[Fact | None], Truth]] = {
    "known": _known,
    "off": _is(Off),
    "finite": _is(Finite),
    "has": lambda fact: fact is not None,
    "written": _written,
}
