"""Explanations: what a rule is about, and what a hop or a finding comes to with the reader's own numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tochain.model.component import Component
from tochain.model.fact import Facts
from tochain.model.finding import Finding
from tochain.model.hop import Hop
from tochain.report.facts import fact_table, title
from tochain.report.ladder import draw, planned, told
from tochain.report.rules import fixable
from tochain.report.safe import one_line
from tochain.report.table import rows
from tochain.report.text import finding_lines
from tochain.report.view import View
from tochain.report.words import plainly

__all__ = ["Feed", "concerns", "explain_finding", "explain_hop", "explain_rule"]

Feed = Mapping[str, Any]
"""One setting that feeds a timer of a rule: timer, product, setting, default, source; observed when it was seen."""

CLIENT_SIDES = ("connect", "session", "schedule", "monitor", "lifecycle")
SERVER_SIDES = ("accept", "session", "lifecycle")
BOX_SIDES = ("flow", "lifecycle")


def explain_rule(
    rule: Mapping[str, Any],
    view: View,
    *,
    example: Finding | None = None,
    feeds: Sequence[Feed] = (),
    seen: Sequence[str] = (),
) -> str:
    """A rule for people: what happens on the wire, why, who is affected, how to mend it, sources.

    With an example finding the ladder has its numbers, else the rule's own expressions.
    """
    severity = str(rule.get("severity", "note"))
    facts = (severity, rule.get("family"), rule.get("scope"), f"since {rule['since']}" if rule.get("since") else "")
    lines = [
        f"{view.style('strong', str(rule['id']))}  {' · '.join(str(fact) for fact in facts if fact)}",
        one_line(str(rule.get("summary", ""))),
    ]
    for head, body in _sections(rule, example, feeds, seen):
        if body:
            lines += ["", view.style("strong", head), *(f"  {line}".rstrip() for line in body)]
    return "\n".join(lines) + "\n"


def _sections(
    rule: Mapping[str, Any], example: Finding | None, feeds: Sequence[Feed], seen: Sequence[str]
) -> Iterable[tuple[str, list[str]]]:
    rungs = told(example.steps) if example and example.steps else planned(rule.get("wire") or ())
    yield "On the wire", draw(rungs)
    yield "Why", _prose(rule.get("why"))
    yield "Seen as", [f"- {one_line(plainly(line))}" for line in rule.get("seen") or ()]
    yield "Judged by", _judged(rule)
    yield "Who is affected", affected(feeds)
    yield "Seen on running programs", [one_line(line) for line in (*seen, *_observed(feeds))]
    yield "How to mend it", _mending(rule)
    yield "Parameters", _params(rule)
    yield "Sources", [one_line(str(source)) for source in rule.get("sources") or ()]


def _prose(text: object) -> list[str]:
    return [one_line(line) for line in str(text or "").strip().splitlines()]


def _judged(rule: Mapping[str, Any]) -> list[str]:
    kinds = ("when", "require", "predicate")
    return rows([(key, _expression(rule[key])) for key in kinds if rule.get(key)])


def _expression(value: object) -> str:
    return " and ".join(str(part) for part in value) if isinstance(value, (list, tuple)) else str(value)


def affected(feeds: Sequence[Feed]) -> list[str]:
    """One line a timer and product: the setting that feeds it and its default."""
    keys = ("timer", "product", "setting", "default")
    return rows([tuple(str(feed.get(key) or "") for key in keys) for feed in feeds])


def _observed(feeds: Sequence[Feed]) -> list[str]:
    return [f"{feed['product']} {feed['setting']}: {feed['observed']}" for feed in feeds if feed.get("observed")]


def _mending(rule: Mapping[str, Any]) -> list[str]:
    if not fixable(rule):
        return _prose(plainly(rule.get("mend") or ""))
    lines = []
    for fix in rule["fix"]:
        why = f": {plainly(fix['because'])}" if fix.get("because") else ""
        lines.append(one_line(f"set {fix.get('set', '')} to {fix.get('to', '')} ({fix.get('safety', 'unsafe')}{why})"))
    return [*lines, *_prose(plainly(rule.get("mend") or ""))]


def _params(rule: Mapping[str, Any]) -> list[str]:
    params = rule.get("params") or {}
    return rows([(str(name), str(row.get("default", "")), str(row.get("help", ""))) for name, row in params.items()])


def explain_finding(finding: Finding, view: View, rule: Mapping[str, Any] | None = None) -> str:
    """A finding with its story: the places, the ladder with the reader's own numbers, and what the rule says of it."""
    lines = [*finding_lines(finding, view), *_story(finding, view)]
    for head, body in (("Why", _prose((rule or {}).get("why"))), ("Sources", _sources(rule))):
        if body:
            lines += ["", view.style("strong", head), *(f"  {line}" for line in body)]
    return "\n".join(lines) + "\n"


def _sources(rule: Mapping[str, Any] | None) -> list[str]:
    return [one_line(str(source)) for source in (rule or {}).get("sources") or ()]


def _story(finding: Finding, view: View) -> list[str]:
    rungs = draw(told(finding.steps))
    return ["", view.style("strong", "On the wire"), *(f"  {rung}" for rung in rungs)] if rungs else []


def concerns(finding: Finding, hop: Hop) -> bool:
    """Whether a finding is about a hop: its ends, or one of its ends or boxes alone."""
    names = (finding.hop.client, finding.hop.server)
    ends = {hop.client.name, hop.server.name, *(box.name for box in hop.boxes)}
    return names == (hop.client.name, hop.server.name) or (not names[1] and names[0] in ends)


def explain_hop(hop: Hop, findings: Iterable[Finding], view: View) -> str:
    """A hop with every timer of both ends and of the boxes between them, and each finding about it with its ladder."""
    lines = [_hop_title(hop, view)]
    if hop.why:
        place = f" ({hop.span})" if hop.span else ""
        lines.append(one_line(f"joined because: {hop.why}{place}"))
    lines += _end(hop.client, "client", hop.client_facts, CLIENT_SIDES, view)
    for box in hop.boxes:
        lines += _end(box, "box", box.facts, BOX_SIDES, view)
    lines += _end(hop.server, "server", hop.server_facts, SERVER_SIDES, view)
    about = [finding for finding in findings if concerns(finding, hop)]
    for finding in about:
        lines += ["", *finding_lines(finding, view), *_story(finding, view)]
    if not about:
        lines += ["", "nothing was found on this hop"]
    return "\n".join(lines) + "\n"


def _hop_title(hop: Hop, view: View) -> str:
    said = ", ".join(part for part in (hop.protocol, hop.label) if part)
    ends = one_line(f"{hop.client.name} -> {hop.server.name}")
    return view.style("strong", ends) + (f"  {one_line(said)}" if said else "")


def _end(component: Component, role: str, facts: Facts, sides: tuple[str, ...], view: View) -> list[str]:
    lines = fact_table(facts, sides) or ["no timer is known of it"]
    head = f"{role} {one_line(title(component))}"
    return ["", f"{view.style('strong', head)}  {one_line(str(component.span))}", *(f"  {line}" for line in lines)]
