"""GitLab's code quality report: a JSON list of issues with fingerprints that are unique in it.

Form: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from tochain.model.coverage import FileReport
from tochain.model.finding import Finding, Severity
from tochain.model.result import Result
from tochain.model.span import Pos, Span
from tochain.report.json import dump
from tochain.report.safe import one_line
from tochain.report.view import View, identity, quoted

__all__ = ["render"]

_SEVERITIES: dict[Severity, str] = {"error": "major", "warning": "minor", "note": "info"}


def render(result: Result, view: View) -> str:
    """One issue for each finding, each file that could not be read and each crash."""
    issues = [
        _issue(finding.rule, _said(finding), _SEVERITIES[finding.severity], finding.primary.span, identity(finding))
        for finding in result.findings
    ]
    issues += [_failed(file) for file in result.files if file.status == "failed"]
    nowhere = Span(".", Pos(1, 1), Pos(1, 1))
    issues += [_issue("internal-error", text, "blocker", nowhere, text) for text in result.crashes]
    return dump(_unique(issues))


def _said(finding: Finding) -> str:
    """The message and the other places that are written somewhere: an issue has one location only."""
    others = (label for label in finding.labels if label is not finding.primary and quoted(label))
    return "; ".join([finding.message, *(f"{o.span.path}:{o.span.start.line}: {o.text}" for o in others)])


def _failed(file: FileReport) -> dict[str, Any]:
    problem = next((problem for problem in file.problems if problem.status == "failed"), None)
    span = problem.span if problem else Span(file.path, Pos(1, 1), Pos(1, 1))
    message = problem.message if problem else "could not be read"
    return _issue("file-not-read", message, "major", span, f"file-not-read {file.path}")


def _issue(rule: str, message: str, severity: str, span: Span, identity: str) -> dict[str, Any]:
    return {
        "description": one_line(message),
        "check_name": rule,
        "fingerprint": identity,
        "severity": severity,
        "location": {
            "path": span.path,
            "lines": {"begin": span.start.line, "end": max(span.end.line, span.start.line)},
        },
    }


def _unique(issues: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The issues with hashed fingerprints; equal ones are told apart by their number, in order."""
    seen: Counter[str] = Counter()
    for issue in issues:
        name = issue["fingerprint"]
        whole = f"{name} {seen[name]}" if seen[name] else name
        seen[name] += 1
        issue["fingerprint"] = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()
    return issues
