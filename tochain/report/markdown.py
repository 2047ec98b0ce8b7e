"""A summary for a pull request comment: a table of findings, the places folded away below it."""

from __future__ import annotations

import re

from tochain.model.finding import Finding
from tochain.model.result import Result
from tochain.report.safe import one_line
from tochain.report.summary import crashes, problems, summary, undecided
from tochain.report.text import finding_lines
from tochain.report.view import View

__all__ = ["code", "escape", "fenced", "render"]

LONGEST = 50_000
"""Characters of folded detail: comments are refused when they are longer than about 65,000."""

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&$])")


def render(result: Result, view: View) -> str:
    """Heading, counts, a table of findings, then their places, what was not understood and what stayed undecided."""
    plain = View(lines=view.lines, rules=view.rules, undecided=view.undecided)
    read, found = summary(result, View(undecided=True))
    parts = ["## tochain", f"**{escape(found)}**", escape(read)]
    if result.findings:
        parts.append("\n".join(["| | place | rule | message |", "|---|---|---|---|", *map(_row, result.findings)]))
        parts.append(_folded("Places and fixes", [finding_lines(finding, plain) for finding in result.findings]))
    parts.append(_folded("Not understood", [[line] for line in problems(result, plain) + crashes(result, plain)]))
    if view.undecided:
        parts.append(_folded("Undecided", [[line] for line in undecided(result, plain)]))
    return "\n\n".join(part for part in parts if part) + "\n"


def _row(finding: Finding) -> str:
    places = [str(label.span) for label in finding.labels if label is finding.primary]
    cells = [finding.severity, *map(code, places), code(finding.rule), escape(finding.message)]
    return f"| {' | '.join(cells)} |"


def _folded(title: str, blocks: list[list[str]]) -> str:
    """A part that opens on a click; cut at whole blocks where a comment would get too long."""
    if not blocks:
        return ""
    kept: list[str] = []
    room = LONGEST
    for block in blocks:
        text = "\n".join(block)
        room -= len(text) + 2
        if room < 0:
            kept.append(f"... and {len(blocks) - len(kept)} more")
            break
        kept.append(text)
    gap = "\n\n" if any(len(block) > 1 for block in blocks) else "\n"
    return f"<details><summary>{title}</summary>\n\n{fenced(gap.join(kept))}\n\n</details>"


def escape(text: str) -> str:
    """Text that markdown shows as it is: no markup, no HTML, and neither people nor issues are mentioned."""
    return _MARKUP.sub(r"\\\1", one_line(text)).replace("@", "@&#8203;").replace("\\#", "\\#&#8203;")


def code(text: str) -> str:
    """Text as a code span, good inside a table too."""
    text = one_line(text).replace("|", "\\|")
    ticks = "`" * (_longest_run(text) + 1)
    edge = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{edge}{text}{edge}{ticks}"


def fenced(text: str, language: str = "text") -> str:
    """Text as a code block whose fence is longer than any in it."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
