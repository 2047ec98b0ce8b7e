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
    "read_stall",
    "response_header",
    "ping_interval",
    "ping_timeout",
    "heartbeat",
    "attempt_total",
)
_MS, _S = 1_000, 1_000_000
_LEAST = {
    # What is shorter than this, nobody means: for how long connections live, and for how long one waits.
    **dict.fromkeys(("max_age", "connection_total", "idle_session"), 30 * _S),
    **dict.fromkeys(
        ("idle_close", "idle_keep", "stream_idle", "heartbeat", "ping_interval", "session_timeout", "poll_interval_max",
         "tcp_keepalive_time", "drain", "startup", "message_lock", "ack_timeout"), _S,
    ),
    **dict.fromkeys(
        ("connect", "read_stall", "response_header", "attempt_total", "request_total", "pool_wait", "header_read",
         "body_read", "request_read", "send_stall", "statement_total", "lock_wait"), 100 * _MS,
    ),
}  # fmt: skip
_HOUR = 3600 * _S


def suspicious(row: Known, setting: Setting, timer: str, limit: Limit) -> str:
    """Why a bare number looks as if it were meant in another unit; empty when it does not.

    Too short for what it times and no round number of milliseconds, yet sensible in seconds; or a thousand times off the
    product's own default and near it when read in the other unit.
    """
    if TIMERS[timer].kind != "time" or not isinstance(limit, Finite) or limit.amount == 0:
        return ""
    bare = setting.text.strip().replace("_", "")
    if limit.amount < _MS and timer.split(".")[1] in _LEAST:
        return (
            f"{setting.name} = {setting.text} is less than a millisecond; a bare number counts the smallest unit here"
        )
    unit = setting.unit or row.unit
    if setting.unit not in (None, row.unit) or not _BARE.fullmatch(bare):
        return ""
    default = _default(row)
    if unit == "ms" and _meant_in_seconds(limit.amount, default, timer):
        return f"{setting.name} = {bare} is {bare} milliseconds; {bare} s would be {bare}000"
    if unit == "s" and bare.endswith("000") and _meant_in_millis(limit.amount, default, setting, timer):
        return f"{setting.name} = {bare} is {bare} seconds; {bare} ms would be {bare[:-3]}"
    return ""


def _meant_in_seconds(amount: int, default: int | None, timer: str) -> bool:
    least = _LEAST.get(timer.split(".")[1], 0)
    # 2000 and 250 are how people write milliseconds; 65 and 1800 are how they write seconds.
    usual = _S if least > 100 * _MS and amount >= _S else 50 * _MS if least == 100 * _MS else 0
    if amount >= least or (usual and amount % usual == 0):
        return False
    if default is None:
        return amount < 100 * _MS
    return amount * 20 < default and amount * 1000 <= default * 100


def _meant_in_millis(amount: int, default: int | None, setting: Setting, timer: str) -> bool:
    what = timer.split(".")[1]
    if what == "connect" and "conn" in setting.name.lower():
        return True  # a thousand seconds and more for a handshake alone
    if default is None:
        return amount >= 10_000 * _S and what in _SHORT_LIVED
    return amount > _HOUR and amount > default * 50 and default <= amount // 1000 * 10


@lru_cache(maxsize=4096)
def _default(row: Known) -> int | None:
    if not row.defaults or row.defaults[-1].value.startswith("="):
        return None
    value = fact_value(row.defaults[-1].value, row.unit, "time") if row.unit not in ("word", "count") else None
    return value.amount if isinstance(value, Finite) and value.amount > 0 else None
