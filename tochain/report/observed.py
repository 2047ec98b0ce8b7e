"""What was seen on running programs, as one line a row of the facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["observed_lines"]

_SAME = ("program", "version", "saw", "tries", "date")


def observed_lines(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """What was seen, then with which program and version, before whom, how often and when.

    Keys of a row: program, version, saw; against, tries and date where they are known. Rows that differ in their
    counterpart alone make one line.
    """
    together: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        before = together.setdefault(tuple(str(row.get(key) or "") for key in _SAME), [])
        if row.get("against"):
            before.append(str(row["against"]))
    return [_line(dict(zip(_SAME, same, strict=True)), before) for same, before in together.items()]


def _line(row: Mapping[str, str], before: list[str]) -> str:
    program = f"{row['program']} {row['version']}".strip()
    parts = [
        f"observed with {program}" + (_before(before) if before else ""),
        f"{row['tries']} tries{' each' if len(before) > 1 else ''}" if row["tries"] else "",
        row["date"],
    ]
    return f"{row['saw']}: {', '.join(part for part in parts if part)}"


def _before(names: list[str]) -> str:
    """Whom the program stood before; what happened to it instead where that begins with "on"."""
    return f" {names[0]}" if names[0].startswith("on ") else f" before {_listed(names)}"


def _listed(names: list[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
