"""What the page of `tochain report` is filled with: plain values, cleaned and masked, each text only once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Any

from tochain.model.coverage import Status
from tochain.model.finding import Finding, Fix, Label
from tochain.model.hop import Graph, Hop
from tochain.model.result import Result
from tochain.model.span import Span
from tochain.report.facts import where
from tochain.report.ladder import told
from tochain.report.path import budget, chains
from tochain.report.safe import clean, mask, one_line
from tochain.report.timeline import PHONE, bars, budget_svg, timeline_svg
from tochain.report.view import View, count, identity, provenance, quoted

__all__ = ["excerpt", "page_data", "script_json"]

WINDOW = 160
"""Columns of a line that are quoted: a file of one endless line stays readable."""

MOST_CHAINS = 20


def page_data(graph: Graph, result: Result, view: View) -> dict[str, Any]:
    """Everything the template prints by itself; the graph is handed over apart, as data for the script."""
    drawn = (chain for chain in islice(chains(graph.hops), MOST_CHAINS * 20) if budget_svg(bars(chain)))
    shown = list(islice(drawn, MOST_CHAINS + 1))
    return {
        "counts": result.finding_counts(),
        "files": _files_read(result),
        "components": count(result.components, "component"),
        "hops": count(result.hops, "hop"),
        "suppressed": result.suppressed,
        "families": sorted({finding.family for finding in result.findings}),
        "findings": [_finding(finding, view) for finding in result.findings],
        "chains": [_chain(chain) for chain in shown[:MOST_CHAINS]],
        "more_chains": len(shown) > MOST_CHAINS,
        "undecided": _undecided(result),
        "coverage": [_file(file) for file in result.files],
        "open_ends": [
            {"at": one_line(str(end.span)), "text": one_line(f"{end.client.name} → {mask(end.target)}: {end.reason}")}
            for end in sorted(graph.open_ends, key=lambda end: (end.span, end.target))
        ],
        "crashes": [one_line(text) for text in result.crashes],
    }


def _files_read(result: Result) -> str:
    """How many files were understood, and what became of the others where there are any."""
    counts = result.file_counts()
    others: tuple[tuple[Status, str], ...] = (
        ("partly", "partly understood"),
        ("unrecognised", "not recognised"),
        ("failed", "failed"),
    )
    said = [f"{counts[status]} {words}" for status, words in others if counts[status]]
    return ", ".join([f"{count(counts['understood'], 'file')} understood", *said])


def _finding(finding: Finding, view: View) -> dict[str, Any]:
    server = finding.hop.server
    return {
        "id": identity(finding)[:16],
        "rule": one_line(finding.rule),
        "family": finding.family,
        "severity": finding.severity,
        "message": one_line(finding.message),
        "hop": one_line(f"{finding.hop.client} → {server}" if server else finding.hop.client),
        "path": one_line(" → ".join(finding.path)) if len(finding.path) > 2 else "",
        "labels": [_label(label, view) for label in finding.labels],
        "timeline": timeline_svg(finding),
        "narrow": timeline_svg(finding, PHONE),
        "steps": [
            {
                "time": one_line(rung.time), "sender": one_line(rung.sender), "receiver": one_line(rung.receiver),
                "what": one_line(rung.what), "from": one_line(f"{rung.place} {rung.value}".strip()),
            }
            for rung in told(finding.steps)
        ],
        "seen": [one_line(text) for text in finding.seen],
        "notes": [one_line(text) for text in finding.notes],
        "fixes": [_fix(fix) for fix in finding.fixes],
        "confidence": finding.confidence,
        "count": finding.count,
    }  # fmt: skip


def _fix(fix: Fix) -> str:
    return one_line(f"{fix.component}: {fix.setting} {fix.value} ({fix.because or fix.safety})")


def _label(label: Label, view: View) -> dict[str, Any]:
    return {
        "place": one_line(str(label.span)) if label.span.path else "",
        "component": one_line(label.component),
        "value": one_line(f"{label.setting or label.timer} {label.value}"),
        "origin": label.origin,
        "text": one_line(label.text),
        "source": one_line(label.source or ""),
        "said": "" if quoted(label) else one_line(provenance(label)),
        "quote": excerpt(label.span, view),
        "primary": label.primary,
    }


def excerpt(span: Span, view: View, around: int = 1) -> list[dict[str, Any]]:
    """The lines at a place with one before and after: number, before, mark, after; empty without file."""
    source = view.lines(span.path) if span.path else None
    if source is None or span.start.line > source.line_count:
        return []
    numbers = range(max(span.start.line - around, 1), min(span.start.line + around, source.line_count) + 1)
    return [
        _line(mask(clean(source.line(number)[: span.start.column + 4 * WINDOW])), number, span) for number in numbers
    ]


def _line(text: str, number: int, span: Span) -> dict[str, Any]:
    """One character stays one character when text is cleaned and masked, so columns are right."""
    first = max(span.start.column - WINDOW // 2, 1) - 1 if span.start.column > WINDOW else 0
    last = first + WINDOW
    if number != span.start.line:
        return {"number": number, "before": text[first:last], "mark": "", "after": ""}
    start = span.start.column - 1
    end = span.end.column - 1 if span.end.line == span.start.line else len(text)
    return {
        "number": number,
        "before": text[first:start],
        "mark": text[start : min(end, last)],
        "after": text[min(end, last) : last],
    }


def _chain(chain: Sequence[Hop]) -> dict[str, Any]:
    names = [chain[0].client.name, *(hop.server.name for hop in chain)]
    return {
        "title": one_line(" → ".join(names)),
        "drawing": budget_svg(bars(chain)),
        "narrow": budget_svg(bars(chain), PHONE),
        "rows": [
            {
                "at": one_line(step.fact.value), "client": one_line(step.client), "timer": step.fact.timer,
                "setting": one_line(step.fact.setting), "still": one_line(", ".join(step.still)),
                "from": one_line(where(step.fact)),
            }
            for step in budget(chain)[:60]
        ],
    }  # fmt: skip


def _undecided(result: Result) -> list[dict[str, Any]]:
    folded = Counter((item.rule, str(item.hop), item.needs) for item in result.undecided)
    return [
        {"rule": one_line(rule), "hop": one_line(hop), "needs": one_line(", ".join(needs)), "times": times}
        for (rule, hop, needs), times in sorted(folded.items())
    ]


def _file(file: Any) -> dict[str, Any]:
    problems = [
        f"{found.span.start.line}:{found.span.start.column}: {one_line(found.message)}" for found in file.problems[:50]
    ]
    return {"path": one_line(file.path), "product": file.product or "", "status": file.status, "problems": problems}


def script_json(data: object) -> str:
    """JSON that can stand inside a script element whatever the texts are."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return (
        text.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )
