"""One line a finding, as editors and grep like it."""

from __future__ import annotations

from tochain.model.finding import Finding
from tochain.model.result import Result
from tochain.report.safe import one_line
from tochain.report.summary import crashes, problems, summary, undecided
from tochain.report.view import View

__all__ = ["render"]


def render(result: Result, view: View) -> str:
    """`file:line:col: severity[rule] message` for each finding, then problems in the same form, then the summary."""
    lines = [_line(finding, view) for finding in result.findings]
    lines += [*problems(result, view), *crashes(result, view)]
    if view.undecided:
        lines += undecided(result, view)
    return "\n".join([*lines, *summary(result, view)]) + "\n"


def _line(finding: Finding, view: View) -> str:
    span = finding.primary.span
    kind = view.style(finding.severity, f"{finding.severity}[{one_line(finding.rule)}]")
    return f"{one_line(span.path)}:{span.start.line}:{span.start.column}: {kind} {one_line(finding.message)}"
