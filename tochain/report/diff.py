"""Differences for people: changed timers in a table, what they arm, then the findings that appear, stay otherwise, and go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from tochain.model.fact import Fact
from tochain.model.finding import Finding
from tochain.report.safe import one_line
from tochain.report.table import table
from tochain.report.text import finding_lines
from tochain.report.view import View, count, first_source

__all__ = ["render"]


class _Change(Protocol):
    @property
    def component(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def timer(self) -> str: ...
    @property
    def before(self) -> Fact | None: ...
    @property
    def after(self) -> Fact | None: ...
    @property
    def arms(self) -> bool: ...


class _Difference(Protocol):
    @property
    def changes(self) -> Sequence[_Change]: ...
    @property
    def new(self) -> Sequence[Finding]: ...
    @property
    def gone(self) -> Sequence[Finding]: ...
    @property
    def other(self) -> Sequence[Finding]: ...
    def armed_by(self, finding: Finding) -> Sequence[_Change]: ...


HEAD = ("", "component", "where", "timer", "before", "after", "because")


def render(found: _Difference, view: View) -> str:
    """The whole difference as text; `!` marks a limit that can fire now and could not before."""
    blocks: list[list[str]] = []
    if found.changes:
        armed = sum(change.arms for change in found.changes)
        said = f", {count(armed, 'limit')} armed (!): can fire now, could not before" if armed else ""
        head = view.style("strong", f"{count(len(found.changes), 'effective timer')} changed{said}")
        blocks.append([head, *table(HEAD, [_row(change) for change in found.changes])])
    if found.new:
        blocks.append([view.style("strong", f"{count(len(found.new), 'finding')} more")])
        blocks += [finding_lines(_told(finding, found.armed_by(finding)), view) for finding in found.new]
    for findings, what in ((found.other, "still there with other values"), (found.gone, "less")):
        if findings:
            lines = [f"  {one_line(f.rule)}: {one_line(f.message)}" for f in findings]
            blocks.append([view.style("strong", f"{count(len(findings), 'finding')} {what}"), *lines])
    return "\n\n".join("\n".join(block) for block in blocks or [["no effective timer and no finding changed"]]) + "\n"


def _told(finding: Finding, changes: Sequence[_Change]) -> Finding:
    """The finding with what made it appear."""
    said = [
        f"{' '.join(filter(None, (change.component, change.place, change.timer)))} {_plain(change.before)} -> {_plain(change.after)}"
        for change in changes[:4]
    ]
    return replace(finding, notes=(*finding.notes, f"armed by: {'; '.join(said)}")) if said else finding


def _plain(fact: Fact | None) -> str:
    return "-" if fact is None else fact.value


def _row(change: _Change) -> tuple[str, ...]:
    values = _value(change.before), _value(change.after)
    return ("!" if change.arms else "", change.component, change.place, change.timer, *values, _why(change))


def _value(fact: Fact | None) -> str:
    return "-" if fact is None else f"{fact.value} ({fact.setting}, {fact.origin})"


def _why(change: _Change) -> str:
    """What made the change: a line somebody wrote, or a default that came with another version."""
    fact = change.after or change.before
    assert fact is not None
    if fact.origin in ("written", "inherited", "declared"):
        return str(fact.span)
    return fact.because or first_source(fact.source or "")
