"""Findings for people at a terminal: every place that decides one quoted, and what the run did not understand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tochain.model.finding import Finding, Fix, Label
from tochain.model.result import Result
from tochain.report.frame import frame
from tochain.report.safe import one_line
from tochain.report.style import Role
from tochain.report.summary import crashes, problems, summary, undecided
from tochain.report.view import View, count, provenance, quoted

__all__ = ["finding_lines", "render"]


def render(result: Result, view: View) -> str:
    """The whole run as text: findings, what could not be read, what could not be decided, the summary."""
    blocks: list[list[str]] = [finding_lines(finding, view) for finding in result.findings]
    blocks += [problems(result, view), crashes(result, view)]
    if view.undecided:
        blocks.append(undecided(result, view))
    blocks.append(summary(result, view))
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def finding_lines(finding: Finding, view: View) -> list[str]:
    """One finding: its message, a frame for each written place, notes for everything else."""
    gutter = len(str(max(label.span.start.line for label in _framed(finding))))
    head = view.style(finding.severity, f"{finding.severity}[{one_line(finding.rule)}]")
    lines = [f"{head}{view.style('strong', ': ' + one_line(finding.message))}"]
    for label in _framed(finding):
        lines += _frame(label, label is finding.primary, gutter, finding, view)
    lead = f"{' ' * gutter}  {view.style('gutter', '=')} "
    return lines + [lead + note for note in _notes(finding, view)]


def _framed(finding: Finding) -> list[Label]:
    """The primary place, whatever it is, then each other place that has a line of its own."""
    primary = finding.primary
    return [primary, *(label for label in finding.labels if label is not primary and quoted(label))]


def _frame(label: Label, primary: bool, gutter: int, finding: Finding, view: View) -> list[str]:
    role: Role = finding.severity if primary else "secondary"
    source = view.lines(label.span.path)
    return frame(
        source,
        label.span,
        "" if primary and finding.message.endswith(f": {label.text}") else label.text,  # the line above has said it
        gutter=gutter,
        primary=primary,
        columns=view.columns,
        style=view.style,
        role=role,
    )


def _notes(finding: Finding, view: View) -> Iterator[str]:
    framed = _framed(finding)
    for label in finding.labels:
        if label not in framed or not quoted(label):
            yield f"note: {one_line(provenance(label))}"
        elif label.because:
            yield f"note: {one_line(f'{label.component} {label.setting}: {label.because}')}"
    yield from (f"note: {one_line(note)}" for note in finding.notes)
    if finding.confidence != "high":
        yield f"confidence: {finding.confidence}"
    if len(finding.path) > 2:
        yield f"on the path: {one_line(' -> '.join(finding.path))}"
    if finding.count > 1:
        yield f"note: {count(finding.count - 1, 'more place')} like this"
    if finding.seen:
        yield f"seen as: {one_line('; '.join(finding.seen))}"
    yield from _fixes(finding.fixes)
    here = f", or --finding {one_line(finding.fingerprint[:12])}" if finding.fingerprint else ""
    yield f"more: tochain explain {one_line(finding.rule)}{here}"


def _fixes(fixes: Iterable[Fix]) -> Iterator[str]:
    for fix in fixes:
        why = f" ({fix.because})" if fix.because else ""
        yield f"fix ({fix.safety}): {one_line(f'{fix.component}: {fix.setting} {fix.value}{why}')}"
