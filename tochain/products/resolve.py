"""Settings and a version to timers: what is written wins, else the default of the version, each with its provenance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache

from tochain.model.fact import Fact, Facts, Origin, Setting
from tochain.model.issue import Issue
from tochain.model.limit import UNSET, Finite, Limit, Off, OneOf, Unknown, Unset
from tochain.model.span import Span
from tochain.model.timers import TIMERS
from tochain.model.version import Versions
from tochain.products.base import Site
from tochain.products.facts import Known, ProductFacts
from tochain.products.units import suspicious
from tochain.products.values import fact_value, read_setting

__all__ = ["Resolved", "accepts", "in_units", "resolve"]

_WHOLE = {"min": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}

LINK_SIDES = ("connect.", "session.", "monitor.")
LINK_WRITTEN = ("lifecycle.deregistration_delay", "lifecycle.slow_start", "lifecycle.health_", "flow.")
"""What a balancer may set for one backend alone; its defaults are the balancer's own."""


@dataclass(slots=True)
class Resolved:
    """Timers, what is wrong with single settings, and settings whose text could not be read (place, message)."""

    facts: Facts = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    problems: list[tuple[Span, str]] = field(default_factory=list)


def resolve(product: ProductFacts, site: Site) -> Resolved:
    """Every timer of a component or link, before the product's own conditions are applied."""
    out = Resolved()
    plan = _plan_at(product, site)
    told = {timer for name in site.settings for timer in plan.fed_by.get(name, ())}
    for timer, feed, own, usual in plan.steps:
        facts = _written(feed.rows, timer, site, out) if timer in told else ()
        if own and not facts and site.anchor is not None:
            if usual is not None:
                row, limit, when = usual
                origin: Origin = "fixed" if row.fixed else "default"
                facts = (Fact(timer, limit, row.setting, origin, site.anchor, row.source, when),)
            else:
                facts = _default(product, feed, timer, site, site.anchor, out)
            facts = _unless(facts, feed, site) if timer in told else facts
        if facts:
            out.facts[timer] = facts
    return out


