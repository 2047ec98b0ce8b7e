"""nginx's own grammar of times: numbers with units, largest unit first, a bare number being seconds."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["parse_time", "plain"]

_PART: Final = re.compile(r"(\d+)(ms|[yMwdhms]|(?= )|\Z)")
_PLAIN: Final = re.compile(r"\d{1,12}(?:ms|[smhdw])?")
_MS: Final = {
    "y": 31_536_000_000, "M": 2_592_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000,
    "s": 1000, "ms": 1,
}  # fmt: skip
_ORDER: Final = ("y", "M", "w", "d", "h", "m", "s", "ms")
_LONGEST: Final = 2**63 - 1


def plain(text: str) -> bool:
    """Whether a time is a number with at most one unit that everybody reads alike."""
    return _PLAIN.fullmatch(text) is not None


def parse_time(text: str, whole_seconds: bool = False) -> int:
    """The milliseconds of a time such as `90`, `1m30s`, `1h 30m`, `250ms`.

    `m` is a minute; units fall in size and none comes twice. Directives that count in whole seconds (`fail_timeout=`,
    `valid=`, `so_keepalive=`) take `M`, a month of 30 days, and `y`, but no `ms`. Raises ValueError where nginx refuses
    to start.
    """
    total, at, last = 0, len(text) - len(text.lstrip(" ")), -1
    units = "s, m, h, d, w, M or y" if whole_seconds else "ms, s, m, h, d or w"
    if at == len(text) or len(text) > 64:
        raise ValueError(f'invalid time "{text[:64]}"; expected a number with {units}')
    while at < len(text):
        part = _PART.match(text, at)
        if part is None or part[2] in (("ms",) if whole_seconds else ("M", "y")):
            raise ValueError(f'invalid time "{text}"; expected a number with {units}{_hint(text)}')
        unit = part[2] or "s"
        rank = _ORDER.index(unit)
        bare = not part[2]
        if rank <= last and not (bare and part.end() == len(text)):
            raise ValueError(f'invalid time "{text}"; units go from the largest to the smallest, each once')
        last = len(_ORDER) if bare else rank
        total += int(part[1]) * _MS[unit]
        at = part.end()
        while text[at : at + 1] == " ":
            at += 1
    if total > _LONGEST:
        raise ValueError(f'invalid time "{text}"; it is too long')
    return total


def _hint(text: str) -> str:
    if re.fullmatch(r"\d+ +[a-zA-Z]+", text):
        return "; no space between number and unit"
    if re.fullmatch(r"\d+[.,]\d+\s*\w*", text):
        return "; fractions are not allowed"
    if re.fullmatch(r"\d+(sec|secs|second|seconds|min|mins|minutes?|hours?|days?|S|H|D)", text):
        return "; units are single letters in lower case"
    return ""
