"""From a rule that is violated somewhere to the finding: places, sentence, story, fixes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b

from tochain.engine.behaviour import Behaviour, behaves
from tochain.engine.detail import Detail, FixSpec, LabelSpec
from tochain.engine.evaluate import Env, chosen, number, truth
from tochain.engine.logic import INF
from tochain.engine.nodes import Ref, Text
from tochain.engine.schema import Rule
from tochain.engine.sites import End, Site
from tochain.engine.template import show_number
from tochain.engine.wire import story
from tochain.model.fact import Fact
from tochain.model.finding import SEVERITIES, Change, Finding, Fix, Label, Severity
from tochain.model.limit import Finite, Limit, OneOf, Unknown, Unset
from tochain.model.span import Span
from tochain.model.timers import TIMERS

__all__ = ["Hit", "finding_of"]

MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that is violated at a site by one choice of facts; `others` are further choices that violate it there."""

    rule: Rule
    site: Site
    env: Env
    others: tuple[Env, ...] = ()


def finding_of(hit: Hit, severity: Severity | None, behaviour: Behaviour) -> Finding:
    """The finding; `severity` overrides the rule's own and what softens it."""
    detail = hit.rule.detail
    env = _full(hit, detail)
    names = hit.site.names
    by_ref = _labels(detail, hit.site, env, names)
    labels = tuple(sorted(_once(by_ref.values()), key=lambda label: not label.primary))
    followed = _followed(by_ref, env)
    grave, notes = _softened(hit.rule, detail, env, names)
    guessed = [note for label in labels if (note := _guess(label, hit.site, env))]
    found = Finding(
        rule=hit.rule.id,
        family=hit.rule.family,
        severity=severity or grave,
        message=detail.message.fill(env, names),
        hop=hit.site.hop,
        path=hit.site.path,
        labels=labels,
        seen=(*(line.fill(env, names) for line in detail.seen), *behaves(detail.behaviour, hit.site, behaviour)),
        fixes=tuple(fix for spec in detail.fixes if (fix := _fix(spec, hit.site, env, names)) is not None),
        steps=story(detail.wire, env, names, by_ref),
        notes=(*notes, *guessed, *_elsewhere(hit, detail, by_ref)),
        confidence="medium" if guessed else "high",
        count=1 + len(hit.others),
    )
    return replace(found, fingerprint=fingerprint(found), labels=(*labels, *followed))


def _once(labels: Iterable[Label]) -> list[Label]:
    """The labels without repetitions: what one end writes for both of them is told once."""
    made: dict[tuple[str, str, Span | None, str], Label] = {}
    for label in labels:
        made.setdefault((label.component, label.setting, label.span, label.text), label)
    return list(made.values())


def _followed(by_ref: Mapping[Ref, Label], env: Env) -> tuple[Label, ...]:
    """The settings that are really written where others only take their value."""
    made: dict[tuple[str, str, Span], Label] = {}
    for ref, label in by_ref.items():
        fact = env.facts.get(ref)
        if fact is not None and fact.follows:
            text = f"{label.setting} is not set and follows {as_written(fact.follows)}"
            followed = replace(label, setting=as_written(fact.follows), text=text, because="", primary=False)
            made.setdefault((followed.component, followed.setting, followed.span), followed)
    return tuple(made.values())


def fingerprint(finding: Finding) -> str:
    """What stays the same when lines move: rule, names, timers, settings and values, in twelve hex digits."""
    parts = [finding.rule, str(finding.hop), finding.hop.box or ""]
    parts += sorted("\0".join((e.component, e.timer, e.setting, e.value)) for e in finding.labels)
    return blake2b("\n".join(parts).encode(), digest_size=6).hexdigest()


def _full(hit: Hit, detail: Detail) -> Env:
    """The choice of facts, completed by those only the telling needs: of the same inner scope where there is one."""
    facts: dict[Ref, Fact | None] = dict(hit.env.facts)
    scopes = {ref.role: fact.scope for ref, fact in facts.items() if fact is not None and fact.scope}
    for ref in detail.refs:
        if ref not in facts:
            found = hit.site.facts(ref)
            near = [fact for fact in found if fact.scope == scopes.get(ref.role)]
            facts[ref] = next(iter((*near, *found)), None)
    return Env(facts, hit.env.params)


def _labels(detail: Detail, site: Site, env: Env, names: Mapping[str, str]) -> dict[Ref, Label]:
    made: dict[Ref, Label] = {}
    for spec in detail.labels:
        ref = chosen(spec.of, env)
        if ref is None or ref in made or (spec.when is not None and truth(spec.when, env) is not True):
            continue
        fact = env.facts.get(ref)
        if spec.primary or (fact is not None and not isinstance(fact.limit, Unknown | Unset)):
            made[ref] = _label(spec, ref, site.ends[ref.role], env, names)
    return _with_primary(made)


