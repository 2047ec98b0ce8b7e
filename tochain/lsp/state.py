"""What the server knows: the texts as the editor has them, and what the last run over the folder came to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tochain.check import Analysis, analyse, judge_all
from tochain.discover import shown_path
from tochain.model.errors import TochainError
from tochain.model.fact import Fact, Facts
from tochain.model.finding import Finding, Label
from tochain.model.result import Result
from tochain.model.span import Pos, SourceFile, Span
from tochain.options import Options
from tochain.report.view import quoted

__all__ = ["Known", "Run", "State", "facts_at"]


class Known(NamedTuple):
    """A value at a place: whose it is, what it comes to, and the place it is shown for."""

    component: str
    fact: Fact
    span: Span


@dataclass(frozen=True, slots=True)
class Run:
    """One run over the folder; `error` says why there is none."""

    result: Result = field(default_factory=Result)
    analysis: Analysis | None = None
    error: str = ""

    def source(self, path: str) -> SourceFile | None:
        """The text the run was made of."""
        return self.analysis.text(path) if self.analysis is not None else None


@dataclass(slots=True)
class State:
    """A folder that is open, and the texts of its open documents by absolute path.

    `alone` is set where no folder is open: then only the documents themselves are read, and nothing beside them.
    """

    root: Path
    texts: dict[Path, str] = field(default_factory=dict)
    last: Run = field(default_factory=Run)
    alone: bool = False

    def shown(self, path: Path) -> str:
        """A file as findings name it."""
        return shown_path(path, self.root)

    def run(self) -> Run:
        """Checks the folder with the texts as they are in the editor; mistakes of a configuration are no crash."""
        texts = {self.shown(path): text for path, text in self.texts.items()}
        options = Options(base=self.root, texts=texts)
        try:
            analysis = analyse([] if self.alone else [self.root], options)
            return Run(judge_all(analysis, options), analysis)
        except TochainError as error:
            return Run(error=str(error))


def facts_at(run: Run, path: str, at: Pos) -> list[Known]:
    """Every timer whose value is written at a place, each once, innermost place first.

    Where none is, all timers of the innermost component or link that stands there, else of one that begins in the line,
    with the defaults nobody wrote.
    """
    if run.analysis is None:
        return []
    found = dict.fromkeys(
        known
        for known in _facts(run.analysis)
        if known.fact.origin not in ("default", "fixed") and _covers(known.fact.span, path, at)
    )
    if found:
        return sorted(found, key=lambda known: _size(known.fact.span))
    every = [owner for owner in _owners(run.analysis) if owner.span.path == path]
    owners = [owner for owner in every if _covers(owner.span, path, at)] or [
        owner for owner in every if owner.span.start.line == at.line
    ]
    innermost = min(owners, key=lambda owner: _size(owner.span), default=None)
    return list(innermost.known()) if innermost is not None else []


class _Owner(NamedTuple):
    """What has timers at a place: a component, or one of its links."""

    component: str
    span: Span
    facts: Facts

    def known(self) -> Iterator[Known]:
        for timer in sorted(self.facts):
            yield from (Known(self.component, fact, self.span) for fact in self.facts[timer])


def _owners(analysis: Analysis) -> Iterator[_Owner]:
    for component in analysis.graph.components:
        yield _Owner(component.name, component.span, component.facts)
        yield from (_Owner(component.name, link.span, link.facts) for link in component.links)


def _facts(analysis: Analysis) -> Iterator[Known]:
    for owner in _owners(analysis):
        for found in owner.facts.values():
            yield from (Known(owner.component, fact, fact.span) for fact in found)


def _covers(span: Span, path: str, at: Pos) -> bool:
    return span.path == path and span.start <= at <= span.end


def _size(span: Span) -> tuple[int, int]:
    return span.end.line - span.start.line, span.end.column - span.start.column


def placed(finding: Finding) -> list[Label]:
    """The labels of a finding that stand at a place of their own, the primary one first."""
    own = [label for label in finding.labels if quoted(label) or label is finding.primary]
    return sorted(own, key=lambda label: label is not finding.primary)