def _unless(facts: tuple[Fact, ...], feed: _Feed, site: Site) -> tuple[Fact, ...]:
    """The default where a setting is written that counts only if something else is set: it is likely, and no more."""
    given = (setting for row in feed.rows for setting in written(site, row))
    doubt = next((s for s in given if isinstance(s.limit, Unset) and s.because), None)
    if doubt is None:
        return facts
    return tuple(
        replace(f, origin="assumed", span=doubt.span, because=f"{f.because}; {doubt.because}".removeprefix("; "))
        for f in facts
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Feed:
    """The entries that feed one timer, in order of precedence, and every name they may be written by."""

    rows: tuple[Known, ...]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is the same for all sites of one product, variant, side and version.

    `steps` are the timers asked for: what feeds each, whether its defaults count here, and its default where that follows
    no other setting (entry, value, since when). `fed_by` are the timers by the names of settings.
    """

    steps: tuple[tuple[str, _Feed, bool, tuple[Known, Limit, str] | None], ...]
    fed_by: dict[str, list[str]]


def _plan_at(product: ProductFacts, site: Site) -> _Plan:
    if site.variant is None and any(written(site, row) for row in _of_variants_only(product)):
        rows = (row for row in product.settings if row.variant is None or _chosen_by_name(product, row, site))
        return _plan_for(_feeding(rows), site.side, site.versions)
    return _plan(product, site.variant, site.side, site.versions)


@lru_cache(maxsize=1024)
def _plan(product: ProductFacts, variant: str | None, side: str, versions: Versions) -> _Plan:
    return _plan_for(_rows_of(product, variant), side, versions)


def _plan_for(feeds: dict[str, _Feed], side: str, versions: Versions) -> _Plan:
    steps = []
    fed_by: dict[str, list[str]] = {}
    for timer, feed in feeds.items():
        own = side == "component" or timer.startswith(LINK_SIDES)
        if not own and not timer.startswith(LINK_WRITTEN):
            continue
        for name in feed.names:
            fed_by.setdefault(name, []).append(timer)
        first = _of_version(feed, timer, versions)[:1] if own else ()
        usual = next(((row, limit, when) for row, fallback, limit, when in first if not fallback), None)
        steps.append((timer, feed, own, usual))
    return _Plan(tuple(steps), fed_by)


@lru_cache(maxsize=512)
def _of_variants_only(product: ProductFacts) -> tuple[Known, ...]:
    """The entries of variants whose setting stands in variants only: written, they tell the variant."""
    common = {row.setting for row in product.settings if row.variant is None}
    return tuple(row for row in product.settings if row.variant is not None and row.setting not in common)


@lru_cache(maxsize=1024)
def _rows_of(product: ProductFacts, variant: str | None) -> dict[str, _Feed]:
    return _feeding((row for row in product.settings if row.variant in (None, variant)), own_first=variant is not None)


def _feeding(known: Iterable[Known], *, own_first: bool = False) -> dict[str, _Feed]:
    """The entries of each timer; with `own_first` those of the variant before those that hold for all variants."""
    found: dict[str, list[Known]] = {}
    for row in known:
        for timer in dict.fromkeys(row.timers):
            found.setdefault(timer, []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: own_first and row.variant is None)
    return {
        timer: _Feed(tuple(rows), frozenset(name for row in rows for name in _spellings(row)))
        for timer, rows in found.items()
    }


@lru_cache(maxsize=16384)
def _spellings(row: Known) -> tuple[str, ...]:
    return (row.setting, *row.aliases)


def _chosen_by_name(product: ProductFacts, row: Known, site: Site) -> bool:
    """Whether a variant's own setting is written where nobody said which variant runs."""
    return row in _of_variants_only(product) and bool(written(site, row))


def written(site: Site, row: Known) -> tuple[Setting, ...]:
    """The settings written for one entry, by its name or an alias."""
    for name in _spellings(row):
        found = site.settings.get(name)
        if found:
            chosen = tuple(s for s in found if s.variant is None or row.variant is None or s.variant == row.variant)
            if chosen:
                return chosen
    return ()


def _written(rows: Iterable[Known], timer: str, site: Site, out: Resolved) -> tuple[Fact, ...]:
    for row in rows:
        facts = [fact for setting in written(site, row) if (fact := _fact(row, setting, timer, site, out)) is not None]
        if facts:
            return tuple(facts)
    return ()


def _fact(row: Known, setting: Setting, timer: str, site: Site, out: Resolved) -> Fact | None:
    if not _exists(row, site.versions):
        issue = Issue(
            "setting-unknown-in-version", row.setting, setting.text, setting.span,
            f"{setting.name} does not exist in {site.product} {site.versions}", timer, source=row.source,
        )  # fmt: skip
        _add(out, issue)
        return None
    limit = _limit(row, setting, timer, out)
    if isinstance(limit, Unset):
        return None
    _range(row, setting, timer, limit, out)
    return Fact(
        timer, _counted(row, limit), row.setting, setting.origin, setting.span, None, setting.because, setting.scope
    )


def _counted(row: Known, limit: Limit) -> Limit:
    """What the timer counts where the setting leaves out the first: 3 retries are 4 tries."""
    match limit:
        case Finite(amount) if row.plus:
            return Finite(amount + row.plus)
        case Off() if row.plus:
            return Finite(row.plus)
        case OneOf(choices) if row.plus:
            return OneOf(tuple(Finite(c.amount + row.plus) if isinstance(c, Finite) else c for c in choices))
        case _:
            return limit


def _limit(row: Known, setting: Setting, timer: str, out: Resolved) -> Limit:
    if setting.limit is not None:
        return setting.limit
    try:
        return _read(row, setting.text, timer, setting.unit)
    except ValueError as error:
        problem = (setting.span, f"{setting.name}: {error}")
        if problem not in out.problems:
            out.problems.append(problem)
        return Unknown(str(error))


@lru_cache(maxsize=16384)
def _read(row: Known, text: str, timer: str, unit: str | None) -> Limit:
    return read_setting(row, text, timer, unit)


def accepts(row: Known, timer: str, limit: Limit) -> bool:
    """Whether a value is neither below the smallest nor above the largest one of a setting."""
    low, high = _bounds(row, timer)
    too_small = isinstance(limit, Finite) and isinstance(low, Finite) and limit.amount < low.amount
    too_large = isinstance(limit, Finite) and isinstance(high, Finite) and limit.amount > high.amount
    return not (too_small or too_large)


def in_units(row: Known, limit: Limit, more: bool) -> Limit:
    """A time in whole units of a setting that takes no parts of them (minutes, hours, days)."""
    unit = _WHOLE.get(row.unit)
    if unit is None or not isinstance(limit, Finite):
        return limit
    amount = -(-limit.amount // unit) if more else max(1, limit.amount // unit)
    return Finite(amount * unit)


def _range(row: Known, setting: Setting, timer: str, limit: Limit, out: Resolved) -> None:
    low, high = _bounds(row, timer)
    text = ""
    if isinstance(limit, Finite) and isinstance(low, Finite) and limit.amount < low.amount:
        text = f"{setting.name} is below the smallest value the product accepts, {row.minimum}"
    if isinstance(limit, Finite) and isinstance(high, Finite) and limit.amount > high.amount:
        text = f"{setting.name} is above the largest value the product accepts, {row.maximum}"
    hint = suspicious(row, setting, timer, limit)
    kind = "suspicious-unit" if hint else "setting-out-of-range"
    if hint or text:
        _add(out, Issue(kind, row.setting, setting.text, setting.span, hint or text, timer, source=row.source))


@lru_cache(maxsize=16384)
def _bounds(row: Known, timer: str) -> tuple[Limit | None, Limit | None]:
    """The smallest and the largest value the product accepts."""
    kind = TIMERS[timer].kind
    low = fact_value(row.minimum, row.unit, kind) if row.minimum else None
    return low, fact_value(row.maximum, row.unit, kind) if row.maximum else None


def _add(out: Resolved, issue: Issue) -> None:
    if not any(old.kind == issue.kind and old.span == issue.span for old in out.issues):
        out.issues.append(issue)


@lru_cache(maxsize=16384)
def _exists(row: Known, versions: Versions) -> bool:
    return versions.possible(row.since, row.until) if versions.known else True


def _default(
    product: ProductFacts, feed: _Feed, timer: str, site: Site, anchor: Span, out: Resolved
) -> tuple[Fact, ...]:
    for row, fallback, limit, when in _of_version(feed, timer, site.versions):
        if not fallback:
            origin: Origin = "fixed" if row.fixed else "default"
            return (Fact(timer, limit, row.setting, origin, anchor, row.source, when),)
        facts = _follow(product, row, fallback, timer, site, out)
        if facts:
            return facts
    return ()


@lru_cache(maxsize=16384)
def _of_version(feed: _Feed, timer: str, versions: Versions) -> tuple[tuple[Known, str, Limit, str], ...]:
    """The entries with a default, to the first that follows no other: what they follow, or their default and since when."""
    found: list[tuple[Known, str, Limit, str]] = []
    for row in feed.rows:
        if not row.defaults or not _exists(row, versions):
            continue
        fallback = next((d.value for d in _possible(row, versions) if d.value.startswith("=")), "")
        if not fallback:
            return (*found, (row, "", _counted(row, _choices(row, timer, versions)), _when(row, versions)))
        found.append((row, fallback, UNSET, ""))
    return tuple(found)


@lru_cache(maxsize=16384)
def _possible(row: Known, versions: Versions) -> list:  # type: ignore[type-arg]
    ends = [later.since for later in row.defaults[1:]] + [None]
    return [d for d, until in zip(row.defaults, ends, strict=True) if versions.possible(d.since, until)] or [
        row.defaults[-1]
    ]


@lru_cache(maxsize=16384)
def _choices(row: Known, timer: str, versions: Versions) -> Limit:
    kind = TIMERS[timer].kind
    limits = list(dict.fromkeys(fact_value(d.value, row.unit, kind) for d in _possible(row, versions)))
    if len(limits) == 1:
        return limits[0]
    if any(isinstance(limit, (Unknown, Unset)) for limit in limits):
        return Unknown("the default depends on the version")
    return OneOf(tuple(limit for limit in limits if not isinstance(limit, (Unknown, Unset, OneOf))))


@lru_cache(maxsize=16384)
def _when(row: Known, versions: Versions) -> str:
    possible = _possible(row, versions)
    if len(row.defaults) == 1:
        return ""
    steps = [f"{d.value} since {'.'.join(map(str, d.since))}" if d.since else f"{d.value} before" for d in possible]
    return ", ".join(reversed(steps))


def _follow(
    product: ProductFacts,
    row: Known,
    value: str,
    timer: str,
    site: Site,
    out: Resolved,
    seen: tuple[str, ...] = (),
) -> tuple[Fact, ...]:
    """A default that takes another setting's value, through several steps where the other falls back too."""
    name = value.lstrip("= ").strip()
    if name in seen:
        return ()
    because = f"{row.setting} is not set and follows {name}"
    for other in product.find(name, site.variant):
        facts = tuple(
            Fact(
                timer,
                _counted(other, limit),
                row.setting,
                "inherited",
                s.span,
                None,
                because,
                s.scope,
                follows=other.setting,
            )
            for s in written(site, other)
            if not isinstance(limit := _limit(other, s, timer, out), Unset)
        )
        if facts:
            return facts
        for step in _possible(other, site.versions) if other.defaults else ():
            if step.value.startswith("="):
                return _follow(product, row, step.value, timer, site, out, (*seen, name))
        if other.defaults and site.anchor is not None:
            limit = _counted(other, _choices(other, timer, site.versions))
            return (Fact(timer, limit, row.setting, "default", site.anchor, other.source, because),)
    return ()
