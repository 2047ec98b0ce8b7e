"""What products found wrong with single settings, as findings of the rule that speaks of that kind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tochain.engine.evaluate import Env
from tochain.engine.render import fingerprint
from tochain.engine.schema import Rule
from tochain.engine.sites import Site
from tochain.model.component import Component
from tochain.model.finding import Finding, Label, Severity
from tochain.model.issue import Issue

__all__ = ["findings_of_issues"]


def findings_of_issues(
    rule: Rule, sites: Iterable[Site], severity: Severity | None
) -> list[tuple[tuple[str, ...], Finding]]:
    """A finding for each issue of the rule's kind, with the key of its component."""
    components = {site.key: site for site in sites}
    return [
        (key, _finding(rule, site, issue, severity))
        for key, site in components.items()
        for issue in site.ends["self"].component.issues
        if issue.kind == rule.issue and _speaks(rule, site)
    ]


def _speaks(rule: Rule, site: Site) -> bool:
    return not rule.protocols or set(site.protocols) <= {*rule.protocols, ""}


def _finding(rule: Rule, site: Site, issue: Issue, severity: Severity | None) -> Finding:
    component = site.ends["self"].component
    detail, env = rule.detail, Env({})
    names = {"self": component.name, "setting": issue.setting, "value": issue.value, "text": issue.text}
    found = Finding(
        rule=rule.id,
        family=rule.family,
        severity=severity or rule.severity,
        message=detail.message.fill(env, names),
        hop=site.hop,
        path=site.path,
        labels=_labels(component, issue),
        seen=tuple(line.fill(env, names) for line in detail.seen),
        notes=(f"to mend it: {issue.fix}",) if issue.fix else (),
    )
    return replace(found, fingerprint=fingerprint(found))


def _labels(component: Component, issue: Issue) -> tuple[Label, ...]:
    first = Label(
        component.name, issue.timer, issue.setting, issue.value, None, "written", issue.span, issue.text, issue.source,
        primary=True,
    )  # fmt: skip
    others = (
        Label(component.name, issue.timer, issue.setting, issue.value, None, "written", span, said)
        for span, said in issue.others
    )
    return (first, *others)
