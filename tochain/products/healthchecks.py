"""Health checks of clouds that refuse a check that may outlast the pause to the next one."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.issue import Issue
from tochain.model.limit import Finite

__all__ = ["outlasting"]

_TIMEOUT, _INTERVAL = "lifecycle.health_timeout", "lifecycle.health_interval"


def outlasting(facts: Facts, source: str) -> tuple[Issue, ...]:
    """The issue of a check whose timeout is above its interval, where somebody wrote one of the two."""
    timeouts, intervals = facts.get(_TIMEOUT, ()), facts.get(_INTERVAL, ())
    if not timeouts or not intervals:
        return ()
    timeout, interval = timeouts[0], intervals[0]
    if not isinstance(timeout.limit, Finite) or not isinstance(interval.limit, Finite):
        return ()
    if timeout.limit.amount <= interval.limit.amount or {timeout.origin, interval.origin} <= {"default", "fixed"}:
        return ()
    text = f"a health check may take {timeout.value}, longer than the {interval.value} to the next one, and is refused"
    first, other = (timeout, interval) if timeout.origin not in ("default", "fixed") else (interval, timeout)
    where = ((other.span, f"{other.setting} is {other.value}"),)
    return (
        Issue(
            "health-check-outlasts-interval", first.setting, first.value, first.span, text, first.timer, where,
            source=source, called=((other.setting, other.value),),
        ),
    )  # fmt: skip
