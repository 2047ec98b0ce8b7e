"""Schedules by the clock: the smallest pause between two of the starts a cron expression or calendar event asks for."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

from tochain.model.limit import NEVER, Finite, Limit, Unknown

__all__ = ["aws_period", "calendar_period", "cron_period", "seconds_period", "smallest_gap"]

_NAMED = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905 - read as a calendar has them
_DAYS = "sun mon tue wed thu fri sat".split()  # noqa: SIM905
_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_FIRST_DAY, _FOUR_YEARS = date(2023, 1, 1), 4 * 365 + 1
_DAY = 24 * 60


@lru_cache(maxsize=1024)
def smallest_gap(expression: str) -> int | None:
    """Minutes between the two starts that lie nearest to one another; None for what is no such expression.

    Five fields with lists, ranges, steps and names, and the words such as `@daily`; a time zone in front is left out.
    """
    words = [word for word in expression.lower().split() if not word.startswith(("tz=", "cron_tz="))]
    fields = _NAMED[words[0]].split() if len(words) == 1 and words[0] in _NAMED else words
    if len(fields) != 5:
        return None
    try:
        minutes, hours, days, months, weekdays = (_field(text, at) for at, text in enumerate(fields))
    except ValueError:
        return None
    starts = sorted(60 * hour + minute for hour in hours for minute in minutes)
    dates = _dates(days, months, {day % 7 for day in weekdays}, either="*" not in (fields[2][0], fields[4][0]))
    gaps = [later - earlier for earlier, later in pairwise(starts)] if dates else []
    gaps += [(b - a) * _DAY + starts[0] - starts[-1] for a, b in pairwise(dates)]
    return min(gaps, default=None)


def cron_period(expression: str) -> Limit:
    """The shortest time between two starts of a cron expression; unknown for what is none."""
    minutes = smallest_gap(expression)
    if minutes is None:
        return Unknown(f"no cron expression of five fields: {expression.strip()[:40]}")
    return Finite(minutes * 60_000_000)


def _dates(days: set[int], months: set[int], weekdays: set[int], *, either: bool) -> list[int]:
    """The days of four years that fit; where both kinds of day are restricted, either one is enough."""
    found = []
    for at in range(_FOUR_YEARS):
        day = _FIRST_DAY + timedelta(days=at)
        fits = (day.day in days, day.isoweekday() % 7 in weekdays)
        if day.month in months and (any(fits) if either else all(fits)):
            found.append(at)
    return found


def _field(text: str, at: int) -> set[int]:
    low, high = _RANGES[at]
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span in ("*", "?"):
            start, end = low, min(high, 6) if at == 4 else high
        else:
            start = _number(first, at)
            end = _number(last, at) if dash else high if slash else start
        by = int(step) if slash else 1
        if not low <= start <= end <= high or by < 1:
            raise ValueError(text)
        found.update(range(start, end + 1, by))
    return found


def _number(text: str, at: int) -> int:
    names = {3: _MONTHS, 4: _DAYS}.get(at, [])
    if text in names:
        return names.index(text) + (at == 3)
    if not text.isascii() or not text.isdecimal() or len(text) > 2:
        raise ValueError(text)
    return int(text)


_DAYS_OF = {
    "weekly": 7,
    "monthly": 28,
    "quarterly": 90,
    "semiannually": 181,
    "yearly": 365,
    "annually": 365,
    "daily": 1,
}
_EVENT = re.compile(
    r"(?:([a-z,.]+)\s+)?(?:(\*|\d{4})-([\d*,/.]+)-([\d*,/.]+)\s*)?(?:([\d*,/.]+):([\d*,/.]+)(?::[\d*,/.]+)?)?"
)


def calendar_period(text: str) -> Limit:
    """The shortest time between two moments of a systemd calendar event: its words, and times with lists and steps.

    Unknown for what is not read, a template among them.
    """
    bare = text.strip().lower()
    words = {"minutely": 1, "hourly": 60, **{word: days * _DAY for word, days in _DAYS_OF.items()}}
    minutes: int | None = words.get(bare)
    found = _EVENT.fullmatch(bare)
    if minutes is None and found is not None and bare:
        fields = [found[6] or "0", found[5] or "0", found[4] or "*", found[3] or "*", found[1] or "*"]
        minutes = smallest_gap(" ".join(field.replace("..", "-") for field in fields))
    if minutes is None:
        return Unknown(f"no calendar event that is read: {text.strip()[:40]}")
    return Finite(minutes * 60_000_000)


_RATE = re.compile(r"rate\(\s*(\d{1,6})\s+(minute|hour|day)s?\s*\)")
_AWS_CRON = re.compile(r"cron\(([^()]*)\)")
_UNITS = {"minute": 1, "hour": 60, "day": _DAY}


def aws_period(text: str) -> Limit:
    """The shortest time between two starts of a schedule of Amazon EventBridge, `rate(...)` or `cron(...)` with a year."""
    bare = text.strip().lower()
    minutes: int | None = None
    if (rate := _RATE.fullmatch(bare)) is not None:
        minutes = int(rate[1]) * _UNITS[rate[2]]
    elif (cron := _AWS_CRON.fullmatch(bare)) is not None and len(fields := cron[1].split()) == 6:
        # Sunday is 1 there, and one of the two kinds of day is always "?", which restricts nothing.
        fields[4] = re.sub(r"\d+", lambda day: str(int(day[0]) - 1), fields[4])
        minutes = smallest_gap(" ".join(field.replace("?", "*") for field in fields[:5]))
    if not minutes:
        return Unknown(f"no schedule that is read: {text.strip()[:40]}")
    return Finite(minutes * 60_000_000)


def seconds_period(text: str) -> Limit:
    """The shortest time between two starts of a cron expression whose first field is seconds, as Spring and Quartz have it.

    The words such as `@daily` too; `-` is Spring's word for never.
    """
    bare = text.strip().lower()
    fields = bare.split()
    if bare == "-":
        return NEVER
    if len(fields) == 1:
        minutes = smallest_gap(bare)
        return Finite(minutes * 60_000_000) if minutes else Unknown(f"no schedule that is read: {text.strip()[:40]}")
    minutes = (
        smallest_gap(" ".join(field.replace("?", "*") for field in fields[1:6])) if len(fields) in (6, 7) else None
    )
    try:
        seconds = sorted(_field(fields[0], 0)) if minutes else []
    except ValueError:
        minutes = None
    if not minutes:
        return Unknown(f"no schedule that is read: {text.strip()[:40]}")
    gaps = [later - earlier for earlier, later in pairwise(seconds)]
    return Finite(min([*gaps, minutes * 60 - (seconds[-1] - seconds[0])]) * 1_000_000)
