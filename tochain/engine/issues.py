"""What products found wrong with single settings, as findings of the rule that speaks of that kind."""

from __future__ import annotations

from dataclasses import replace

from tochain.engine.evaluate import Env
from tochain.engine.render import as_written, fingerprint
from tochain.engine.schema import Rule
from tochain.model.component import Component
from tochain.model.finding import Finding, HopRef, Label, Severity
from tochain.model.hop import Graph
from tochain.model.issue import Issue

__all__ = ["findings_of_issues"]


def findings_of_issues(rule: Rule, graph: Graph, severity: Severity | None) -> list[tuple[tuple[str, ...], Finding]]:
    """A finding for each issue of the rule's kind, with the key of its component."""
    return [
        ((component.key,), _finding(rule, component, issue, severity))
        for component in graph.components
        for issue in component.issues
        if issue.kind == rule.issue and (not rule.protocols or component.protocol in {*rule.protocols, ""})
    ]


def _finding(rule: Rule, component: Component, issue: Issue, severity: Severity | None) -> Finding:
    detail, env = rule.detail, Env({})
    names = {"self": component.name, "setting": issue.setting, "value": issue.value, "text": issue.text}
    found = Finding(
        rule=rule.id,
        family=rule.family,
        severity=severity or rule.severity,
        message=detail.message.fill(env, names),
        hop=HopRef(component.name),
        path=(component.name,),
        labels=_labels(component, issue),
        seen=tuple(line.fill(env, names) for line in detail.seen),
        notes=(f"to mend it: {issue.fix}",) if issue.fix else (),
    )
    return replace(found, fingerprint=fingerprint(found))


def _labels(component: Component, issue: Issue) -> tuple[Label, ...]:
    first = Label(
        component.name, issue.timer, as_written(issue.setting), issue.value, None, "written", issue.span, issue.text, issue.source,
        primary=True,
    )  # fmt: skip
    own = ((issue.setting, issue.value) for _ in issue.others)
    others = (
        Label(component.name, issue.timer, as_written(name), value, None, "written", span, said)
        for (name, value), (span, said) in zip((*issue.called, *own), issue.others, strict=False)
    )
    return (first, *others)
