"""Numbers that only make sense in another unit: 65 milliseconds of keep-alive, 30000 seconds of ping interval."""

from __future__ import annotations

import re
from functools import lru_cache

from tochain.model.fact import Setting
from tochain.model.limit import Finite, Limit
from tochain.model.timers import TIMERS
from tochain.products.facts import Known
from tochain.products.values import fact_value

__all__ = ["suspicious"]

_BARE = re.compile(r"\d+(?:_\d+)*(?:\.\d+)?")
_SHORT_LIVED = (
    "idle_close",
    "connect",
    "read_stall",
    "response_header",
    "ping_interval",
    "ping_timeout",
    "heartbeat",
    "attempt_total",
)


def suspicious(row: Known, setting: Setting, timer: str, limit: Limit) -> str:
    """Why a bare number looks as if it were meant in another unit; empty when it does not.

    Judged against the product's own default, or by size alone where the default is no number: a value a thousand
    times off is near the default when read in the other unit.
    """
    if TIMERS[timer].kind != "time" or not isinstance(limit, Finite) or limit.amount == 0:
        return ""
    bare = setting.text.strip().replace("_", "")
    unit = setting.unit or row.unit
    if setting.unit is not None or not _BARE.fullmatch(bare):
        return ""
    default = _default(row)
    if unit == "ms" and default is not None and _meant_in_seconds(limit.amount, default):
        return f"{setting.name} = {bare} is {bare} milliseconds; {bare} s would be {bare}000"
    if unit == "s" and bare.endswith("000") and _meant_in_millis(limit.amount, default, timer):
        return f"{setting.name} = {bare} is {bare} seconds; {bare} ms would be {bare[:-3]}"
    return ""


def _meant_in_seconds(amount: int, default: int) -> bool:
    return amount * 20 < default <= amount * 10_000 and amount * 1000 <= default * 100


def _meant_in_millis(amount: int, default: int | None, timer: str) -> bool:
    if default is None:
        return amount >= 10_000 * 1_000_000 and timer.split(".")[1] in _SHORT_LIVED
    return amount > default * 50 and default <= amount // 1000 * 10


@lru_cache(maxsize=4096)
def _default(row: Known) -> int | None:
    if not row.defaults or row.defaults[-1].value.startswith("="):
        return None
    value = fact_value(row.defaults[-1].value, row.unit, "time") if row.unit not in ("word", "count") else None
    return value.amount if isinstance(value, Finite) and value.amount > 0 else None
