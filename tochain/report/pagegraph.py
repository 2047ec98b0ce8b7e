"""The hop graph as the page's script reads it: components with their places, hops, and facts, each value only once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any

from tochain.model.component import Component
from tochain.model.fact import Fact, Facts
from tochain.model.finding import Finding
from tochain.model.hop import Graph, Hop
from tochain.model.result import Result
from tochain.model.span import Span
from tochain.report.explain import BOX_SIDES, CLIENT_SIDES, SERVER_SIDES, concerns
from tochain.report.facts import title, where
from tochain.report.graph import KEY_TIMERS
from tochain.report.layout import columns
from tochain.report.pagedata import excerpt
from tochain.report.path import named
from tochain.report.safe import one_line
from tochain.report.view import View, identity, quoted

__all__ = ["graph_data"]


class _Pool:
    """Values by number, each kept once: a default shared by thousands of hops is written once."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def number(self, key: Any, value: Any) -> int:
        if key not in self._numbers:
            self._numbers[key] = len(self.values)
            self.values.append(value() if callable(value) else value)
        return self._numbers[key]


def graph_data(graph: Graph, result: Result, view: View) -> dict[str, Any]:
    """Components with their places in the picture, hops with the numbers of their facts, and facts, each once."""
    at = {component.key: number for number, component in enumerate(graph.components)}
    facts, quotes = _Pool(), _Pool()

    about_findings = named(result.findings)

    def numbers(given: Facts, sides: tuple[str, ...]) -> list[int]:
        chosen = [fact for timer in sorted(given) if timer.split(".")[0] in sides for fact in given[timer]]
        chosen.sort(key=lambda fact: (fact.timer, fact.span) not in about_findings)
        return [
            facts.number(_fact_key(fact), lambda fact=fact: _fact(fact, quotes, view, about_findings))
            for fact in chosen
        ]

    about = _by_ends(result.findings)
    hops = [
        {
            "c": at[hop.client.key],
            "s": at[hop.server.key],
            "p": one_line(", ".join(part for part in (hop.protocol, hop.label) if part)),
            "w": one_line(hop.why),
            "at": one_line(str(hop.span)) if hop.span else "",
            "f": [identity(finding)[:16] for finding in about(hop)],
            "v": _worst(about(hop)),
            "cf": numbers(hop.client_facts, CLIENT_SIDES),
            "sf": numbers(hop.server_facts, SERVER_SIDES),
            "b": [[one_line(title(box)), numbers(box.facts, BOX_SIDES)] for box in hop.boxes],
        }
        for hop in graph.hops
    ]
    return {"nodes": _nodes(graph), "hops": hops, "facts": facts.values, "quotes": quotes.values}


def _by_ends(findings: Iterable[Finding]) -> Any:
    """Which findings a hop has, found by the names of its ends rather than by asking each finding of each hop."""
    by_name: dict[str, list[Finding]] = {}
    for finding in findings:
        by_name.setdefault(finding.hop.client, []).append(finding)

    def about(hop: Hop) -> list[Finding]:
        names = dict.fromkeys((hop.client.name, hop.server.name, *(box.name for box in hop.boxes)))
        named = [finding for name in names for finding in by_name.get(name, ()) if concerns(finding, hop)]
        if not named:
            return []
        # Two parts of a repository may use the same names; a finding belongs where its places are.
        files = _files(hop)
        return [finding for finding in named if any(label.span.path in files for label in finding.labels)]

    return about


def _files(hop: Hop) -> set[str]:
    ends = (hop.client, hop.server, *hop.boxes)
    facts = (hop.client_facts, hop.server_facts, *(box.facts for box in hop.boxes))
    written = {fact.span.path for found in facts for several in found.values() for fact in several}
    return written | {end.span.path for end in ends}


def _worst(findings: Sequence[Finding]) -> str:
    severities = {finding.severity for finding in findings if finding.hop.server}
    return next((word for word in ("error", "warning", "note") if word in severities), "")


def _nodes(graph: Graph) -> list[dict[str, Any]]:
    place = {
        component.key: (column, row)
        for column, found in enumerate(columns(graph))
        for row, component in enumerate(found)
    }
    shared = Counter(component.name for component in graph.components)
    return [
        _node(component, *place[component.key], alone=shared[component.name] == 1) for component in graph.components
    ]


def _node(component: Component, column: int, row: int, *, alone: bool) -> dict[str, Any]:
    # Several of one name are told apart by where they stand.
    at = "" if alone else f" {PurePosixPath(component.span.path).name}:{component.span.start.line}"
    return {
        "n": one_line(component.name + at),
        "t": one_line(title(component) + at),
        "k": component.kind,
        "at": one_line(str(component.span)),
        "x": column,
        "y": row,
    }


def _fact_key(fact: Fact) -> tuple[Any, ...]:
    return fact.timer, fact.limit, fact.setting, fact.origin, fact.span, fact.scope, fact.because, fact.source


_KEY = {f"{side}.{timer}" for side, timers in KEY_TIMERS.items() for timer in timers}


def _fact(fact: Fact, quotes: _Pool, view: View, marked: Collection[tuple[str, Span]]) -> list[Any]:
    """timer, value, setting, origin, because, where it comes from, the number of its quotation or -1, and how much it matters.

    2: a finding is about it; 1: somebody set it, or it is one of those that hops are joined by; 0: the rest.
    """
    matters = 2 if (fact.timer, fact.span) in marked else int(quoted(fact) or fact.timer in _KEY)
    quote = -1
    if quoted(fact) and fact.span.path:
        lines = excerpt(fact.span, view, 0)
        if lines:
            quote = quotes.number(
                fact.span, [one_line(str(fact.span)), *(lines[0][key] for key in ("before", "mark", "after"))]
            )
    setting = f"{fact.setting} ({fact.scope})" if fact.scope else fact.setting
    return [
        fact.timer,
        fact.value,
        one_line(setting),
        fact.origin,
        one_line(fact.because),
        one_line(where(fact)),
        quote,
        matters,
    ]
