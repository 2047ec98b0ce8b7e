"""Small steps that products' `adjust` share: changing a timer while keeping where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tochain.model.fact import Facts, Setting
from tochain.model.limit import NEVER, Finite, Limit, Never, Off, OneOf, Unknown
from tochain.products.base import Site

__all__ = ["added", "amended", "defaulted", "first", "followed", "kept_at_least", "silence_counted", "text_of"]


def first(site: Site, *names: str) -> Setting | None:
    """The first setting written under one of the names."""
    return next((found[0] for name in names if (found := site.settings.get(name))), None)


def text_of(site: Site, *names: str) -> str:
    """What is written under one of the names; "" where nothing is."""
    setting = first(site, *names)
    return setting.text.strip() if setting is not None else ""


def amended(facts: Facts, timer: str, change: Callable[[Limit], Limit], because: str) -> None:
    """Changes every value of a timer in place."""
    if timer in facts:
        facts[timer] = tuple(
            replace(fact, limit=change(fact.limit), because=f"{because}; {fact.because}" if fact.likely else because)
            for fact in facts[timer]
        )


def defaulted(facts: Facts, timer: str, limit: Limit, because: str) -> None:
    """Puts another value where a timer has its default only."""
    found = facts.get(timer, ())
    if found and all(fact.origin == "default" for fact in found):
        facts[timer] = tuple(replace(fact, limit=limit, because=because) for fact in found)


def added(one: Limit, other: Limit) -> Limit:
    """The sum of two times, every combination where one of them is not certain; what is no time stays as it is."""
    if isinstance(one, Finite) and isinstance(other, Finite):
        return Finite(one.amount + other.amount)
    if isinstance(one, (Finite, OneOf)) and isinstance(other, (Finite, OneOf)):
        ones = one.choices if isinstance(one, OneOf) else (one,)
        others = other.choices if isinstance(other, OneOf) else (other,)
        sums = [added(a, b) for a in ones for b in others]
        unique = tuple(dict.fromkeys(limit for limit in sums if isinstance(limit, (Finite,))))
        return unique[0] if len(unique) == 1 else OneOf(unique)
    return one


def followed(facts: Facts, timer: str, other: str) -> None:
    """Shows a timer that is not written itself as the one it follows: the setting to look at is the other's."""
    own, leading = facts.get(timer, ()), facts.get(other, ())
    if own and leading and own[0].origin != "written":
        facts[timer] = tuple(replace(fact, timer=timer) for fact in leading)


def kept_at_least(facts: Facts, site: Site, setting: str, usual: int) -> None:
    """Lets idle connections of a pool live on where it keeps some of them whatever happens; `usual` is its default."""
    least = text_of(site, setting) or str(usual)
    if least == "0":
        return
    limit = NEVER if least.isdecimal() else Unknown(f"{setting} is not known")
    amended(
        facts,
        "connect.idle_keep",
        lambda _: limit,
        f"{setting} {least} connections are kept however long they are idle",
    )


def silence_counted(facts: Facts, follows: str = "") -> None:
    """Lets the limit for a silent stream count for every answer, as Envoy does: a plain request is a stream like any other.

    `follows` is the setting to look at where the stream's own is not written.
    """
    idle, stall = facts.get("connect.stream_idle", ()), facts.get("connect.read_stall", ())
    if not idle or not isinstance(idle[0].limit, Finite):
        return
    own = stall[0].limit if stall else NEVER
    if isinstance(own, Never | Off) or (isinstance(own, Finite) and own.amount > idle[0].limit.amount):
        name = follows if follows and idle[0].origin != "written" else idle[0].setting
        facts["connect.read_stall"] = (replace(idle[0], timer="connect.read_stall", setting=name),)
