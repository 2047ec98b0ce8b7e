"""Rules with one thing changed: what their examples must be able to tell from the rule itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tochain.engine.logic import Number, exactly
from tochain.engine.nodes import Binary, Call, Compare, Join, Node, Not
from tochain.engine.schema import Rule

__all__ = ["mutants"]

_FLIPPED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def mutants(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """The rule with a comparison turned around, without its condition, and with each margin set to nothing."""
    for at, mutated in enumerate(_flips(rule.require) if rule.require is not None else ()):
        yield f"with comparison {at + 1} of require turned around", rule.changed(require=mutated)
    if rule.when is not None:
        yield "without when", rule.changed(when=None)
    for name, param in rule.params.items():
        if name == "margin" and isinstance(param.default, Number):
            params = {**rule.params, name: replace(param, default=exactly(0))}
            yield f"with {name} 0", rule.changed(params=params)


def _flips(node: Node) -> Iterator[Node]:
    """The condition once for each of its comparisons, with that one turned around."""
    match node:
        case Compare(op, left, right):
            yield Compare(_FLIPPED[op], left, right)  # type: ignore[arg-type]
        case Not(part):
            yield from (Not(other) for other in _flips(part))
        case Join(op, parts):
            for at, part in enumerate(parts):
                yield from (Join(op, (*parts[:at], other, *parts[at + 1 :])) for other in _flips(part))
        case Call() | Binary():
            return
        case _:
            return
