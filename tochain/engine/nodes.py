"""What an expression of a rule is made of, once read: every node knows its kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tochain.model.timers import TIMERS

__all__ = [
    "Binary", "Call", "Compare", "Constant", "Join", "Kind", "Node", "Not", "Param", "Ref", "Text", "refs", "walk",
]  # fmt: skip

Kind = Literal["time", "count", "word", "truth"]


@dataclass(frozen=True, slots=True)
class Constant:
    """A duration in microseconds, or a bare number."""

    amount: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Text:
    """A word to compare with."""

    text: str
    kind: Kind = "word"


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of the rule."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Ref:
    """One timer of one role."""

    role: str
    timer: str

    @property
    def kind(self) -> Kind:
        """Whether the timer is a time, a count or a word."""
        return TIMERS[self.timer].kind

    def __str__(self) -> str:
        return f"{self.role}.{self.timer}"


@dataclass(frozen=True, slots=True)
class Call:
    """One of the functions over its arguments."""

    name: str
    args: tuple[Node, ...]
    kind: Kind


@dataclass(frozen=True, slots=True)
class Binary:
    """`+`, `-` or `*` of two amounts."""

    op: Literal["+", "-", "*"]
    left: Node
    right: Node
    kind: Kind


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison of two amounts or two words."""

    op: Literal["<", "<=", ">", ">=", "==", "!="]
    left: Node
    right: Node
    kind: Kind = "truth"


@dataclass(frozen=True, slots=True)
class Join:
    """`and` or `or` of several truths."""

    op: Literal["and", "or"]
    parts: tuple[Node, ...]
    kind: Kind = "truth"


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary of a truth."""

    part: Node
    kind: Kind = "truth"


Node = Constant | Text | Param | Ref | Call | Binary | Compare | Join | Not


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it, in the order of the text."""
    yield node
    below: tuple[Node, ...] = ()
    match node:
        case Call(_, args):
            below = args
        case Binary(_, left, right) | Compare(_, left, right):
            below = (left, right)
        case Join(_, parts):
            below = parts
        case Not(part):
            below = (part,)
        case _:
            pass
    for child in below:
        yield from walk(child)


def refs(*nodes: Node | None) -> tuple[Ref, ...]:
    """Every timer named, once, in the order of the text."""
    found = (part for node in nodes if node is not None for part in walk(node) if isinstance(part, Ref))
    return tuple(dict.fromkeys(found))