def as_written(setting: str) -> str:
    """A setting as people wrote it: facts tell nginx's two keepalive_timeout apart by the block, the file does not."""
    return setting.removeprefix("upstream ")


def _label(spec: LabelSpec, ref: Ref, end: End, env: Env, names: Mapping[str, str]) -> Label:
    fact = env.facts.get(ref)
    if fact is None:
        fact = Fact(ref.timer, Unset(), ref.timer, "default", end.component.span)
    return Label(
        component=fact.owner or end.component.name,
        timer=ref.timer,
        setting=as_written(fact.setting),
        value=fact.value,
        seconds=_seconds(ref, fact.limit),
        origin=fact.origin,
        span=fact.span,
        text=spec.text.fill(env, {**names, "value": fact.value}),
        source=fact.source,
        because=fact.because,
        primary=spec.primary,
    )


def _seconds(ref: Ref, limit: Limit) -> float | None:
    if TIMERS[ref.timer].kind != "time" or not isinstance(limit, Finite):
        return None
    return limit.amount / MICROSECONDS


def _with_primary(made: dict[Ref, Label]) -> dict[Ref, Label]:
    """A finding is reported where somebody can change something: a written value before a default or declared one."""
    if not made:
        return made
    best = min(
        made, key=lambda ref: (made[ref].origin not in ("written", "inherited", "assumed"), not made[ref].primary)
    )
    return {ref: replace(label, primary=ref == best) for ref, label in made.items()}


def _softened(rule: Rule, detail: Detail, env: Env, names: Mapping[str, str]) -> tuple[Severity, list[str]]:
    grave, notes = rule.severity, []
    for row in detail.soften:
        if truth(row.when, env) is True:
            notes.append(row.because.fill(env, names))
            if row.severity is not None:
                grave = max(grave, row.severity, key=SEVERITIES.index)
    return grave, notes


def _guess(label: Label, site: Site, env: Env) -> str:
    """What makes a finding less sure: a value that is assumed, or that depends on a version nobody gave."""
    if label.origin == "assumed":
        if label.because:
            return f"{label.setting} of {label.component} is {label.value}, {label.because}"
        return f"{label.timer} of {label.component} is assumed in tochain.yaml"
    several = any(
        fact is not None and fact.span == label.span and fact.timer == label.timer and isinstance(fact.limit, OneOf)
        for ref, fact in env.facts.items()
        if site.ends[ref.role].component.name == label.component
    )
    why = f" ({label.because})" if label.because else ""
    return f"{label.setting} of {label.component} is {label.value}; which of them is not known{why}" if several else ""


def _fix(spec: FixSpec, site: Site, env: Env, names: Mapping[str, str]) -> Fix | None:
    """The change, where the value is somebody's to change and what it should be is known."""
    fact = env.facts.get(spec.timer)
    if fact is None or fact.origin == "fixed" or (fact.origin == "assumed" and not fact.likely):
        return None
    if fact.origin == "declared" and fact.setting == fact.timer:  # tochain.yaml only describes it
        return None
    if spec.when is not None and truth(spec.when, env) is not True:
        return None
    value, limit = _wanted(spec, env)
    if not value or value == fact.value:
        return None
    component = site.ends[spec.timer.role].component
    span = fact.span if fact.stated else None
    more = isinstance(fact.limit, Finite) and limit is not None and limit.amount > fact.limit.amount
    change = Change(component.key, fact.setting, fact.span, limit, more) if limit is not None else None
    return Fix(component.name, fact.setting, value, spec.because.fill(env, names), spec.safety, span, change)


def _wanted(spec: FixSpec, env: Env) -> tuple[str, Finite | None]:
    """The value to set, for people and as an amount; "" where it is not known."""
    if isinstance(spec.to, Text):
        return spec.to.text, None
    amount = number(spec.to, env)
    if amount.exact is None or not 0 < amount.lo < INF:
        return "", None
    return show_number(amount, spec.to.kind), Finite(int(amount.lo))


def _elsewhere(hit: Hit, detail: Detail, by_ref: Mapping[Ref, Label]) -> list[str]:
    """The further values that violate the rule at the same hop, three of them by place."""
    places: dict[str, None] = {}
    for env in hit.others:
        for ref, label in by_ref.items():
            fact = env.facts.get(ref)
            if fact is not None and (fact.span, fact.value) != (label.span, label.value):
                places.setdefault(f"{fact.setting} {fact.value} ({fact.span})")
    shown = list(places)[:3]
    more = f" and {len(places) - 3} more" if len(places) > len(shown) else ""
    return [f"also {', '.join(shown)}{more}"] if shown else []
