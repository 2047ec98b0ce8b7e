"""`# tochain: ignore[rule] reason` beside a value: the finding is left out and counted; an unused comment is said."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass

from tochain.formats.comments import comments
from tochain.model.coverage import FileReport
from tochain.model.finding import Finding, HopRef, Label
from tochain.model.span import SourceFile, Span

__all__ = ["RULES", "apply"]

RULES = ("unused-ignore",)
"""Findings this step itself can make."""

Lines = Callable[[str], SourceFile | None]
"""Gives the text of a file by its path; None where there is none."""

_COMMENT = re.compile(r"tochain:\s*ignore\[([^\]\n]*)\]")


@dataclass(slots=True)
class _Ignore:
    rules: tuple[str, ...]
    span: Span
    line: int
    alone: bool
    used: bool = False


def apply(
    findings: Iterable[Finding], read: Lines, reports: dict[str, FileReport], *, spared: Container[str] = ()
) -> tuple[tuple[Finding, ...], int, tuple[Finding, ...]]:
    """The findings that stay, how many were taken away, and a note for each comment that took none away.

    Comments for rules in `spared` are not called unused: those rules were not asked.
    """
    findings = tuple(findings)
    ignores = {path: list(_ignores(path, read)) for path in reports}
    kept = tuple(finding for finding in findings if not _ignored(finding, ignores))
    unused = tuple(_unused(ignore) for found in ignores.values() for ignore in found if _idle(ignore, spared))
    return kept, len(findings) - len(kept), unused


def _ignores(path: str, read: Lines) -> Iterable[_Ignore]:
    source = read(path)
    if source is None or "tochain:" not in source.text:
        return
    places = [(source.offset(word.span.start), source.offset(word.span.end)) for word in comments(source)]
    for found in (found for start, end in places for found in _COMMENT.finditer(source.text, start, end)):
        span = source.span(found.start(), found.end())
        before = source.line(span.start.line)[: span.start.column - 1]
        # A comment on a line of its own speaks of the next line, one behind a value of its own line.
        alone = not before.strip(" \t#/*;-<!{%")
        rules = tuple(name.strip() for name in found[1].split(",") if name.strip())
        yield _Ignore(rules, span, span.start.line, alone)


def _ignored(finding: Finding, ignores: dict[str, list[_Ignore]]) -> bool:
    hit = False
    for label in finding.labels:
        if label.origin == "default" and not label.primary:
            continue
        for ignore in ignores.get(label.span.path, ()):
            lines = {ignore.line, ignore.line + 1} if ignore.alone else {ignore.line}
            if finding.rule in ignore.rules and label.span.start.line in lines:
                ignore.used = hit = True
    return hit


def _idle(ignore: _Ignore, spared: Container[str]) -> bool:
    return not ignore.used and not any(name in spared for name in ignore.rules)


def _unused(ignore: _Ignore) -> Finding:
    names = ", ".join(ignore.rules) or "nothing"
    text = f"takes nothing away: no finding of {names} here"
    label = Label("", "", "tochain: ignore", names, None, "written", ignore.span, text, primary=True)
    message = f"ignore comment for {names} takes nothing away"
    return Finding("unused-ignore", "setting", "note", message, HopRef(""), (), (label,), fingerprint="")
