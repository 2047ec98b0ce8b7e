"""Cron expressions: the smallest pause between two of the starts they ask for."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

__all__ = ["smallest_gap"]

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
    if not text.isascii() or not text.isdigit() or len(text) > 2:
        raise ValueError(text)
    return int(text)
