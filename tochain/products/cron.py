"""Schedules by the clock: the shortest pause between two starts of a cron expression or a systemd calendar event."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

from tochain.model.limit import Finite, Limit, Unknown, parse_duration

__all__ = ["calendar_period", "cron_period"]

_DAY = 24 * 60
_WORDS = {
    "@yearly": 365 * _DAY, "@annually": 365 * _DAY, "@monthly": 28 * _DAY, "@weekly": 7 * _DAY, "@daily": _DAY,
    "@midnight": _DAY, "@hourly": 60,
}  # fmt: skip
_CALENDAR = {
    "minutely": 1, "hourly": 60, "daily": _DAY, "weekly": 7 * _DAY, "monthly": 28 * _DAY, "quarterly": 90 * _DAY,
    "semiannually": 181 * _DAY, "yearly": 365 * _DAY, "annually": 365 * _DAY,
}  # fmt: skip
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_ITEM = re.compile(r"(\*|\?|\d+|[a-z]{3})(?:-(\d+|[a-z]{3}))?(?:/(\d+))?")
_SPAN = 4 * 366
"""Days looked at: long enough for the 29th of February."""


def cron_period(text: str) -> Limit:
    """The shortest time between two starts of a cron expression of five fields (six with seconds in front), or a macro.

    Unknown for what is none, a template among them.
    """
    bare = text.strip().lower()
    bare = re.sub(r"^(?:cron_)?tz=\S+\s+", "", bare)
    if bare in _WORDS:
        return _minutes(_WORDS[bare])
    if bare.startswith("@every "):
        try:
            limit = parse_duration(bare.removeprefix("@every "))
        except ValueError as error:
            return Unknown(str(error))
        return limit
    fields = bare.split()
    if len(fields) in (6, 7) and not fields[0].startswith("*"):
        fields = fields[1:6]
    if len(fields) != 5:
        return Unknown(f"no cron expression: {text.strip()[:40]}")
    try:
        return _shortest(fields)
    except ValueError as error:
        return Unknown(str(error))


def _shortest(fields: list[str]) -> Limit:
    minutes, hours = _set(fields[0], 0, 59), _set(fields[1], 0, 23)
    days, months, weekdays = _set(fields[2], 1, 31), _set(fields[3], 1, 12, _MONTHS, 1), _set(fields[4], 0, 7, _DAYS)
    weekdays |= {0} if 7 in weekdays else set()
    times = sorted(hour * 60 + minute for hour in hours for minute in minutes)
    gaps = [later - sooner for sooner, later in pairwise(times)]
    either = fields[2][0] not in "*?" and fields[4][0] not in "*?"
    last: int | None = None
    for at in range(_SPAN):
        today = date(2024, 1, 1) + timedelta(days=at)
        weekday = today.isoweekday() % 7 in weekdays
        right = (weekday or today.day in days) if either else (weekday and today.day in days)
        if today.month not in months or not right:
            continue
        if last is not None:
            gaps.append((at - last) * _DAY + times[0] - times[-1])
        last = at
    if not gaps:
        return Unknown("it starts at most once in four years")
    return _minutes(min(gaps))


def _set(text: str, low: int, high: int, names: list[str] | None = None, base: int = 0) -> set[int]:
    found: set[int] = set()
    for part in text.split(","):
        item = _ITEM.fullmatch(part)
        if item is None:
            raise ValueError(f"no field of a cron expression: {part[:20]}")
        start = low if item[1] in "*?" else _number(item[1], names or [], base)
        end = high if item[1] in "*?" or (item[3] and not item[2]) else start
        end = _number(item[2], names or [], base) if item[2] else end
        step = int(item[3]) if item[3] else 1
        if not (low <= start <= end <= high and step):
            raise ValueError(f"no field of a cron expression: {part[:20]}")
        found |= set(range(start, end + 1, step))
    return found


def _number(text: str, names: list[str], base: int) -> int:
    if text.isdigit():
        return int(text)
    if text not in names:
        raise ValueError(f"no field of a cron expression: {text[:20]}")
    return names.index(text) + base


def _minutes(amount: int) -> Finite:
    return Finite(amount * 60_000_000)


def calendar_period(text: str) -> Limit:
    """The shortest time between two moments of a systemd calendar event: its words, and times with lists and steps."""
    bare = text.strip().lower()
    if bare in _CALENDAR:
        return _minutes(_CALENDAR[bare])
    found = re.fullmatch(
        r"(?:([a-z,.]+)\s+)?(?:(\*|\d{4})-([\d*,/.]+)-([\d*,/.]+)\s*)?(?:([\d*,/.]+):([\d*,/.]+)(?::[\d*,/.]+)?)?", bare
    )
    if found is None or not bare:
        return Unknown(f"no calendar event that is read: {text.strip()[:40]}")
    weekday = found[1].replace("..", "-") if found[1] else "*"
    fields = [found[6] or "0", found[5] or "0", found[4] or "*", found[3] or "*", weekday]
    return cron_period(" ".join(field.replace("..", "-") for field in fields))
