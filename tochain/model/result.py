"""What one run came to: files, findings, what stayed undecided; and its JSON form, which loses nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, get_args

from tochain import __version__
from tochain.model.coverage import FileReport, Problem, Status
from tochain.model.finding import SEVERITIES, Finding, Fix, HopRef, Label, Severity, Step, Undecided
from tochain.model.span import Pos, Span

__all__ = ["Result", "file_order", "finding_order"]

FOUND = 1
UNREADABLE = 2


@dataclass(frozen=True, slots=True)
class Result:
    """Everything a run found out, in its total and stable order whatever order it was handed over in.

    `suppressed` counts findings that a comment, the configuration or a baseline took away; `crashes` are rules or
    readers that broke, one sentence each. Findings are ordered by file, line, column and rule.
    """

    files: tuple[FileReport, ...] = ()
    findings: tuple[Finding, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    suppressed: int = 0
    components: int = 0
    hops: int = 0
    crashes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", tuple(sorted(self.files, key=file_order)))
        object.__setattr__(self, "findings", tuple(sorted(self.findings, key=finding_order)))
        object.__setattr__(self, "undecided", tuple(sorted(self.undecided, key=_undecided_order)))

    def exit_code(self, fail_on: Severity = "warning") -> int:
        """Bit 1: a finding at or above `fail_on`; bit 2: a file that could not be read, or a crash; 3 both; else 0."""
        serious = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
        found = any(finding.severity in serious for finding in self.findings)
        broken = bool(self.crashes) or any(file.status == "failed" for file in self.files)
        return (FOUND if found else 0) | (UNREADABLE if broken else 0)

    def file_counts(self) -> dict[Status, int]:
        """How many files of each status, every status named."""
        counts = Counter(file.status for file in self.files)
        return {status: counts[status] for status in get_args(Status)}

    def finding_counts(self) -> dict[Severity, int]:
        """How many findings of each severity, every severity named."""
        counts = Counter(finding.severity for finding in self.findings)
        return {severity: counts[severity] for severity in SEVERITIES}

    def to_json(self) -> dict[str, Any]:
        """The run as JSON values, schema 1: the documented keys, then those that make the round trip exact."""
        return {
            "schema": 1,
            "tool": {"name": "tochain", "version": __version__},
            "summary": {
                "files": dict(self.file_counts()),
                "components": self.components,
                "hops": self.hops,
                "findings": dict(self.finding_counts()),
                "undecided": len(self.undecided),
                "suppressed": self.suppressed,
            },
            "files": [_file(file) for file in self.files],
            "findings": [_finding(finding) for finding in self.findings],
            "undecided": [
                {"rule": item.rule, "hop": _hop(item.hop), "needs": list(item.needs)} for item in self.undecided
            ],
            "crashes": list(self.crashes),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Result:
        """The run that `to_json` wrote; raises ValueError for another schema, KeyError for a missing key."""
        if data.get("schema") != 1:
            raise ValueError(f"schema {data.get('schema')!r}; expected 1")
        summary = data["summary"]
        return cls(
            files=tuple(_read_file(row) for row in data["files"]),
            findings=tuple(_read_finding(row) for row in data["findings"]),
            undecided=tuple(
                Undecided(row["rule"], _read_hop(row["hop"]), tuple(row["needs"])) for row in data["undecided"]
            ),
            suppressed=summary["suppressed"],
            components=summary["components"],
            hops=summary["hops"],
            crashes=tuple(data["crashes"]),
        )


def file_order(file: FileReport) -> tuple[str, str]:
    """The sort key of files."""
    return file.path, file.product or ""


def finding_order(finding: Finding) -> tuple[Any, ...]:
    """The sort key of findings: file, line, column, rule, then whatever else tells two apart."""
    span = finding.primary.span
    return span.path, span.start, finding.rule, span.end, str(finding.hop), finding.message, finding.fingerprint


def _undecided_order(item: Undecided) -> tuple[Any, ...]:
    return item.rule, item.hop.client, item.hop.server, item.hop.box or "", item.needs


def _pos(pos: Pos) -> dict[str, int]:
    return {"line": pos.line, "column": pos.column}


def _place(span: Span) -> dict[str, Any]:
    return {"file": span.path, "start": _pos(span.start), "end": _pos(span.end)}


def _hop(hop: HopRef) -> dict[str, Any]:
    return {"client": hop.client, "server": hop.server, "box": hop.box}


def _file(file: FileReport) -> dict[str, Any]:
    problems = [{"message": found.message, **_place(found.span), "status": found.status} for found in file.problems]
    return {"path": file.path, "product": file.product, "status": file.status, "problems": problems}


def _label(label: Label) -> dict[str, Any]:
    return {
        "component": label.component,
        "timer": label.timer,
        "setting": label.setting,
        "value": label.value,
        "seconds": label.seconds,
        "origin": label.origin,
        **_place(label.span),
        "source": label.source,
        "primary": label.primary,
        "text": label.text,
        "because": label.because,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "component": fix.component,
        "setting": fix.setting,
        "value": fix.value,
        "because": fix.because,
        "safety": fix.safety,
        "place": _place(fix.span) if fix.span else None,
    }


def _step(step: Step, labels: tuple[Label, ...]) -> dict[str, Any]:
    """One arrow; `label` is the number of one of the finding's labels, or a label of its own."""
    label: Any = step.label
    if step.label is not None:
        label = labels.index(step.label) if step.label in labels else _label(step.label)
    return {
        "microseconds": step.at,
        "latest": step.latest,
        "from": step.sender,
        "to": step.receiver,
        "what": step.what,
        "label": label,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "family": finding.family,
        "severity": finding.severity,
        "message": finding.message,
        "hop": _hop(finding.hop),
        "path": list(finding.path),
        "labels": [_label(label) for label in finding.labels],
        "seen": list(finding.seen),
        "fixes": [_fix(fix) for fix in finding.fixes],
        "fingerprint": finding.fingerprint,
        "steps": [_step(step, finding.labels) for step in finding.steps],
        "notes": list(finding.notes),
        "confidence": finding.confidence,
        "count": finding.count,
        "extra": finding.extra,
    }


