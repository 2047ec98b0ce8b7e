"""Findings that were there already: written down by fingerprint, left out of later runs, said when they have gone."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tochain.model.errors import TochainError
from tochain.model.result import Result

__all__ = ["Compared", "apply", "dump", "read"]

VERSION = 1


@dataclass(frozen=True, slots=True)
class Compared:
    """A result without the known findings, and the entries of the baseline that are found no more."""

    result: Result
    gone: tuple[dict[str, Any], ...]


def dump(result: Result) -> str:
    """The baseline of a run, one entry a finding, sorted so that changes of it are readable."""
    entries = sorted(
        (
            {"fingerprint": f.fingerprint, "rule": f.rule, "hop": str(f.hop), "file": f.primary.span.path}
            for f in result.findings
        ),
        key=lambda entry: (entry["file"], entry["rule"], entry["fingerprint"]),
    )
    return json.dumps({"baseline": VERSION, "findings": entries}, indent=1) + "\n"


def read(path: Path) -> tuple[dict[str, Any], ...]:
    """The entries of a baseline file; raises TochainError for one that cannot be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TochainError(f"cannot read the baseline {path}: {error.strerror}") from error
    except ValueError as error:
        raise TochainError(f"{path} is no baseline: {error}") from error
    if not isinstance(data, dict) or data.get("baseline") != VERSION or not isinstance(data.get("findings"), list):
        raise TochainError(f"{path} is no baseline of version {VERSION}; tochain baseline writes one")
    entries = tuple(
        entry for entry in data["findings"] if isinstance(entry, dict) and isinstance(entry.get("fingerprint"), str)
    )
    if len(entries) != len(data["findings"]):
        raise TochainError(f"{path}: an entry without a fingerprint")
    return entries


def apply(result: Result, entries: tuple[dict[str, Any], ...]) -> Compared:
    """Takes the known findings away, each entry one; they are counted as suppressed.

    Findings that are equal but for their place have one fingerprint: of three where the baseline has two, one is new.
    """
    known = Counter(entry["fingerprint"] for entry in entries)
    kept = []
    for finding in result.findings:
        if known[finding.fingerprint]:
            known[finding.fingerprint] -= 1
        else:
            kept.append(finding)
    gone: list[dict[str, Any]] = []
    for entry in reversed(entries):
        if known[entry["fingerprint"]]:
            known[entry["fingerprint"]] -= 1
            gone.insert(0, entry)
    taken = len(result.findings) - len(kept)
    return Compared(replace(result, findings=tuple(kept), suppressed=result.suppressed + taken), tuple(gone))
