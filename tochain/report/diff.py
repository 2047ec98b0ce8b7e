"""Differences for people: changed timers in a table, then the findings that appear, then those that go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from tochain.model.fact import Fact
from tochain.model.finding import Finding
from tochain.report.safe import one_line
from tochain.report.table import table
from tochain.report.text import finding_lines
from tochain.report.view import View, count

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


def render(changes: Iterable[_Change], new: tuple[Finding, ...], gone: tuple[Finding, ...], view: View) -> str:
    """The whole difference as text."""
    blocks: list[list[str]] = []
    rows = [_row(change) for change in changes]
    if rows:
        head = view.style("strong", f"{count(len(rows), 'effective timer')} changed")
        blocks.append([head, *table(("component", "where", "timer", "before", "after", "because"), rows)])
    if new:
        blocks.append([view.style("strong", f"{count(len(new), 'finding')} more")])
        blocks += [finding_lines(finding, view) for finding in new]
    if gone:
        lines = [f"  {one_line(f.rule)}: {one_line(f.message)}" for f in gone]
        blocks.append([view.style("strong", f"{count(len(gone), 'finding')} less"), *lines])
    if not blocks:
        blocks.append(["no effective timer and no finding changed"])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _row(change: _Change) -> tuple[str, ...]:
    return (change.component, change.place, change.timer, _value(change.before), _value(change.after), _why(change))


def _value(fact: Fact | None) -> str:
    return "-" if fact is None else f"{fact.value} ({fact.setting}, {fact.origin})"


def _why(change: _Change) -> str:
    """What made the change: a line somebody wrote, or a default that came with another version."""
    fact = change.after or change.before
    assert fact is not None
    if fact.origin in ("written", "inherited", "declared"):
        return str(fact.span)
    return fact.because or fact.source or ""
