"""How long a client may spend on one request before it gives up: tries, time per try, pauses, and totals together."""

from __future__ import annotations

from dataclasses import replace

from tochain.graph.amplify import connects_only
from tochain.model.fact import Fact, Facts
from tochain.model.hop import Hop
from tochain.model.limit import NEVER, OFF, Finite, Limit, Never, Off, OneOf, Unknown, Unset, Word

__all__ = ["with_worst"]

Amount = int | None
"""Microseconds; None is without end."""


def with_worst(hop: Hop) -> Hop:
    """The hop with `connect.gives_up`, `connect.attempt_worst` (one try) and `connect.worst` (all tries) among its client's timers.

    Each is given only where its parts are known; the fact points at the setting that decides it, `because` says how the
    number came about.
    """
    patience = _gives_up(hop.client_facts)
    base = {**hop.client_facts, "connect.gives_up": patience} if patience else hop.client_facts
    one = _attempt(hop.client_facts)
    if one is None:
        return hop.with_client_facts(base)
    facts = {**base, "connect.attempt_worst": (one,)}
    total = _total(facts, one, hop.protocol)
    if total is not None:
        facts["connect.worst"] = (total,)
    return hop.with_client_facts(facts)


def _gives_up(facts: Facts) -> tuple[Fact, ...]:
    """The first limit that ends the wait for an answer: of the head (else of a pause), of the try, of the request."""
    timers = ["connect.response_header" if "connect.response_header" in facts else "connect.read_stall"]
    timers += ["connect.attempt_total", "connect.request_total"]
    known = [fact for timer in timers for fact in facts.get(timer, ())[:1]]
    finite = [fact for fact in known if _finite(fact)]
    if any(isinstance(fact.limit, Unknown | OneOf) for fact in known):
        return next((_as(f, "connect.gives_up", f.limit),) for f in known if isinstance(f.limit, Unknown | OneOf))
    if finite:
        first = min(finite, key=_amount)
        return (_as(first, "connect.gives_up", first.limit),)
    return tuple(_as(fact, "connect.gives_up", NEVER) for fact in known[:1])


def _attempt(facts: Facts) -> Fact | None:
    """One try: the total of a try if there is one, else connecting plus waiting for the response head."""
    parts = [
        fact
        for timer in ("connect.attempt_total", "connect.request_total")
        if (fact := _first(facts, timer)) and _finite(fact)
    ]
    wait = _first(facts, "connect.response_header") or _first(facts, "connect.read_stall")
    if wait is not None and _finite(wait):
        start = _first(facts, "connect.connect")
        extra = start.limit.amount if start is not None and isinstance(start.limit, Finite) else 0
        amount = _amount(wait) + extra
        because = f"{start.setting} {start.value} + {wait.setting} {wait.value}" if start is not None and extra else ""
        parts.append(_as_sure(_as(wait, "connect.attempt_worst", Finite(amount), because), start))
    if parts:
        least = min(parts, key=_amount)
        return _as(least, "connect.attempt_worst", least.limit)
    if wait is None or not isinstance(wait.limit, Never | Off):
        return None
    return _as(wait, "connect.attempt_worst", NEVER)


def _total(facts: Facts, one: Fact, protocol: str) -> Fact | None:
    """All tries: tries times one try and the pauses between, cut by a total where there is one."""
    tries = _first(facts, "connect.attempts")
    count: Limit = tries.limit if tries is not None else Finite(1)
    retry = _first(facts, "connect.retry_condition")
    if retry is not None and retry.limit == OFF:
        count = Finite(1)
    if isinstance(count, Unknown | Unset | OneOf | Word):
        return None
    found: Fact | None = None
    if isinstance(count, Finite) and isinstance(one.limit, Finite):
        pause = _first(facts, "connect.retry_backoff")
        backoff = pause.limit.amount if pause is not None and isinstance(pause.limit, Finite) else 0
        n = max(count.amount, 1)
        because = f"{n} tries x {one.value}" if n > 1 else one.because
        again = one.limit.amount
        if connects_only(facts, protocol):
            start = _first(facts, "connect.connect")
            again = min(again, _amount(start)) if start is not None and _finite(start) else 0
        amount = one.limit.amount + (n - 1) * (again + backoff)
        found = _as_sure(_as(one, "connect.worst", Finite(amount), because), tries)
    for timer in ("connect.retry_total", "connect.request_total"):
        cut = _first(facts, timer)
        if cut is None or not _finite(cut):
            continue
        # A budget for tries is only looked at between them: the running one is not cut.
        slack = _amount(one) if timer == "connect.retry_total" and _finite(one) else 0
        if found is None or _amount(cut) + slack < _amount(found):
            found = _as(cut, "connect.worst", Finite(_amount(cut) + slack))
    if found is None and isinstance(one.limit, Never):
        found = _as(one, "connect.worst", NEVER)
    return found


def _as(fact: Fact, timer: str, limit: Limit, because: str = "") -> Fact:
    """A fact as another timer; spelled out, for every hop has several."""
    if because and fact.likely:
        because = f"{because}; {fact.because}"
    return Fact(
        timer, limit, fact.setting, fact.origin, fact.span, fact.source, because or fact.because, fact.scope, fact.owner
    )


def _as_sure(fact: Fact, part: Fact | None) -> Fact:
    """A fact made of another one too, no surer than that: one that holds unless a variable is set."""
    if part is None or not part.likely or fact.likely:
        return fact
    return replace(fact, origin="assumed", because=f"{fact.because}; {part.because}".removeprefix("; "))


def _first(facts: Facts, timer: str) -> Fact | None:
    found = facts.get(timer)
    return found[0] if found else None


def _finite(fact: Fact) -> bool:
    return isinstance(fact.limit, Finite)


def _amount(fact: Fact) -> int:
    assert isinstance(fact.limit, Finite)
    return fact.limit.amount
