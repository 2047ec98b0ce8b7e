"""Proposed values tried before they are offered: what else on the path would no longer fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tochain.engine.judge import Overrides, judge
from tochain.engine.schema import Rule
from tochain.graph.worst import with_worst
from tochain.model.component import Component
from tochain.model.fact import Fact, Facts
from tochain.model.finding import Change, Finding, Fix
from tochain.model.hop import Graph, Hop, Pair
from tochain.model.limit import format_duration
from tochain.model.span import Span

__all__ = ["tried"]

MOST_FIXES = 64
"""Fixes beyond this many are offered untried, as are those that touch more places than the next numbers."""
MOST_HOPS = 100
MOST_PAIRS = 400
_Where = tuple[str, str, Span]
_Place = tuple[str, str, tuple[str, ...]]
_DERIVED = ("connect.gives_up", "connect.attempt_worst", "connect.worst")


def tried(findings: Sequence[Finding], graph: Graph, rules: Sequence[Rule], overrides: Overrides) -> list[Finding]:
    """The findings, with what each proposed value would break said behind it, and values that break nothing first.

    Values that a product refuses are left out. Only what the value touches is judged again: its component, the hops and the
    pairs of hops that have it.
    """
    products = {component.key: component.product for component in graph.components}
    findings = [_fitted(finding, products, overrides) for finding in findings]
    serious = [finding for finding in findings if finding.severity != "note"]
    changes = [fix.change for finding in serious for fix in finding.fixes if fix.change is not None]
    if not changes:
        return list(findings)
    trial = _Trial(
        graph, [rule for rule in rules if not rule.issue], overrides, list(dict.fromkeys(changes))[:MOST_FIXES]
    )
    return [
        replace(finding, fixes=trial.told(finding)) if finding.fixes and finding.severity != "note" else finding
        for finding in findings
    ]


def _fitted(finding: Finding, products: Mapping[str, str], overrides: Overrides) -> Finding:
    """The finding with proposals in the units of their products, and without those that these refuse."""
    kept = []
    for fix in finding.fixes:
        change = fix.change
        if change is None:
            kept.append(fix)
            continue
        product = products.get(change.component, "")
        limit = overrides.fitted(product, change.setting, change.limit, change.more)
        if limit == change.limit:
            kept.append(fix)
        elif limit is not None:
            kept.append(replace(fix, value=format_duration(limit), change=replace(change, limit=limit)))
    return replace(finding, fixes=tuple(kept))


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a change comes to: the first thing that would no longer fit, and what is found where it was taken."""

    broken: str = ""
    found: dict[_Place, str] = field(default_factory=dict)

    def against(self, finding: Finding) -> str:
        """What speaks against the change as a way to mend a finding."""
        left = self.found.get(_place(finding), "")
        said = (f"not enough by itself: {left}" if left else "", f"but then {self.broken}" if self.broken else "")
        return "; ".join(filter(None, said))


