"""The first value a finding proposes, put in place and the whole graph made anew: the finding goes, and nothing new comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from tochain import check as checking
from tochain.check import Options, analyse, judge_all
from tochain.engine.judge import judge
from tochain.engine.schema import Rule, load_rules
from tochain.graph.build import build
from tochain.model.component import Component
from tochain.model.fact import Facts
from tochain.model.finding import Change, Finding
from tochain.model.hop import Graph
from tochain.products.registry import Registry

ROOT = Path(__file__).parent.parent.parent / "fixtures"
FOLDERS = [
    *sorted(path for path in ROOT.glob("incidents/*/before")),
    *sorted(path for kind in ("seeds", "bad", "repos") for path in ROOT.glob(f"{kind}/*") if path.is_dir()),
]  # fmt: skip
AGAINST = ("but then ", "not enough by itself: ")


@cache
def rules() -> tuple[Rule, ...]:
    """Those that judge timers; what a product says of a setting by itself does not come from the graph."""
    return tuple(rule for rule in load_rules() if not rule.issue)


def changed(facts: Facts, change: Change) -> Facts:
    """Timers with the new value wherever the setting feeds them."""
    return {
        timer: tuple(
            replace(fact, limit=change.limit, origin="written")
            if (fact.setting, fact.span) == (change.setting, change.span)
            else fact
            for fact in found
        )
        for timer, found in facts.items()
    }


def with_change(component: Component, change: Change) -> Component:
    """The component as it would be, its links too."""
    if component.key != change.component:
        return component
    links = tuple(replace(link, facts=changed(link.facts, change)) for link in component.links)
    return replace(component, facts=changed(component.facts, change), links=links)


def places(findings: Iterable[Finding]) -> set[tuple[str, str, tuple[str, ...]]]:
    """What is found where, at warning and above."""
    return {
        (finding.rule, str(finding.hop), tuple(sorted({label.component for label in finding.labels})))
        for finding in findings
        if finding.severity != "note"
    }


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_first_proposal_mends_its_finding_and_breaks_nothing_or_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is derived from the trial's own, smaller look: the parts of the graph are joined again with the value in them."""
    parts: list[tuple[object, ...]] = []

    def spying(*given: object) -> Graph:
        parts.append(given)
        return build(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(checking, "build", spying)
    options = Options(base=folder)
    analysis = analyse([folder], options)
    components, workloads, paths, named = parts[-1]
    before = places(judge(analysis.graph, rules()).findings)
    for finding in judge_all(analysis, options).findings:
        fix = finding.fixes[0] if finding.fixes and finding.severity != "note" else None
        if fix is None or fix.change is None or any(word in fix.because for word in AGAINST):
            continue
        assert Registry().fitted(_product(components, fix.change), fix.setting, fix.change.limit, False) is not None
        graph = build(
            tuple(with_change(component, fix.change) for component in components),
            workloads,
            paths,
            {name: with_change(component, fix.change) for name, component in named.items()},
        )
        after = places(judge(graph, rules()).findings)
        assert not places([finding]) & after, f"{finding.rule} stays with {fix.component} {fix.setting} {fix.value}"
        assert not after - before, f"{fix.component} {fix.setting} {fix.value} brings {sorted(after - before)}"


def _product(components: Iterable[Component], change: Change) -> str:
    return next(component.product for component in components if component.key == change.component)
