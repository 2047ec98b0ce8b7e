"""Small repositories of fixtures/repos, nearly all without a tochain.yaml: hops, facts, findings and drafts, each as its golden text.

After a change that is meant, `python -m tests.test_repos` writes the texts anew; read what git says of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tochain.check import Analysis, Options, analyse, check, judge_all
from tochain.model.component import Component
from tochain.model.fact import Fact, Facts
from tochain.model.hop import Graph, Hop
from tochain.report.draft import draft

REPOS = Path(__file__).parent.parent / "fixtures" / "repos"
NAMES = sorted(path.name for path in REPOS.iterdir() if path.is_dir())
DECLARED = ("gcp-nat-worker", "router-conntrack", "vpc-tracked")
"""Repositories with a box that no file puts on a path: a tochain.yaml says what lies behind it."""
FOUND = [name for name in NAMES if name not in DECLARED]
DECIDING = (
    "connect.idle_keep", "connect.request_total", "connect.attempts", "accept.idle_close", "accept.request_total", "session.",
    "flow.idle_tcp", "lifecycle.deregistration_delay", "lifecycle.pre_stop", "lifecycle.termination_grace",
)  # fmt: skip
"""Timers that are told even where nobody wrote them; of the others what is written."""


@cache
def analysed(name: str) -> Analysis:
    """A repository as `tochain` in its folder reads it."""
    return analyse([REPOS / name], Options(base=REPOS / name))


def golden(name: str) -> str:
    """What is said of a repository, as lines."""
    analysis = analysed(name)
    result = judge_all(analysis, Options(base=REPOS / name))
    lines = [f"{file.status}: {file.path}" for file in result.files if file.status != "understood"]
    lines += [line for hop in analysis.graph.hops for line in _hop(hop)]
    lines += sorted(f"open: {end.client.name} -> {end.target} ({end.reason})" for end in analysis.graph.open_ends)
    lines += [f"{f.labels[0].span}: {f.severity}[{f.rule}] {f.message}" for f in result.findings]
    return "\n".join([*lines, *result.crashes, ""])


def _hop(hop: Hop) -> Iterator[str]:
    yield f"{_called(hop.client)} -> {_called(hop.server)}, {hop.protocol}, {hop.label or 'all'} ({hop.why} @ {hop.span})"
    yield from _facts("", hop.client_facts)
    for box in hop.boxes:
        yield from _facts(f"{box.name}: ", box.facts)
    yield from _facts("", hop.server_facts)


def _called(component: Component) -> str:
    return f"{component.name} ({component.product} {component.versions})".replace(" any version", "")


def _facts(whose: str, facts: Facts) -> Iterator[str]:
    for fact in (fact for found in facts.values() for fact in found if _told(fact)):
        yield f"    {whose}{fact.timer} = {fact.value} {fact.origin} @ {fact.span}"


def _told(fact: Fact) -> bool:
    return fact.timer.startswith(DECIDING) or fact.origin not in ("default", "fixed")


@pytest.mark.parametrize("name", NAMES)
def test_golden(name: str) -> None:
    assert golden(name) == (REPOS / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FOUND)
def test_no_repository_needs_a_tochain_yaml(name: str) -> None:
    assert not list((REPOS / name).rglob("*tochain.yaml"))
    assert analysed(name).graph.hops


def ends(graph: Graph) -> list[tuple[str, str]]:
    return sorted({(hop.client.product, hop.server.product) for hop in graph.hops})


@pytest.mark.parametrize("name", FOUND)
def test_the_draft_loads_and_loses_no_hop(name: str, tmp_path: Path) -> None:
    config = tmp_path / "tochain.yaml"
    config.write_text(draft(analysed(name).graph), encoding="utf-8")
    options = Options(base=REPOS / name, config=config)
    again = analyse([REPOS / name], options)
    told = [report for path, report in again.reports.items() if path.endswith("tochain.yaml")]
    assert [problem.message for report in told for problem in report.problems] == []
    assert set(ends(analysed(name).graph)) <= set(ends(again.graph))
    assert check([REPOS / name], options).crashes == ()


def test_golden_texts_have_a_repository() -> None:
    assert sorted(path.stem for path in REPOS.glob("*.txt")) == NAMES


if __name__ == "__main__":
    for each in NAMES:
        (REPOS / f"{each}.txt").write_text(golden(each), encoding="utf-8")
