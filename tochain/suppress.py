"""`# tochain: ignore[rule] reason` beside a value: the finding is left out and counted; an unused comment is said."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Container, Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from tochain.engine.render import fingerprint
from tochain.formats.comments import comments
from tochain.model.component import Word
from tochain.model.coverage import FileReport
from tochain.model.finding import Finding, HopRef, Label
from tochain.model.span import SourceFile, Span

__all__ = ["RULES", "apply"]

RULES = ("unused-ignore",)
"""Findings this step itself can make."""

Lines = Callable[[str], SourceFile | None]
"""Gives the text of a file by its path; None where there is none."""

_COMMENT = re.compile(r"tochain:\s*ignore\b(?:\[([^\]\n]*)\])?")


@dataclass(slots=True)
class _Ignore:
    """One comment: the rules it names, the lines it speaks of, and which of the rules it has taken away."""

    rules: tuple[str, ...]
    span: Span
    lines: frozenset[int]
    used: set[str] = field(default_factory=set)


def apply(
    findings: Iterable[Finding],
    read: Lines,
    reports: dict[str, FileReport],
    *,
    spared: Container[str] = (),
    known: Collection[str] = (),
) -> tuple[tuple[Finding, ...], int, tuple[Finding, ...]]:
    """The findings that stay, how many were taken away, and a note for each comment that took none away.

    Comments for rules in `spared` are not called unused: those rules were not asked. `known` are the names a comment may
    have meant.
    """
    findings = tuple(findings)
    ignores = {path: list(_ignores(path, read)) for path in reports}
    kept = tuple(finding for finding in findings if not _ignored(finding, ignores))
    every = (ignore for found in ignores.values() for ignore in found)
    unused = tuple(_unused(ignore, names, known) for ignore in every if (names := _idle(ignore, spared)) is not None)
    return kept, len(findings) - len(kept), unused


def _ignores(path: str, read: Lines) -> Iterable[_Ignore]:
    source = read(path)
    if source is None or "tochain:" not in source.text:
        return
    words = comments(source)
    following = _following(_silent(source, words), source.line_count)
    for word in words:
        for found in _COMMENT.finditer(source.text, source.offset(word.span.start), source.offset(word.span.end)):
            rules = tuple(name.strip() for name in (found[1] or "").split(",") if name.strip())
            yield _Ignore(
                rules, source.span(found.start(), found.end()), _lines(word.span, following, source.line_count)
            )


def _silent(source: SourceFile, words: Iterable[Word]) -> set[int]:
    """The lines on which nothing stands but comments or nothing at all."""
    silent = {number for number in range(1, source.line_count + 1) if not source.line(number).strip()}
    for word in words:
        first, last = word.span.start, word.span.end
        if (
            not source.line(first.line)[: first.column - 1].strip()
            and not source.line(last.line)[last.column - 1 :].strip()
        ):
            silent.update(range(first.line, last.line + 1))
    return silent


def _following(silent: set[int], last: int) -> dict[int, int]:
    """For each silent line the next one that says something, 0 where none does; found once, from the end."""
    found: dict[int, int] = {}
    for line in sorted(silent, reverse=True):
        found[line] = found.get(line + 1, line + 1) if line < last else 0
    return found


def _lines(span: Span, following: dict[int, int], last: int) -> frozenset[int]:
    """A comment on lines of its own speaks of the next line that says something, one behind a value of its own line."""
    own = span.start.line
    if own not in following:
        return frozenset({own})
    behind = span.end.line + 1
    return frozenset({own, following.get(behind, behind if behind <= last else 0) or own})


def _ignored(finding: Finding, ignores: dict[str, list[_Ignore]]) -> bool:
    hit = False
    for label in finding.labels:
        if label.origin == "default" and not label.primary:
            continue
        for ignore in ignores.get(label.span.path, ()):
            named = {finding.rule, finding.family} & set(ignore.rules)
            if named and label.span.start.line in ignore.lines:
                ignore.used |= named
                hit = True
    return hit


def _idle(ignore: _Ignore, spared: Container[str]) -> tuple[str, ...] | None:
    """The names that took nothing away although they were asked for; None where all is well."""
    idle = tuple(name for name in ignore.rules if name not in ignore.used and name not in spared)
    return idle if idle or not ignore.rules else None


def _unused(ignore: _Ignore, idle: tuple[str, ...], known: Collection[str]) -> Finding:
    if idle:
        names = ", ".join(idle)
        message = f"ignore comment for {names} takes nothing away"
        text = "; ".join([f"no finding of {names} here", *_meant(idle, known)])
    else:
        names, message, text = "nothing", "ignore comment names no rule", "write tochain: ignore[rule-id] reason"
    label = Label("", "", "tochain: ignore", names, None, "written", ignore.span, text, primary=True)
    made = Finding("unused-ignore", "setting", "note", message, HopRef(""), (), (label,))
    return replace(made, fingerprint=fingerprint(replace(made, hop=HopRef(ignore.span.path))))


def _meant(names: Iterable[str], known: Collection[str]) -> Iterable[str]:
    """What a name nobody knows was probably meant to be."""
    for name in names:
        if known and name not in known:
            close = get_close_matches(name, known, n=1, cutoff=0.5)
            yield f"there is no rule {name!r}" + (f", did you mean {close[0]!r}?" if close else "")
