"""What every text output ends with: how much was understood, what was found, what stayed open."""

from __future__ import annotations

from collections import Counter

from tochain.model.coverage import FileReport
from tochain.model.result import Result
from tochain.report.safe import one_line
from tochain.report.style import Role
from tochain.report.view import View, count

__all__ = ["crashes", "problem_line", "problems", "summary", "undecided"]

SHOWN = 10
"""Problems shown of one file; the JSON form has all."""


def problems(result: Result, view: View) -> list[str]:
    """What was not understood, file by file, with places; a file with many is cut short and says so."""
    lines: list[str] = []
    for file in result.files:
        lines += [problem_line(file, at, view) for at in range(min(len(file.problems), SHOWN))]
        left = len(file.problems) - SHOWN
        if left > 0:
            lines.append(f"{one_line(file.path)}: {count(left, 'more problem')} (--output-format json has all)")
    return lines


def problem_line(file: FileReport, at: int, view: View) -> str:
    """One problem of a file: `file:line:col: message`."""
    problem = file.problems[at]
    role: Role = "error" if problem.status == "failed" else "warning"
    span = problem.span
    place = view.style(role, f"{one_line(span.path)}:{span.start.line}:{span.start.column}:")
    return f"{place} {one_line(problem.message)}"


def crashes(result: Result, view: View) -> list[str]:
    """Faults of tochain itself, and what to do about them."""
    lines = [f"{view.style('error', 'internal error')}: {one_line(text)}" for text in result.crashes]
    if lines:
        lines.append("This is a fault of tochain, not of your files; please report it. Everything else was checked.")
    return lines


def undecided(result: Result, view: View) -> list[str]:
    """Each rule that could not be decided, and the facts that would decide it; equal ones folded."""
    folded = Counter((item.rule, str(item.hop), item.needs) for item in result.undecided)
    lines = []
    for (rule, hop, needs), times in sorted(folded.items()):
        head = view.style("note", f"undecided[{one_line(rule)}]")
        more = f" ({times} times)" if times > 1 else ""
        lines.append(f"{head}: {one_line(hop)} needs {one_line(', '.join(needs))}{more}")
    return lines


def summary(result: Result, view: View) -> list[str]:
    """Two lines: files by status, then findings, undecided and suppressed."""
    return [_files(result), _found(result, view)]


def _files(result: Result) -> str:
    counts = result.file_counts()
    parts = []
    if counts["understood"]:
        parts.append(f"{counts['understood']} understood")
    if counts["partly"]:
        troubles = sum(len(file.problems) for file in result.files if file.status == "partly")
        parts.append(f"{counts['partly']} partly ({count(troubles, 'problem')})")
    if counts["unrecognised"]:
        parts.append(f"{counts['unrecognised']} not recognised")
    if counts["failed"]:
        parts.append(f"{counts['failed']} failed")
    read = f"read {count(len(result.files), 'file')}"
    chain = f"{count(result.components, 'component')}, {count(result.hops, 'hop')}"
    return f"{read}: {', '.join(parts)}; {chain}" if parts else f"{read}; {chain}"


def _found(result: Result, view: View) -> str:
    counts = result.finding_counts()
    parts = [_dressed(view, "error", counts["error"]), _dressed(view, "warning", counts["warning"])]
    if counts["note"]:
        parts.append(_dressed(view, "note", counts["note"]))
    text = ", ".join(parts)
    if result.undecided:
        text += f"; {len(result.undecided)} undecided" + ("" if view.undecided else " (--undecided)")
    if result.suppressed:
        text += f"; {result.suppressed} suppressed"
    if result.crashes:
        text += f"; {count(len(result.crashes), 'internal error')}"
    return text


def _dressed(view: View, severity: Role, number: int) -> str:
    text = count(number, severity)
    return view.style(severity, text) if number else text
