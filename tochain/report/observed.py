"""What was seen on running programs, as one line a row of the facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["observed_lines"]


def observed_lines(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """One text a row: what was seen, then with which program and version, against whom, how often and when.

    Keys of a row: program, version, saw; against, tries and date where they are known.
    """
    return [_line(row) for row in rows]


def _line(row: Mapping[str, Any]) -> str:
    program = f"{row.get('program', '')} {row.get('version', '')}".strip()
    parts = [
        f"observed with {program}" + (f" before {row['against']}" if row.get("against") else ""),
        f"{row['tries']} tries" if row.get("tries") else "",
        str(row.get("date") or ""),
    ]
    return f"{row.get('saw', '')}: {', '.join(part for part in parts if part)}"
