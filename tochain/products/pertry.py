"""What Envoy's router once did with the limit of one try: before 1.14 it looked at it only where a route had a limit too."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Fact, Facts, Setting
from tochain.model.issue import Issue
from tochain.model.limit import Finite, Limit, Never
from tochain.model.version import Version, Versions

__all__ = ["ignored_per_try", "without_ignored"]

SOURCE = "https://github.com/envoyproxy/envoy/pull/10082"
_TRY, _TOTAL = "connect.attempt_total", "connect.request_total"


def without_ignored(facts: Facts, versions: Versions, since: Version) -> None:
    """Lets one try take as long as the request where the router of every possible version ignores its limit."""
    one, total = _pair(facts, versions, since)
    if one is not None and total is not None and isinstance(one.limit, Finite):
        because = f"{one.setting} is ignored while {total.setting} is no limit"
        facts[_TRY] = (replace(total, timer=_TRY, because=because),)


def ignored_per_try(
    facts: Facts, written: Setting | None, limit: Limit, versions: Versions, since: Version
) -> list[Issue]:
    """The issue of a limit of one try that the router ignores because the route has none."""
    _, total = _pair(facts, versions, since)
    if written is None or total is None or not isinstance(limit, Finite):
        return []
    text = (
        f"{written.name} {written.text} is ignored: before version {'.'.join(map(str, since))} the limit of one try counts only "
        f"where {total.setting} is a limit too"
    )
    return [
        Issue(
            "per-try-needs-total", written.name, written.text, written.span, text, _TRY,
            ((total.span, f"{total.setting} is {total.value}"),), source=SOURCE, called=((total.setting, total.value),),
        )
    ]  # fmt: skip


def _pair(facts: Facts, versions: Versions, since: Version) -> tuple[Fact | None, Fact | None]:
    """The limits of one try and of the request, where the second never ends it and the version is surely an old one."""
    total = next(iter(facts.get(_TOTAL, ())), None)
    if total is None or not isinstance(total.limit, Never) or versions.surely_since(since) is not False:
        return None, None
    return next(iter(facts.get(_TRY, ())), None), total
