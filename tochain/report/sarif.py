"""SARIF 2.1.0: rules with their help, both places of a finding, its story as a code flow, stable fingerprints.

Form: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from tochain import __version__
from tochain.model.coverage import Problem
from tochain.model.finding import Finding, Label, Severity, Step
from tochain.model.result import Result
from tochain.model.span import Span
from tochain.report.json import dump
from tochain.report.ladder import time_of
from tochain.report.safe import one_line
from tochain.report.view import View, count, identity, provenance, quoted
from tochain.report.words import plainly

__all__ = ["render"]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "SRCROOT"
_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "note": "note"}
_LINK = re.compile(r"\[(?=[^\]]*\]\()")


def render(result: Result, view: View) -> str:
    """The run as one SARIF log of one run."""
    ids = sorted({*view.rules, *(finding.rule for finding in result.findings)})
    base: dict[str, Any] = {"description": {"text": "the folder the command ran in"}}
    if view.root:
        base["uri"] = f"file://{quote(view.root.rstrip('/'))}/"
    run = {
        "tool": {
            "driver": {
                "name": "tochain",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(rule, view.rules.get(rule, {})) for rule in ids],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: base},
        "invocations": [_invocation(result)],
        "results": [_result(finding, ids.index(finding.rule)) for finding in result.findings],
        "properties": {"undecided": len(result.undecided), "suppressed": result.suppressed},
    }
    return dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _message(text: str) -> dict[str, str]:
    """A message; what would read as a link of SARIF's is escaped."""
    return {"text": _LINK.sub(r"\\[", one_line(text)) or "?"}


def _rule(rule: str, data: Mapping[str, Any]) -> dict[str, Any]:
    severity = data.get("severity")
    made: dict[str, Any] = {
        "id": rule,
        "name": "".join(word.capitalize() for word in rule.split("-")),
        "shortDescription": _message(str(data.get("summary") or rule)),
        "help": {"text": _help(rule, data), "markdown": _help(rule, data, "## ", "- ")},
        "defaultConfiguration": {"level": _LEVELS.get(severity, "warning") if severity else "warning"},
        "properties": {"tags": ["timeouts", *([str(data["family"])] if data.get("family") else [])]},
    }
    if data.get("why"):
        made["fullDescription"] = _message(str(data["why"]))
    return made


def _help(rule: str, data: Mapping[str, Any], head: str = "", item: str = "") -> str:
    """What happens, how it shows, how to mend it, where it is documented; the same words as text and as markdown."""
    parts = [str(data.get("why") or data.get("summary") or rule).strip()]
    mend = [
        f"set {fix.get('set', '')} to {fix.get('to', '')}" + (f" ({fix['because']})" if fix.get("because") else "")
        for fix in data.get("fix") or ()
    ]
    lists = (("Seen as", data.get("seen")), ("How to mend it", mend), ("Sources", data.get("sources")))
    for title, lines in lists:
        if lines:
            parts.append("\n".join([f"{head}{title}", *(f"{item}{one_line(plainly(line))}" for line in lines)]))
    return "\n\n".join(parts)


def _invocation(result: Result) -> dict[str, Any]:
    problems = [problem for file in result.files for problem in file.problems]
    notices = [_notification(problem) for problem in problems]
    notices += [{"level": "error", "message": _message(text)} for text in result.crashes]
    return {"executionSuccessful": not result.exit_code("error") & 2, "toolExecutionNotifications": notices}


def _notification(problem: Problem) -> dict[str, Any]:
    level = "error" if problem.status == "failed" else "warning"
    return {"level": level, "message": _message(problem.message), "locations": [_location(problem.span)]}


def _location(span: Span, text: str = "", number: int | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _artifact(span.path),
            "region": {
                "startLine": span.start.line,
                "startColumn": span.start.column,
                "endLine": span.end.line,
                "endColumn": span.end.column,
            },
        }
    }
    if number is not None:
        made = {"id": number, **made}
    if text:
        made["message"] = _message(text)
    return made


def _artifact(path: str) -> dict[str, str]:
    """A path as a URI reference relative to the run's folder, or a file URI where it is absolute."""
    name = quote(path, errors="surrogatepass")
    return {"uri": f"file://{name}"} if path.startswith("/") else {"uri": name, "uriBaseId": ROOT}


def _result(finding: Finding, rule: int) -> dict[str, Any]:
    labels = [finding.primary, *(label for label in finding.labels if label is not finding.primary)]
    made = {
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": _linked(finding.message, labels),
        "locations": [_location(finding.primary.span, _said(finding.primary))],
        "relatedLocations": [_location(label.span, _said(label), at) for at, label in enumerate(labels, 1)],
        "partialFingerprints": {"tochain/v1": identity(finding)},
        "properties": _properties(finding),
    }
    if finding.steps:
        flow = [{"location": _step(step, finding)} for step in finding.steps]
        made["codeFlows"] = [{"message": _message("what happens on the wire"), "threadFlows": [{"locations": flow}]}]
    return made


def _linked(message: str, labels: Sequence[Label]) -> dict[str, str]:
    """The message with a link to each place: a viewer shows related places only where the message speaks of them."""
    said = (": ".join(part for part in (label.component, label.text) if part) for label in labels)
    links = ", ".join(f"[{_bare(text)}]({at})" for at, text in enumerate(said, 1) if text)
    plain = _message(message)
    return {"text": f"{plain['text']} ({links})"} if len(labels) > 1 else plain


def _bare(text: str) -> str:
    """Text that can stand between the brackets of a link."""
    return re.sub(r"([\[\]\\])", r"\\\1", one_line(text))


def _said(label: Label) -> str:
    return label.text if quoted(label) else f"{label.text}; {provenance(label)}"


def _step(step: Step, finding: Finding) -> dict[str, Any]:
    """A step at the place that decides its time, else at a place of its sender, else at the finding's own."""
    labels = (label for label in finding.labels if label.component == step.sender)
    label = step.label or next(labels, finding.primary)
    time = f"{time_of(step)}: " if step.at is not None else ""
    return _location(label.span, f"{time}{step.sender} -> {step.receiver}: {step.what}")


def _properties(finding: Finding) -> dict[str, Any]:
    made: dict[str, Any] = {
        "family": finding.family,
        "hop": one_line(str(finding.hop)),
        "path": [one_line(name) for name in finding.path],
        "confidence": finding.confidence,
        "places": count(finding.count, "place"),
    }
    if finding.fixes:
        made["proposals"] = [one_line(f"{fix.component}: {fix.setting} {fix.value}") for fix in finding.fixes]
    return made
