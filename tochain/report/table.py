"""Plain tables: columns aligned by terminal width, nothing after the last word of a line."""

from __future__ import annotations

from collections.abc import Sequence

from tochain.report.safe import one_line, pad, width

__all__ = ["rows", "table"]

GAP = "  "


def rows(cells: Sequence[Sequence[str]], right: Sequence[int] = (), gap: str = GAP) -> list[str]:
    """Aligned lines; `right` are the numbers of columns aligned to the right. Every row has as many cells."""
    shown = [[one_line(cell) for cell in row] for row in cells]
    widths = [max(width(row[at]) for row in shown) for at in range(len(shown[0]))] if shown else []
    return [
        gap.join(pad(cell, widths[at], at in right) for at, cell in enumerate(row) if widths[at]).rstrip()
        for row in shown
    ]


def table(head: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """A head and aligned lines; columns that are empty in every line are left out with their head, and so is
    a table without lines."""
    if not cells:
        return []
    kept = [at for at in range(len(head)) if any(row[at] for row in cells)]
    chosen = [[row[at] for at in kept] for row in (head, *cells)]
    return rows(chosen, [kept.index(at) for at in right if at in kept])
