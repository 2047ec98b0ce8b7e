"""The way .NET writes times: [days.]hours:minutes:seconds."""

from __future__ import annotations

import re

from tochain.model.fact import Setting
from tochain.model.limit import NEVER, Finite, Limit
from tochain.model.span import Span

__all__ = ["timespan", "timespan_setting"]

_TIMESPAN = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?")


def timespan(text: str) -> Limit | None:
    """The limit of a TimeSpan such as "00:02:10" or "1.00:00:00"; None for a text of another form."""
    bare = text.strip()
    if bare.startswith("-00:00:00.001") or bare.lower() == "infinite":
        return NEVER
    found = _TIMESPAN.fullmatch(bare)
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[:4])
    fraction = int((found[5] or "0").ljust(7, "0")) // 10
    return Finite((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000_000 + fraction)


def timespan_setting(name: str, text: str, span: Span) -> Setting:
    """A setting written as a TimeSpan, or as what its product's facts say."""
    return Setting(name, text, span, limit=timespan(text))
