"""The rules there are, as a table or JSON, from plain rule data with the keys of a rule file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tochain.model.finding import FAMILIES
from tochain.model.timers import TIMERS
from tochain.report.json import dump
from tochain.report.table import table
from tochain.report.view import View, count

__all__ = ["FORMATS", "by_family", "fixable", "rows_of", "timers_of"]

HEAD = ("rule", "family", "severity", "scope", "since", "fixable", "summary")

_TIMER = re.compile(rf"\b(?:{'|'.join(sorted({name.split('.')[0] for name in TIMERS}))})\.[a-z][a-z0-9_]*\b")


def by_family(rules: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The rules in the order of families, then by id."""
    return sorted(rules, key=lambda rule: (_rank(rule), str(rule["id"])))


def _rank(rule: Mapping[str, Any]) -> int:
    family = rule.get("family", "")
    return FAMILIES.index(family) if family in FAMILIES else len(FAMILIES)


def fixable(rule: Mapping[str, Any]) -> bool:
    """Whether the rule proposes a value."""
    return bool(rule.get("fix"))


def timers_of(rule: Mapping[str, Any]) -> tuple[str, ...]:
    """The timers a rule speaks of, in the order in which it names them: labels first, then its conditions."""
    texts = [str(label.get("of", "")) for label in rule.get("labels") or ()]
    texts += [str(rule.get(key) or "") for key in ("require", "when")]
    found = (name for text in texts for name in _TIMER.findall(text))
    return tuple(dict.fromkeys(name for name in found if name in TIMERS))


def rows_of(rules: Iterable[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """One row a rule: id, family, severity, scope, since, fixable, summary."""
    return [
        (
            str(rule["id"]),
            str(rule.get("family", "")),
            str(rule.get("severity", "")),
            str(rule.get("scope", "")),
            str(rule.get("since", "")),
            "yes" if fixable(rule) else "no",
            str(rule.get("summary", "")),
        )
        for rule in by_family(rules)
    ]


def _text(rules: Sequence[Mapping[str, Any]], view: View) -> str:
    lines = table(HEAD, rows_of(rules))
    return "".join(f"{line}\n" for line in [*lines, count(len(rules), "rule")])


def _json(rules: Sequence[Mapping[str, Any]], view: View) -> str:
    data = [dict(zip(HEAD, row, strict=True)) | {"fixable": row[5] == "yes"} for row in rows_of(rules)]
    return dump({"schema": 1, "rules": data})


FORMATS: dict[str, Callable[[Sequence[Mapping[str, Any]], View], str]] = {"text": _text, "json": _json}
"""The forms of `tochain rules` by name."""
