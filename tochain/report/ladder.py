"""The wire ladder: who sends what to whom, and when; shared by everything that tells a story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tochain.model.finding import Label, Step
from tochain.model.limit import Finite, format_duration
from tochain.report.safe import one_line, pad, width
from tochain.report.view import quoted

__all__ = ["Rung", "draw", "place", "planned", "time_of", "told"]

ARROW = "──▶"


@dataclass(frozen=True, slots=True)
class Rung:
    """One line of a ladder: when, who, to whom, what, and the place and value the time comes from."""

    time: str
    sender: str
    receiver: str
    what: str
    place: str = ""
    value: str = ""


def draw(rungs: Sequence[Rung]) -> list[str]:
    """The rungs as aligned lines: time, sender, arrow, receiver, what, place, value."""
    clean = [_clean(rung) for rung in rungs]
    wide = {name: max((width(getattr(rung, name)) for rung in clean), default=0) for name in Rung.__slots__}
    lines = []
    for rung in clean:
        ends = f"{pad(rung.sender, wide['sender'], right=True)}  {ARROW} {pad(rung.receiver, wide['receiver'])}"
        why = f"{pad(rung.place, wide['place'])}  {rung.value}"
        lines.append(
            f"{pad(rung.time, wide['time'], right=True)}  {ends}   {pad(rung.what, wide['what'])}   {why}".rstrip()
        )
    return lines


def _clean(rung: Rung) -> Rung:
    return Rung(*(one_line(getattr(rung, name)) for name in Rung.__slots__))


def told(steps: Sequence[Step]) -> list[Rung]:
    """The rungs of a finding's story, with the reader's own numbers and where each comes from."""
    return [_told(step) for step in steps]


def _told(step: Step) -> Rung:
    label = step.label
    value = f"{label.setting or label.timer} {label.value}" if label else ""
    return Rung(time_of(step), step.sender, step.receiver, step.what, place(label) if label else "", value)


def time_of(step: Step) -> str:
    """When a step happens, for people: `65s`, `65s to 66s` where that is not known more exactly, `?`."""
    if step.at is None:
        return "?"
    earliest = format_duration(Finite(step.at))
    return earliest if step.latest is None else f"{earliest} to {format_duration(Finite(step.latest))}"


def planned(wire: Sequence[Mapping[str, Any]]) -> list[Rung]:
    """The rungs of a rule's story as the rule file has it: times are expressions, ends are roles."""
    return [
        Rung(str(step.get("at", "")), str(step.get("from", "")), str(step.get("to", "")), str(step.get("send", "")))
        for step in wire
    ]


def place(label: Label) -> str:
    """Where a value comes from: `file:line` when it is written, else what kind of value it is and whose."""
    return f"{label.span.path}:{label.span.start.line}" if quoted(label) else f"{label.origin} of {label.component}"
