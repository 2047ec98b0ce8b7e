"""What was found in a source file, and how its pieces belong together."""

from __future__ import annotations

from dataclasses import dataclass, field

from tochain.formats.codenames import Node
from tochain.model.component import Address
from tochain.model.fact import Setting
from tochain.model.span import Span
from tochain.products.codevalue import Reach
from tochain.products.patterns import Pattern

__all__ = ["Found", "is_file", "joined", "mentions", "takes"]


@dataclass(slots=True)
class Found:
    """One server, client or part made in a file.

    `node` is the call that makes it, `whole` the longest chain around it, `variable` the name it is bound to, `local`
    where that name can be seen, and the function's name. `links` are the places it connects to; those of one call may
    have settings of their own. `block` tells that what stands inside belongs to it, `given` that it is a parameter.
    `handed_to` is the variable whose method it is given to. `lacking` are settings nobody can know unless a part tells
    them.
    """

    pattern: Pattern
    span: Span
    node: Node
    start: int
    end: int
    variable: str = ""
    settings: list[Setting] = field(default_factory=list)
    general: list[Setting] = field(default_factory=list)
    listens: list[Address] = field(default_factory=list)
    links: list[Reach] = field(default_factory=list)
    parts: list[Found] = field(default_factory=list)
    mentions: str = ""
    handed_to: str = ""
    used: bool = False
    lacking: list[Setting] = field(default_factory=list)
    block: bool = False
    given: bool = False
    local: tuple[int, int, str] | None = None

    def seen_at(self, place: int) -> bool:
        """Whether its variable is the one meant at an offset of the file."""
        return self.local is None or self.local[0] <= place < self.local[1]

    def everything(self) -> list[Setting]:
        """Its own settings and those of its parts; one said for several at once gives way to a particular one."""
        out: list[Setting] = []
        seen = {id(self)}
        waiting = [self]
        while waiting:
            found = waiting.pop(0)
            said = {setting.name for setting in found.settings}
            out += [*found.settings, *(setting for setting in found.general if setting.name not in said)]
            out += [setting for setting in found.lacking if not found.parts and setting.name not in said]
            fresh = [part for part in found.parts if id(part) not in seen]
            seen |= {id(part) for part in fresh}
            waiting += fresh
        return out


_MANY = 50


def joined(everything: list[Found]) -> list[Found]:
    """Parts go to what they stand inside of or what mentions them, else to all of their product in the file."""
    whole = [found for found in everything if found.pattern.role != "part"]
    parts = [found for found in everything if found.pattern.role == "part"]
    for part in sorted(parts, key=lambda p: p.end - p.start):
        others = [f for f in (*parts, *whole) if f is not part and f.pattern.product == part.pattern.product]
        around = [
            f
            for f in others
            if f.start <= part.start and part.end <= f.end and (f.start, f.end) != (part.start, part.end)
        ]
        owners = sorted(around, key=lambda f: f.end - f.start)[:1]
        if not owners and part.handed_to:
            owners = [
                f for f in others if f.variable == part.handed_to and f.start < part.start and f.seen_at(part.start)
            ]
        if not owners and part.variable:
            owners = [f for f in others if _takes_variable(f, part, parts)]
        if not owners and part.local is not None and part.local[2]:
            owners = [f for f in others if mentions(f.mentions, part.local[2])]
        if not owners:
            owners = [f for f in whole if f.pattern.product == part.pattern.product and takes(f.pattern, part.pattern)]
        for owner in owners:
            owner.parts.append(part)
            if part.links:
                owner.links = [*(link for link in owner.links if link.address is not None), *part.links]
    _join_users(whole)
    taken = {(part.start, part.end) for found in everything for part in found.parts}
    alone = [part for part in parts if (part.start, part.end) not in taken and not part.pattern.only_known]
    return [*(f for f in whole if not f.used or f.links), *alone]


def takes(whole: Pattern, part: Pattern) -> bool:
    """Whether a part that nobody mentions belongs to it: one its pattern names, or any where it names none."""
    return part.name in whole.uses or (not whole.uses and whole.requests is not None)


def _join_users(whole: list[Found]) -> None:
    """Requests made apart from the client that sends them have that client's settings."""
    for found in whole:
        if not found.pattern.uses:
            continue
        makers = [
            f for f in whole if f.pattern.name in found.pattern.uses and f.pattern.product == found.pattern.product
        ][:_MANY]
        found.parts += makers
        for maker in makers:
            maker.used = True


def _takes_variable(found: Found, part: Found, parts: list[Found]) -> bool:
    """Whether something mentions the variable of a part, and no later part of its function has taken the name since."""
    at = found.start
    if at < part.start or not part.seen_at(at) or not mentions(found.mentions, part.variable):
        return False
    return not any(
        part.start < other.start <= at and other.variable == part.variable and other.seen_at(at)
        for other in parts
        if other.local is not None and other.pattern is part.pattern
    )


def is_file(pattern: Pattern) -> bool:
    """Whether a pattern speaks of a whole configuration file written as code."""
    return bool(pattern.files) and not pattern.calls


def mentions(text: str, name: str) -> bool:
    """Whether a text has a name in it, whole."""
    if not name:
        return False
    last = name.rpartition(".")[2]
    at = text.find(last)
    while at != -1:
        before = text[at - 1] if at else " "
        after = text[at + len(last)] if at + len(last) < len(text) else " "
        if not (before.isalnum() or before == "_") and not (after.isalnum() or after == "_"):
            return True
        at = text.find(last, at + 1)
    return False
