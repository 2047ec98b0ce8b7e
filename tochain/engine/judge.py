"""Rules over a graph: findings, what stayed undecided and what would decide it, and rules that broke."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, product
from math import prod

from tochain.engine.behaviour import Behaviour
from tochain.engine.evaluate import Env, Value, truth
from tochain.engine.issues import findings_of_issues
from tochain.engine.logic import Truth, number_of
from tochain.engine.nodes import Call, Join, Node, Not, Ref, refs, walk
from tochain.engine.predicates import PREDICATES
from tochain.engine.render import Hit, finding_of
from tochain.engine.schema import Rule
from tochain.engine.sites import Site, Sites
from tochain.model.errors import TochainError
from tochain.model.fact import Fact
from tochain.model.finding import Finding, Severity, Undecided
from tochain.model.hop import Graph
from tochain.model.limit import Limit, OneOf, Unknown, Unset, Word
from tochain.model.result import finding_order
from tochain.model.timers import DATAGRAMS, OF_TCP, TIMERS

__all__ = ["Judgement", "Overrides", "judge"]

MAX_CHOICES = 64


@dataclass(frozen=True, slots=True)
class Overrides:
    """What a configuration changes: severities and parameters by rule id; and what is known of products.

    `fitted` is a value, raised or lowered to what a product (its name, a setting's name) can be given; None: out of its range.
    """

    severity: Mapping[str, Severity] = field(default_factory=dict)
    params: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    behaviour: Behaviour = lambda product: {}
    fitted: Callable[[str, str, Limit, bool], Limit | None] = lambda product, setting, limit, more: limit


@dataclass(frozen=True, slots=True)
class Judgement:
    """Findings in their total order, rules that could not be decided, and rules that broke (one sentence each)."""

    findings: tuple[Finding, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    crashes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Outcome:
    """What a rule says of one set of facts: the choices that violate it, and the timers that would decide it."""

    violating: list[Env] = field(default_factory=list)
    needs: tuple[Ref, ...] = ()


_NOTHING = _Outcome()


@dataclass(slots=True)
class _Run:
    """What has come out so far."""

    found: list[tuple[tuple[str, ...], Finding]] = field(default_factory=list)
    undecided: dict[Undecided, None] = field(default_factory=dict)
    crashes: list[str] = field(default_factory=list)


def judge(graph: Graph, rules: Sequence[Rule], overrides: Overrides | None = None) -> Judgement:
    """Asks every rule everywhere.

    A rule that breaks at one place is told as a crash and goes on at the next. Raises RuleError for a parameter that
    does not exist or does not fit, and for a rule file that is wrong.
    """
    overrides = overrides or Overrides()
    sites, run = Sites(graph), _Run()
    for rule in rules:
        if rule.status == "deprecated":
            continue
        params = rule.values(overrides.params.get(rule.id, {}))
        severity = overrides.severity.get(rule.id)
        if rule.issue:
            run.found += findings_of_issues(rule, graph, severity)
            continue
        for hit in _hits(rule, sites, params, run):
            try:
                run.found.append((hit.site.key, finding_of(hit, severity, overrides.behaviour)))
            except TochainError:
                raise
            except Exception as error:  # a bug of ours must not cost the other findings
                run.crashes.append(_crash(rule, hit.site, error))
    findings = _folded(_without_replaced(run.found, rules))
    return Judgement(tuple(findings), tuple(run.undecided), tuple(dict.fromkeys(run.crashes)))


def _crash(rule: Rule, site: Site, error: Exception) -> str:
    return f"rule {rule.id} broke on {site.hop}: {type(error).__name__}: {error}"


def _hits(rule: Rule, sites: Sites, params: Mapping[str, Value], run: _Run) -> Iterator[Hit]:
    asking = _Asking(rule, params)
    for site in sites.having(rule.scope, rule.named, asking.says_something):
        try:
            outcome = asking.at(site)
        except TochainError:
            raise
        except Exception as error:  # a bug of ours must not cost the other findings
            run.crashes.append(_crash(rule, site, error))
            continue
        if outcome.violating:
            yield Hit(rule, site, outcome.violating[0], others=tuple(outcome.violating[1:]))
        elif outcome.needs and not site.open:
            needs = tuple(f"{site.ends[ref.role].component.name} {ref.timer}" for ref in outcome.needs)
            run.undecided[Undecided(rule.id, site.hop, tuple(dict.fromkeys(needs)))] = None


def _speaks(rule: Rule, site: Site) -> bool:
    """Whether the rule is about the protocol spoken here; one that is not known passes unless the rule is strict.

    What a box does with TCP connections says nothing of datagrams.
    """
    if not rule.protocols:
        return not (any(ref.timer in OF_TCP for ref in rule.named) and any(p in DATAGRAMS for p in site.protocols))
    return all(spoken in rule.protocols or (not spoken and not rule.protocols_strict) for spoken in site.protocols)


class _Asking:
    """One rule with its parameters, asked at many sites; equal facts are judged once."""

    def __init__(self, rule: Rule, params: Mapping[str, Value]) -> None:
        self.rule, self.params = rule, params
        extra = PREDICATES[rule.predicate].refs if rule.predicate else ()
        self.asked = tuple(dict.fromkeys((*rule.refs, *extra)))
        self._outcomes: dict[tuple[int, ...], _Outcome] = {}
        self._quiet: dict[tuple[object, ...], _Outcome] = {}
        self._verdicts: dict[tuple[object, ...], tuple[bool, tuple[Ref, ...]]] = {}
        self._seen: set[tuple[object, ...]] = set()

    def says_something(self, site: Site) -> bool:
        """Whether the rule has anything to say of a site, and of all where the same values meet."""
        if not _speaks(self.rule, site):
            return False
        try:
            outcome = self._shared([site.facts(ref) for ref in self.asked])
        except Exception:  # broken here, as it will be where it is asked for good, and there it is told
            return True
        return bool(outcome.violating) or (bool(outcome.needs) and not site.open)

    def at(self, site: Site) -> _Outcome:
        """What the rule says of a site; nothing where it has said so of the same component and facts before."""
        groups = [site.facts(ref) for ref in self.asked]
        # The tuples of facts live as long as the graph, so their identity stands for what is in them.
        mark = tuple([id(group) if group else 0 for group in groups])
        if self.rule.scope == "component":
            place = (site.ends["self"].component.key, mark)
            if place in self._seen:
                return _NOTHING
            self._seen.add(place)
        outcome = self._outcomes.get(mark)
        if outcome is None:
            outcome = self._outcomes[mark] = self._shared(groups)
        return outcome

    def _shared(self, groups: list[tuple[Fact, ...]]) -> _Outcome:
        """The outcome of facts; where nothing is violated, one for all places with the same values, wherever they stand."""
        values = tuple(
            [tuple([(fact.limit, fact.origin, fact.scope, fact.likely) for fact in group]) for group in groups]
        )
        found = self._quiet.get(values)
        if found is None:
            found = self._outcome(groups)
            if not found.violating:
                self._quiet[values] = found
        return found

    def _outcome(self, groups: list[tuple[Fact, ...]]) -> _Outcome:
        outcome = _Outcome()
        needs: dict[Ref, None] = {}
        for env in _choices(self.asked, groups, self.params):
            violated, open_refs = self._verdict(env)
            if violated:
                outcome.violating.append(env)
            else:
                needs.update(dict.fromkeys(open_refs or self._if_set(env)))
        outcome.needs = tuple(needs)
        return outcome

    def _if_set(self, env: Env) -> tuple[Ref, ...]:
        """What is not certain where nothing is violated: values that hold unless an environment variable is set."""
        if not any(fact is not None and fact.likely for fact in env.facts.values()):
            return ()
        unsure = {
            ref: replace(fact, limit=Unknown(fact.because)) if fact is not None and fact.likely else fact
            for ref, fact in env.facts.items()
        }
        return self._verdict(Env(unsure, env.params))[1]

    def _verdict(self, env: Env) -> tuple[bool, tuple[Ref, ...]]:
        """Whether a choice violates the rule, and what would decide it; a rule sees limits, and whether somebody wrote them."""
        key = tuple([fact and (fact.limit, fact.origin, fact.likely) for fact in env.facts.values()])
        found = self._verdicts.get(key)
        if found is None:
            found = self._verdicts[key] = _verdict(self.rule, env)
        return found


def _verdict(rule: Rule, env: Env) -> tuple[bool, tuple[Ref, ...]]:
    applies = truth(rule.when, env) if rule.when is not None else True
    if applies is False:
        return False, ()
    holds = _holds(rule, env)
    if holds is True:
        return False, ()
    if applies and holds is False:
        return True, ()
    return False, tuple(_open_refs(rule, env))


def _holds(rule: Rule, env: Env) -> Truth:
    if rule.require is not None:
        return truth(rule.require, env)
    return PREDICATES[rule.predicate].holds(env)


def _choices(asked: tuple[Ref, ...], groups: list[tuple[Fact, ...]], params: Mapping[str, Value]) -> Iterator[Env]:
    """Every combination of the values of several inner scopes that can be real at once, bounded."""
    if all(len(group) < 2 for group in groups):
        yield Env({ref: group[0] if group else None for ref, group in zip(asked, groups, strict=True)}, params)
        return
    lists: list[tuple[Fact | None, ...]] = [group or (None,) for group in groups]
    if prod(map(len, lists)) > MAX_CHOICES:
        lists = [_extremes(ref, facts) for ref, facts in zip(asked, lists, strict=True)]
    by_ref = dict(zip(asked, lists, strict=True))
    for chosen in islice(product(*lists), MAX_CHOICES):
        facts = dict(zip(asked, chosen, strict=True))
        if _together(facts, by_ref):
            yield Env(facts, params)


def _extremes(ref: Ref, facts: tuple[Fact | None, ...]) -> tuple[Fact | None, ...]:
    """The smallest and the largest of many values; a comparison is violated by one of them if by any."""
    there = [fact for fact in facts if fact is not None]
    if len(there) < 3 or TIMERS[ref.timer].kind == "word":
        return facts[:2]
    numbers = [(number_of(fact.limit, TIMERS[ref.timer].off), fact) for fact in there]
    return min(numbers, key=lambda n: n[0].lo)[1], max(numbers, key=lambda n: n[0].hi)[1]


def _together(facts: Mapping[Ref, Fact | None], lists: Mapping[Ref, tuple[Fact | None, ...]]) -> bool:
    """Whether a choice is real: no two timers of one end are from different inner scopes while a nearer one exists."""
    several = [(ref, fact) for ref, fact in facts.items() if fact is not None and len(lists[ref]) > 1]
    for ref, fact in several:
        for other, near in several:
            if ref.role != other.role or ref == other or fact.scope == near.scope:
                continue
            if any(f is not None and f.scope == fact.scope for f in lists[other]):
                return False
    return True


def _open_refs(rule: Rule, env: Env) -> Iterator[Ref]:
    """The timers that are not known and would decide the rule."""
    for node in (rule.require, rule.when):
        if node is not None:
            yield from _open(node, env)
    if rule.predicate:
        yield from (ref for ref in PREDICATES[rule.predicate].refs if _loose(ref, env))


def _open(node: Node, env: Env) -> Iterator[Ref]:
    """The timers behind those parts of a condition that are undecided."""
    if truth(node, env) is not None:
        return
    match node:
        case Join(_, parts):
            for part in parts:
                yield from _open(part, env)
        case Not(part):
            yield from _open(part, env)
        case _:
            calls = [part for part in walk(node) if isinstance(part, Call) and part.name == "earliest"]
            passed_over = {arg for call in calls for arg in call.args}
            for ref in refs(node):
                if _loose(ref, env) and (ref not in passed_over or env.facts.get(ref) is not None):
                    yield ref


def _loose(ref: Ref, env: Env) -> bool:
    """Whether a timer's value is not known to be one thing."""
    limit = env.limit(ref)
    unread = isinstance(limit, Word) and TIMERS[ref.timer].kind != "word"
    return unread or limit is None or isinstance(limit, Unknown | Unset | OneOf)


def _without_replaced(found: list[tuple[tuple[str, ...], Finding]], rules: Iterable[Rule]) -> list[Finding]:
    """Leaves out findings that another rule explains better at the same place."""
    instead = {rule.id: rule.instead_of for rule in rules if rule.instead_of}
    taken = {(key, old) for key, finding in found for old in instead.get(finding.rule, ())}
    return [finding for key, finding in found if (key, finding.rule) not in taken]


def _folded(findings: list[Finding]) -> list[Finding]:
    """One cause, one finding: those of one rule whose places and values are the same become one with a count."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        places = tuple((label.span, label.timer, label.setting, label.value) for label in finding.labels)
        groups.setdefault((finding.rule, finding.severity, finding.hop.box, places), []).append(finding)
    return sorted((_fold(group) for group in groups.values()), key=finding_order)


def _fold(group: list[Finding]) -> Finding:
    first = min(group, key=finding_order)
    count = sum(finding.count for finding in group)
    if len(group) == 1:
        return first
    more = len(group) - 1
    note = f"and at {more} more place{'s' if more > 1 else ''}"
    names = sorted({str(finding.hop) for finding in group} - {str(first.hop)})
    if names:
        note += f": {', '.join(names[:3])}{' ...' if len(names) > 3 else ''}"
    return replace(first, count=count, notes=(*first.notes, note))
