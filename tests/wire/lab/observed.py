"""`observed` rows in facts files: read through the loader, written line by line so that the file keeps its form."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from tochain.model.version import parse_version
from tochain.products.facts import facts_path, load_file

KEYS = ("program", "version", "date", "saw", "tries", "against")
BEHAVIOUR = "behaviour."


def recorded(product: str, place: str, program: tuple[str, str], against: str) -> dict[str, str] | None:
    """The row of that version of the program, else of its newest, before the same counterpart; None without any."""
    facts = load_file(facts_path(product))
    if place.startswith(BEHAVIOUR):
        known = facts.behaviour.get(place.removeprefix(BEHAVIOUR))
        rows = known.get("observed") or [] if isinstance(known, dict) else []
    else:
        rows = [row for known in facts.settings if known.setting == place for row in known.observed]
    mine = [row for row in rows if row["program"] == program[0] and row.get("against", "") == against]
    return max(mine, key=lambda row: (row["version"] == program[1], parse_version(row["version"]) or ()), default=None)


def write(product: str, place: str, row: dict[str, str], variant: str = "") -> None:
    """Puts the row where it belongs, in place of one of the same program, version and counterpart.

    `variant` tells settings of one name apart.
    """
    path = facts_path(product)
    lines = path.read_text(encoding="utf-8").splitlines()
    row = {"date": datetime.now(UTC).date().isoformat(), **row}
    path.write_text("\n".join(placed(lines, place, row, variant)) + "\n", encoding="utf-8")
    load_file(path)


def placed(lines: list[str], place: str, row: dict[str, str], variant: str = "") -> list[str]:
    """The lines of a facts file with the row in them."""
    start, end = _block(lines, place, variant)
    head = next((at for at in range(start, end) if lines[at].strip() == "observed:"), None)
    if head is None:
        return [*lines[:end], "    observed:", _text(row), *lines[end:]]
    stop = head + 1
    while stop < end and lines[stop].startswith("      "):
        stop += 1
    kept = [line for line in lines[head + 1 : stop] if not _replaced(line, row)]
    return [*lines[: head + 1], *sorted([*kept, _text(row)]), *lines[stop:]]


def _replaced(line: str, row: dict[str, str]) -> bool:
    mine = [f"program: {_word(row['program'])},", f"version: {_word(row['version'])},"]
    against = re.search(r"against: (.*)}$", line)
    return all(part in line for part in mine) and (against[1] if against else "") == _word(row.get("against", ""))


def _text(row: dict[str, str]) -> str:
    return "      - {" + ", ".join(f"{key}: {_word(row[key])}" for key in KEYS if row.get(key)) + "}"


def _word(text: str) -> str:
    return text if re.fullmatch(r"[\w.-]*", text) else json.dumps(text)


def _block(lines: list[str], place: str, variant: str) -> tuple[int, int]:
    """First line of a setting or of a behaviour, and the line after its last one."""
    if place.startswith(BEHAVIOUR):
        start = lines.index(f"  {place.removeprefix(BEHAVIOUR)}:", lines.index("behaviour:"))
        return start, _end(lines, start)
    names = (f"  - setting: {place}", f"  - setting: '{place}'", f'  - setting: "{place}"')
    blocks = [(at, _end(lines, at)) for at, line in enumerate(lines) if line in names]
    return next((start, end) for start, end in blocks if not variant or f"    variant: {variant}" in lines[start:end])


def _end(lines: list[str], start: int) -> int:
    end = start + 1
    while end < len(lines) and lines[end].startswith("    "):
        end += 1
    return end