class _Trial:
    def __init__(self, graph: Graph, rules: list[Rule], overrides: Overrides, changes: list[Change]) -> None:
        self.graph, self.rules, self.overrides = graph, rules, overrides
        self.components = {component.key: component for component in graph.components}
        self.asked = dict.fromkeys(changes, _Outcome())
        self.hops: dict[_Where, list[Hop]] = {_where(change): [] for change in changes}
        self._find({change.component for change in changes})
        touched = {id(hop) for hops in self.hops.values() for hop in hops}
        self.pairs: dict[int, list[Pair]] = {}
        for pair in graph.pairs:
            for hop in (pair.outer, pair.inner):
                if id(hop) in touched:
                    self.pairs.setdefault(id(hop), []).append(pair)
        for change in self.asked:
            self.asked[change] = self._outcome(change)

    def _find(self, components: set[str]) -> None:
        """The hops each change is about, in one walk."""
        for hop in (*self.graph.hops, *self.graph.open_hops):
            for key, facts in _parties(hop):
                if key not in components:
                    continue
                settings = {(key, fact.setting, fact.span) for found in facts.values() for fact in found}
                for where in settings & self.hops.keys():
                    if not self.hops[where] or self.hops[where][-1] is not hop:
                        self.hops[where].append(hop)

    def told(self, finding: Finding) -> tuple[Fix, ...]:
        """The fixes of a finding, each with what speaks against it if somebody took it alone; those without that first."""
        against = [self.asked[fix.change].against(finding) if fix.change in self.asked else "" for fix in finding.fixes]
        said = [
            replace(fix, because="; ".join(filter(None, (fix.because, why)))) if why else fix
            for fix, why in zip(finding.fixes, against, strict=True)
        ]
        return (
            *(fix for fix, why in zip(said, against, strict=True) if not why),
            *(fix for fix, why in zip(said, against, strict=True) if why),
        )

    def _outcome(self, change: Change) -> _Outcome:
        hops = self.hops[_where(change)]
        if len(hops) > MOST_HOPS or sum(len(self.pairs.get(id(hop), ())) for hop in hops) > MOST_PAIRS:
            return _Outcome()
        timers = {t for hop in hops for facts in _ends(hop, change) for t in _timers(facts, change)}
        component = self.components.get(change.component)
        timers |= set(_timers(component.facts, change)) if component is not None else set()
        rules = [rule for rule in self.rules if timers & {ref.timer for ref in rule.named}]
        rules += [rule for rule in self.rules if rule not in rules and _derives(rule, timers)]
        if not rules or not timers:
            return _Outcome()
        before = {_place(f) for f in self._judged(hops, {}, component, rules) if f.severity != "note"}
        changed = {id(hop): _changed_hop(hop, change) for hop in hops}
        new = _changed_component(component, change) if component is not None else None
        after = [f for f in self._judged(hops, changed, new, rules) if f.severity != "note"]
        broken = next((f.message for f in after if _place(f) not in before), "")
        return _Outcome(broken, {_place(f): f.message for f in after})

    def _judged(
        self, hops: list[Hop], changed: dict[int, Hop], component: Component | None, rules: list[Rule]
    ) -> Iterable[Finding]:
        """What the rules say of the hops, changed or as they are, and of the component they belong to."""
        pairs = {id(pair): pair for hop in hops for pair in self.pairs.get(id(hop), ())}
        small = Graph(
            (component,) if component is not None else (),
            tuple(changed.get(id(hop), hop) for hop in hops if not _open(hop)),
            tuple(
                Pair(changed.get(id(p.outer), p.outer), changed.get(id(p.inner), p.inner)) for p in pairs.values()
            ),
            open_hops=tuple(changed.get(id(hop), hop) for hop in hops if _open(hop)),
            path_of=self.graph.path_of,
        )  # fmt: skip
        return judge(small, rules, self.overrides).findings


def _where(change: Change) -> _Where:
    return change.component, change.setting, change.span


def _derives(rule: Rule, timers: set[str]) -> bool:
    """Whether a rule looks at a timer that follows from client timers that change."""
    return any(t.startswith("connect.") for t in timers) and any(ref.timer in _DERIVED for ref in rule.named)


def _open(hop: Hop) -> bool:
    return hop.server.key.startswith("open:")


def _place(finding: Finding) -> _Place:
    return finding.rule, str(finding.hop), tuple(sorted({label.component for label in finding.labels}))


def _ends(hop: Hop, change: Change) -> list[Facts]:
    """The timers of those ends and boxes of a hop that belong to the component."""
    return [facts for key, facts in _parties(hop) if key == change.component]


def _parties(hop: Hop) -> list[tuple[str, Facts]]:
    """Who has a part in a hop, each with the timers that count there."""
    ends = [(hop.client.key, hop.client_facts), (hop.server.key, hop.server_facts)]
    return ends + [(box.key, box.facts) for box in hop.boxes]


def _timers(facts: Facts, change: Change) -> list[str]:
    return [timer for timer, found in facts.items() if any(_same(fact, change) for fact in found)]


def _same(fact: Fact, change: Change) -> bool:
    return fact.setting == change.setting and fact.span == change.span


def _changed(facts: Facts, change: Change) -> Facts:
    done = dict(facts)
    for timer in _timers(facts, change):
        done[timer] = tuple(
            replace(fact, limit=change.limit, origin="written") if _same(fact, change) else fact
            for fact in facts[timer]
        )  # fmt: skip
    return done


def _changed_component(component: Component, change: Change) -> Component:
    return replace(component, facts=_changed(component.facts, change))


def _changed_hop(hop: Hop, change: Change) -> Hop:
    if any(box.key == change.component for box in hop.boxes):
        boxes = (_changed_component(box, change) if box.key == change.component else box for box in hop.boxes)
        hop = replace(hop, boxes=tuple(boxes))
    if hop.client.key == change.component:
        facts = _changed(hop.client_facts, change)
        hop = with_worst(replace(hop, client=_changed_component(hop.client, change), client_facts=facts))
    if hop.server.key == change.component:
        hop = replace(
            hop, server=_changed_component(hop.server, change), server_facts=_changed(hop.server_facts, change)
        )
    return hop
