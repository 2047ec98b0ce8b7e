"""Texts of settings to limits: a bare number in the product's unit, a number with a unit, or a word."""

from __future__ import annotations

import re

from tochain.model.limit import NEVER, OFF, UNSET, Finite, Limit, Unknown, Word, parse_duration, scale
from tochain.model.timers import TIMERS
from tochain.products.facts import TEMPLATE, Known

__all__ = ["fact_value", "read_setting", "read_value"]

_NUMBER = re.compile(r"[+-]?\d+(?:_\d+)*(?:\.\d+)?")
_ISO = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", re.IGNORECASE)
_LONG_UNIT = re.compile(
    r"([\d.]+)\s*(milliseconds?|msecs?|millis|microseconds?|usecs?|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?)",
    re.IGNORECASE,
)
_SHORT = {
    "mil": "ms",
    "mse": "ms",
    "mic": "us",
    "use": "us",
    "sec": "s",
    "min": "m",
    "hou": "h",
    "hrs": "h",
    "hr": "h",
    "day": "d",
    "wee": "w",
}
_FORGOTTEN = {"on": "rst", "off": "drop", "reject": "rst", "drop": "drop"}
_OFF = {"off", "false", "no", "disable", "disabled"}
_ON = {"on", "true", "yes", "enable", "enabled"}
_NEVER = {"never", "infinite", "infinity", "unlimited", "none", "null", "nil", "forever", "inf"}


def read_value(text: str, unit: str, kind: str = "time") -> Limit:
    """The limit a setting's text stands for, 0 not yet interpreted.

    `unit` is what a bare number means (us, ms, s, min, h, d, count, word). A text with a template is Unknown. Raises
    ValueError for what is neither.
    """
    bare = text.strip().strip("\"'").strip()
    if TEMPLATE.search(bare):
        return Unknown(f"filled in later: {bare[:60]}")
    low = bare.lower()
    if unit == "word" or kind == "word":
        return OFF if low in _OFF else Word("on") if low in _ON else Word(bare)
    if low in _NEVER:
        return NEVER
    if low in _OFF:
        return OFF
    if _NUMBER.fullmatch(bare):
        return _bare_number(bare.replace("_", ""), unit)
    if unit == "count" or kind == "count":
        raise ValueError(f"expected a number, got {text!r}")
    return _with_unit(bare)


def _bare_number(number: str, unit: str) -> Limit:
    if number.startswith("-"):
        return NEVER
    if unit == "count":
        return Finite(int(float(number)))
    return scale(number.lstrip("+"), unit)


def _with_unit(text: str) -> Limit:
    iso = _ISO.fullmatch(text)
    if iso and len(text) > 1:
        parts = zip(iso.groups(), "dhms", strict=True)
        return Finite(sum(scale(number, unit).amount for number, unit in parts if number))
    if _LONG_UNIT.sub("", text).strip(" ,") == "":
        found = _LONG_UNIT.findall(text)
        return Finite(sum(scale(number, _SHORT[word.lower()[:3]]).amount for number, word in found))
    return parse_duration(text)


def fact_value(value: str, unit: str, kind: str) -> Limit:
    """A value in the notation of facts files: a duration with its unit, a count, `never`, `off`, `unknown`, `kernel` or a word."""
    if value == "never":
        return NEVER
    if value == "off":
        return OFF
    if value == "unknown":
        return Unknown("not known for this product")
    if value == "kernel":
        return Word("kernel")
    if kind == "word":
        return Word(value)
    if kind == "count":
        return Finite(int(value))
    if unit == "word":
        return _word_or_time(value)
    if value == "0":
        return Finite(0)
    return parse_duration(value)


def _word_or_time(value: str) -> Limit:
    """A switch's default: what it amounts to in time where that is known ("tested at each use" is 0s), else its word."""
    try:
        return parse_duration(value)
    except ValueError:
        return Word(value)


def _forgotten(limit: Limit) -> Limit:
    """A switch for resets (Azure's enableTcpReset, BIG-IP's reset-on-timeout) in the timer's own words."""
    word = "off" if limit == OFF else limit.text.lower() if isinstance(limit, Word) else ""
    return Word(_FORGOTTEN[word]) if word in _FORGOTTEN else limit


def read_setting(known: Known, text: str, timer: str, unit: str | None = None) -> Limit:
    """A written setting's value for one of its timers, what 0 means included; raises ValueError for nonsense."""
    kind = TIMERS[timer].kind
    limit = read_value(text, unit or known.unit, kind)
    if timer == "flow.on_expiry":
        return _forgotten(limit)
    if limit == Word("on") and "tcp_keepalive" in timer:
        return Word("kernel")
    if limit == Word("on") and timer.endswith("validate_after_idle"):
        return Finite(0)
    if limit != Finite(0):
        return limit
    match known.zero:
        case "never":
            return NEVER
        case "off":
            return OFF
        case "kernel":
            return Word("kernel")
        case "default":
            return _default(known, kind)
        case "invalid":
            raise ValueError(f"0 is not allowed for {known.setting}")
        case _:
            return limit


def _default(known: Known, kind: str) -> Limit:
    """What 0 means where it means the default: as if nothing were written where that depends on more than the entry."""
    if not known.defaults:
        return Unknown("0 means the default")
    if len(known.defaults) > 1 or known.defaults[0].value.startswith("="):
        return UNSET
    return fact_value(known.defaults[0].value, known.unit, kind)
