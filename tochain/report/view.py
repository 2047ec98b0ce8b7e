"""What a renderer is given besides the result: sources to quote from, what is known of rules, and taste."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tochain.model.fact import Fact
from tochain.model.finding import Finding, Label
from tochain.model.span import SourceFile
from tochain.report.style import PLAIN, Style

__all__ = ["Lines", "Rules", "View", "count", "first_source", "identity", "provenance", "quoted"]

Lines = Callable[[str], SourceFile | None]
"""Gives the decoded file for a path as findings name it; None where it cannot be had."""

Rules = Mapping[str, Mapping[str, Any]]
"""Rule data by id, with the keys of a rule file."""


def _no_lines(path: str) -> SourceFile | None:
    return None


@dataclass(frozen=True, slots=True)
class View:
    """How a result is to be shown.

    `undecided` asks for what could not be decided; `columns` is how wide output should get; `root` is the
    absolute folder paths are relative to (only SARIF names it); `rules` may be empty.
    """

    lines: Lines = _no_lines
    rules: Rules = field(default_factory=dict)
    style: Style = PLAIN
    undecided: bool = False
    columns: int = 100
    root: str = ""


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 file", "2 files"."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def identity(finding: Finding) -> str:
    """The finding's fingerprint; without one, a hash of what survives when lines move."""
    if finding.fingerprint:
        return finding.fingerprint
    parts = [finding.rule, str(finding.hop)]
    parts += [f"{label.component} {label.timer} {label.setting} {label.span.path}" for label in finding.labels]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def quoted(said: Label | Fact) -> bool:
    """Whether a value stands in a file at its own place, so that the line can be quoted."""
    return said.origin in ("written", "inherited", "declared") or (said.origin == "assumed" and bool(said.because))


def first_source(source: str) -> str:
    """Of several sources one a person can open: the first address, else the first of them; JSON has them all."""
    parts = [part.strip() for part in source.split(";")]
    return next((part for part in parts if part.startswith("http")), parts[0])


def provenance(label: Label) -> str:
    """One clause telling what a value is and where it comes from, for a label that has no line to quote."""
    what = f"{label.setting or label.timer} {label.value}"
    match label.origin:
        case "default":
            text = f"{label.component} has {what} by default"
        case "fixed":
            text = f"{label.component} has {what}, which nobody can change"
        case "assumed":
            text = f"{label.component} {'likely has' if label.because else 'is assumed to have'} {what}"
        case "declared":
            text = f"{label.component} has {what} as declared"
        case "inherited":
            text = f"{label.component} inherits {what}"
        case "written":
            text = f"{label.component} has {what}"
    known = [part for part in (label.because, first_source(label.source or "")) if part]
    return f"{text} ({', '.join(known)})" if known else text
