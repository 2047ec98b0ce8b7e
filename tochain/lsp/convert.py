"""From places and findings to what the protocol calls them: zero-based lines, columns in UTF-16 units."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from lsprotocol import types as lsp

from tochain.lsp.state import Known, Run, State, placed
from tochain.model.fact import Fact
from tochain.model.finding import Finding, Fix, Label
from tochain.model.span import Pos, SourceFile, Span
from tochain.report.facts import where
from tochain.report.safe import one_line
from tochain.report.view import identity, provenance, quoted

__all__ = ["actions", "diagnostics", "hover_text", "pos", "span_range"]

SEVERITY = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "note": lsp.DiagnosticSeverity.Information,
}


def span_range(span: Span, source: SourceFile | None) -> lsp.Range:
    """A span as the protocol has it; without the text a character counts as one unit."""
    return lsp.Range(_position(span.start, source), _position(span.end, source))


def _position(at: Pos, source: SourceFile | None) -> lsp.Position:
    before = source.line(at.line)[: at.column - 1] if source is not None else ""
    extra = sum(1 for char in before if ord(char) > 0xFFFF)
    return lsp.Position(max(at.line - 1, 0), max(at.column - 1, 0) + extra)


def pos(position: lsp.Position, text: str) -> Pos:
    """A place of the protocol in a text as tochain counts it."""
    lines = text.splitlines() or [""]
    line = lines[position.line] if position.line < len(lines) else ""
    units = column = 0
    while column < len(line) and units < position.character:
        units += 2 if ord(line[column]) > 0xFFFF else 1
        column += 1
    return Pos(position.line + 1, column + 1)


def _uri(path: str, state: State) -> str:
    full = Path(path)
    return (full if full.is_absolute() else state.root / full).as_uri()


def diagnostics(run: Run, state: State) -> dict[str, list[lsp.Diagnostic]]:
    """The diagnostics of every file by URI: each finding at each of its places, and what could not be read."""
    found: dict[str, list[lsp.Diagnostic]] = defaultdict(list)
    for finding in run.result.findings:
        for label in placed(finding):
            found[_uri(label.span.path, state)].append(_diagnostic(finding, label, run, state))
    for file in run.result.files:
        for problem in file.problems:
            severity = lsp.DiagnosticSeverity.Error if problem.status == "failed" else lsp.DiagnosticSeverity.Hint
            found[_uri(file.path, state)].append(
                lsp.Diagnostic(
                    span_range(problem.span, run.source(file.path)),
                    one_line(problem.message),
                    severity,
                    source="tochain",
                )
            )
    return dict(found)


def _diagnostic(finding: Finding, label: Label, run: Run, state: State) -> lsp.Diagnostic:
    others = [other for other in finding.labels if other is not label]
    said = f"{finding.message}\n{label.text}" if label.text else finding.message
    notes = [provenance(other) for other in others if not quoted(other)]
    return lsp.Diagnostic(
        span_range(label.span, run.source(label.span.path)),
        "\n".join(one_line(line) for line in [*said.split("\n"), *notes]),
        SEVERITY[finding.severity],
        finding.rule,
        source="tochain",
        data={"finding": identity(finding)},
        related_information=[
            lsp.DiagnosticRelatedInformation(
                lsp.Location(_uri(other.span.path, state), span_range(other.span, run.source(other.span.path))),
                one_line(f"{other.component}: {other.text or other.value}"),
            )
            for other in others
            if other.span.path
        ],
    )


def hover_text(known: list[Known]) -> str:
    """What the timers at a place come to, and where each value comes from, as Markdown: a table when there are many."""
    if len({item.fact.timer for item in known}) > _FEW:
        return _table(known)
    lines = []
    for component, fact, _ in known:
        setting = f", set by `{_code(fact.setting)}`" if fact.setting and fact.setting != fact.timer else ""
        lines.append(f"**{_code(component)}** `{fact.timer}` = **{_code(fact.value)}** ({fact.origin}{setting})")
        lines.append(_code(_told(fact)))
    return "\n\n".join(line for line in lines if line)


_FEW = 4
"""How many timers are told in sentences."""


def _told(fact: Fact) -> str:
    return "; ".join(part for part in (fact.because, where(fact)) if part)


def _table(known: list[Known]) -> str:
    rows = [
        f"**{_code(known[0].component)}**",
        "",
        "| timer | value | setting | origin | from |",
        "|---|---|---|---|---|",
    ]
    for _, fact, _ in known:
        cells = (fact.timer, f"**{_code(fact.value)}**", _code(fact.setting), fact.origin, _code(_told(fact)))
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def _code(text: str) -> str:
    """Text that Markdown shows as it is."""
    return re.sub(r"([*_`<>\[\]])", r"\\\1", one_line(text)) if not text.isidentifier() else text


def actions(run: Run, state: State, path: str, wanted: lsp.Range) -> list[lsp.CodeAction]:
    """The fixes of findings with a place in the wanted range, as edits where the value stands in a file."""
    found = []
    for finding in run.result.findings:
        here = [
            label
            for label in placed(finding)
            if label.span.path == path and _touches(span_range(label.span, run.source(path)), wanted)
        ]
        if not here:
            continue
        for fix in finding.fixes:
            edit = _edit(fix, finding, run, state)
            if edit is not None:
                found.append(
                    lsp.CodeAction(
                        one_line(f"{fix.component}: {fix.setting} {fix.value} ({fix.because or fix.safety})"),
                        lsp.CodeActionKind.QuickFix,
                        diagnostics=[_diagnostic(finding, here[0], run, state)],
                        is_preferred=fix.safety == "safe",
                        edit=edit,
                    )
                )
    return found


def _touches(one: lsp.Range, other: lsp.Range) -> bool:
    return (one.start.line, one.start.character) <= (other.end.line, other.end.character) and (
        other.start.line,
        other.start.character,
    ) <= (one.end.line, one.end.character)


def _edit(fix: Fix, finding: Finding, run: Run, state: State) -> lsp.WorkspaceEdit | None:
    """The change of one value; None where it stands in no file, or where what to replace is not plain."""
    source = run.source(fix.span.path) if fix.span else None
    if fix.span is None or source is None:
        return None
    if not any(label.span == fix.span and quoted(label) for label in finding.labels):
        return None
    span = value_span(fix, source)
    if span is None:
        return None
    change = lsp.TextEdit(span_range(span, source), fix.value)
    return lsp.WorkspaceEdit({_uri(span.path, state): [change]})


_VALUE = re.compile(r"\d+(?:\.\d+)?(?:us|ms|min|[smhdw])?(?![\w.])|\b(?:never|off|on)\b")


def value_span(fix: Fix, source: SourceFile) -> Span | None:
    """Where the value itself stands in the place of a fix: all of it, or the only part that looks like a value."""
    assert fix.span is not None
    text = source.slice(fix.span)
    if _VALUE.fullmatch(text):
        return fix.span
    hits = list(_VALUE.finditer(text))
    if len(hits) != 1:
        return None
    start = source.offset(fix.span.start)
    return source.span(start + hits[0].start(), start + hits[0].end())
