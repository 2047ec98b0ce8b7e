"""JUnit XML: a suite for each file, a case for each finding, a passing case where there is none."""

from __future__ import annotations

from dataclasses import dataclass

from tochain.model.coverage import FileReport
from tochain.model.finding import Finding
from tochain.model.result import Result
from tochain.report.safe import clean, mask, one_line, xml
from tochain.report.text import finding_lines
from tochain.report.view import View

__all__ = ["render"]


@dataclass(frozen=True, slots=True)
class _Suite:
    """The cases of one file."""

    name: str
    cases: list[str]

    def count(self, tag: str) -> int:
        return sum(f"<{tag} " in case for case in self.cases)

    def text(self) -> str:
        counts = f'tests="{len(self.cases)}" failures="{self.count("failure")}" errors="{self.count("error")}"'
        return "\n".join([f'  <testsuite name="{_attribute(self.name)}" {counts}>', *self.cases, "  </testsuite>"])


def render(result: Result, view: View) -> str:
    """Errors and warnings are failures, notes pass with their text, files that could not be read are errors."""
    view = View(lines=view.lines)
    paths = {file.path for file in result.files} | {finding.primary.span.path for finding in result.findings}
    suites = [_Suite(path, _cases(path, result, view)) for path in sorted(paths)]
    if result.crashes:
        suites.append(_Suite("tochain", [_error("tochain", "internal error", text) for text in result.crashes]))
    total = sum(len(suite.cases) for suite in suites)
    failed, broken = (sum(suite.count(tag) for suite in suites) for tag in ("failure", "error"))
    head = f'<testsuites name="tochain" tests="{total}" failures="{failed}" errors="{broken}">'
    body = [suite.text() for suite in suites]
    return "\n".join(['<?xml version="1.0" encoding="utf-8"?>', head, *body, "</testsuites>"]) + "\n"


def _cases(path: str, result: Result, view: View) -> list[str]:
    cases = [_finding(finding, view) for finding in result.findings if finding.primary.span.path == path]
    cases += [_broken(file) for file in result.files if file.path == path and file.status == "failed"]
    return cases or [f'    <testcase classname="{_attribute(path)}" name="no finding"/>']


def _finding(finding: Finding, view: View) -> str:
    span = finding.primary.span
    name = f"{finding.rule} {span.start.line}:{span.start.column}"
    where = f'classname="{_attribute(span.path)}" name="{_attribute(name)}" line="{span.start.line}"'
    text = "\n".join(_content(line) for line in finding_lines(finding, view))
    if finding.severity == "note":
        return f"    <testcase {where}>\n      <system-out>{text}</system-out>\n    </testcase>"
    message = _attribute(finding.message)
    body = f'<failure type="{finding.severity}" message="{message}">{text}</failure>'
    return f"    <testcase {where}>\n      {body}\n    </testcase>"


def _broken(file: FileReport) -> str:
    said = [problem for problem in file.problems if problem.status == "failed"]
    text = "\n".join(f"{problem.span}: {problem.message}" for problem in said)
    return _error(file.path, "file could not be read", text or "could not be read")


def _error(path: str, name: str, text: str) -> str:
    lines = text.splitlines() or [""]
    body = "\n".join(_content(line) for line in lines)
    error = f'<error type="{_attribute(name)}" message="{_attribute(lines[0])}">{body}</error>'
    return f'    <testcase classname="{_attribute(path)}" name="{_attribute(name)}">\n      {error}\n    </testcase>'


def _attribute(text: str) -> str:
    return xml(one_line(text))


def _content(line: str) -> str:
    return xml(mask(clean(line)))