def _read_pos(row: dict[str, Any]) -> Pos:
    return Pos(row["line"], row["column"])


def _read_place(row: dict[str, Any]) -> Span:
    return Span(row["file"], _read_pos(row["start"]), _read_pos(row["end"]))


def _read_hop(row: dict[str, Any]) -> HopRef:
    return HopRef(row["client"], row["server"], row["box"])


def _read_file(row: dict[str, Any]) -> FileReport:
    problems = [Problem(found["message"], _read_place(found), found["status"]) for found in row["problems"]]
    return FileReport(row["path"], row["product"], row["status"], problems)


def _read_label(row: dict[str, Any]) -> Label:
    return Label(
        component=row["component"],
        timer=row["timer"],
        setting=row["setting"],
        value=row["value"],
        seconds=row["seconds"],
        origin=row["origin"],
        span=_read_place(row),
        text=row["text"],
        source=row["source"],
        because=row["because"],
        primary=row["primary"],
    )


def _read_fix(row: dict[str, Any]) -> Fix:
    span = _read_place(row["place"]) if row["place"] else None
    return Fix(row["component"], row["setting"], row["value"], row["because"], row["safety"], span)


def _read_step(row: dict[str, Any], labels: tuple[Label, ...]) -> Step:
    label = row["label"]
    if label is not None:
        label = labels[label] if isinstance(label, int) else _read_label(label)
    return Step(row["microseconds"], row["from"], row["to"], row["what"], label, row["latest"])


def _read_finding(row: dict[str, Any]) -> Finding:
    labels = tuple(_read_label(label) for label in row["labels"])
    return Finding(
        rule=row["rule"],
        family=row["family"],
        severity=row["severity"],
        message=row["message"],
        hop=_read_hop(row["hop"]),
        path=tuple(row["path"]),
        labels=labels,
        seen=tuple(row["seen"]),
        fixes=tuple(_read_fix(fix) for fix in row["fixes"]),
        steps=tuple(_read_step(step, labels) for step in row["steps"]),
        notes=tuple(row["notes"]),
        confidence=row["confidence"],
        count=row["count"],
        fingerprint=row["fingerprint"],
        extra=row["extra"],
    )
