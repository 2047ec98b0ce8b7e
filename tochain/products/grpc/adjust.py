"""gRPC's conditions: switches written as 0 and 1, what stands for never, deadlines of single calls, the least pause."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.issue import Issue
from tochain.model.limit import NEVER, OFF, Finite, Limit, Unknown, Word
from tochain.products.amend import amended, defaulted
from tochain.products.base import Site

__all__ = ["adjust", "issues"]

_RAISED = ("go", "java")
_ENFORCED = ("accept.ping_min_interval", "accept.ping_without_calls")
"""What servers of grpc-js do not look at."""
_LEAST = Finite(10_000_000)
_UNLIMITED = 2_147_483_647_000
_SWITCHES: dict[Limit, Limit] = {Word("1"): Word("on"), Word("0"): OFF}


def adjust(facts: Facts, site: Site) -> Facts:
    """Switches as on and off; INT_MAX milliseconds as never."""
    out = dict(facts)
    for timer, found in facts.items():
        if any(fact.limit in _SWITCHES for fact in found):
            amended(out, timer, _switched, "")
        if any(_unlimited(fact.limit) for fact in found):
            amended(
                out, timer, lambda limit: NEVER if _unlimited(limit) else limit, "the largest integer stands for never"
            )
    _deadline(out, site)
    if site.variant == "node":
        for timer in _ENFORCED:
            out.pop(timer, None)
    if site.variant in _RAISED and any(_too_often(fact.limit) for fact in out.get("connect.ping_interval", ())):
        amended(out, "connect.ping_interval", lambda one: _LEAST if _too_often(one) else one, "raised to 10s")
    return out


def issues(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """Pings more often than the library sends them."""
    if site.variant not in _RAISED:
        return ()
    return tuple(
        Issue(
            "setting-without-effect", fact.setting, setting.text, fact.span,
            f"the library pings every 10s at most: {setting.text} counts as 10s", fact.timer,
            source="https://github.com/grpc/proposal/blob/master/A8-client-side-keepalive.md",
        )
        for fact in facts.get("connect.ping_interval", ())
        for setting in site.settings.get("KEEPALIVE_TIME", ())
        if fact.because == "raised to 10s" and setting.span == fact.span
    )  # fmt: skip


def _too_often(limit: Limit) -> bool:
    return isinstance(limit, Finite) and limit.amount < _LEAST.amount


def _deadline(out: Facts, site: Site) -> None:
    """Source code sets deadlines call by call, where nobody looks for them."""
    if site.variant is not None:
        why = "a call may have a deadline of its own"
        defaulted(out, "connect.request_total", Unknown(why), why)


def _switched(limit: Limit) -> Limit:
    return _SWITCHES.get(limit, limit)


def _unlimited(limit: Limit) -> bool:
    return isinstance(limit, Finite) and limit.amount >= _UNLIMITED
