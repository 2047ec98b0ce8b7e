"""Workflow commands that GitHub turns into annotations.

Form: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from tochain.model.finding import Finding, Severity
from tochain.model.result import Result
from tochain.model.span import Span
from tochain.report.safe import one_line
from tochain.report.summary import summary
from tochain.report.view import View, provenance, quoted

__all__ = ["render"]

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "notice"}


def render(result: Result, view: View) -> str:
    """One annotation for each finding, each unreadable file and each crash, then the summary as plain lines."""
    lines = [_finding(finding) for finding in result.findings]
    for file in result.files:
        for problem in file.problems:
            command = "error" if problem.status == "failed" else "notice"
            lines.append(_command(command, problem.span, "tochain: not understood", [problem.message]))
    lines += [_command("error", None, "tochain: internal error", [text]) for text in result.crashes]
    return "\n".join([*lines, *summary(result, View(undecided=True))]) + "\n"


def _finding(finding: Finding) -> str:
    said = [finding.message]
    for label in finding.labels:
        place = str(label.span) if quoted(label) else provenance(label)
        said.append(f"{place}: {label.text}")
    said += [f"fix ({fix.safety}): {fix.component}: {fix.setting} {fix.value}" for fix in finding.fixes]
    return _command(_COMMANDS[finding.severity], finding.primary.span, f"tochain: {finding.rule}", said)


def _command(command: str, span: Span | None, title: str, said: list[str]) -> str:
    values = {"title": one_line(title)}
    if span is not None:
        values = {"file": span.path, "line": str(span.start.line), "col": str(span.start.column)} | values
        if span.end.line == span.start.line and span.end.column > span.start.column:
            values |= {"endLine": str(span.end.line), "endColumn": str(span.end.column)}
    written = ",".join(f"{key}={_property(value)}" for key, value in values.items())
    return f"::{command} {written}::{_data(chr(10).join(one_line(line) for line in said))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    visible = one_line(text) if not text.isprintable() else text
    return _data(visible).replace(":", "%3A").replace(",", "%2C")
