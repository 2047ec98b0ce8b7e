"""A whole chain for reviewers: every limit outermost first, what is violated, and who gives up when on a request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tochain.model.fact import Fact
from tochain.model.finding import Finding
from tochain.model.hop import Hop
from tochain.model.limit import Finite, format_duration
from tochain.model.span import Span
from tochain.report.explain import concerns
from tochain.report.facts import where
from tochain.report.graph import key_facts
from tochain.report.safe import one_line
from tochain.report.table import table
from tochain.report.text import finding_lines
from tochain.report.view import View

__all__ = ["DEADLINES", "GiveUp", "budget", "chains", "explain_path", "named"]

DEADLINES = {
    "connect.request_total": "the whole request",
    "connect.retry_total": "all tries together",
    "connect.attempt_total": "one try",
    "connect.response_header": "no answer has begun",
    "connect.read_stall": "no byte for so long",
}
"""The timers that make a client give up on a request that is under way, and what each of them means."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """One limit of one client of the chain: when it fires, and who further inside has no limit as short."""

    at: int
    depth: int
    client: str
    fact: Fact
    still: tuple[str, ...] = ()


def chains(hops: Sequence[Hop]) -> Iterator[tuple[Hop, ...]]:
    """Each chain once, from a hop nobody comes before, always on to the first hop that follows; made when asked for."""
    after: dict[str, Hop] = {}
    for hop in hops:
        after.setdefault(hop.client.key, hop)
    reached = {hop.server.key for hop in hops}
    starts = [hop for hop in hops if hop.client.key not in reached] or list(hops[:1])
    return (_chain(hop, after) for hop in starts)


def _chain(start: Hop, after: dict[str, Hop]) -> tuple[Hop, ...]:
    chain = [start]
    seen = {start.client.key, start.server.key}
    while (following := after.get(chain[-1].server.key)) is not None and following.server.key not in seen:
        seen.add(following.server.key)
        chain.append(following)
    return tuple(chain)


def explain_path(hops: Sequence[Hop], findings: Iterable[Finding], view: View) -> str:
    """The chain as a ladder of limits: each with value, origin and place, those that a finding names marked.

    `hops` follow one another, outermost first.
    """
    about = [finding for finding in findings if any(concerns(finding, hop) for hop in hops)]
    names = [hops[0].client.name, *(hop.server.name for hop in hops)] if hops else []
    lines = [view.style("strong", one_line(" -> ".join(names))), "", *_limits(hops, about)]
    given_up = _budget_lines(budget(hops))
    if given_up:
        lines += ["", view.style("strong", "Who gives up when, if the innermost never answers"), *given_up]
    for finding in about:
        lines += ["", *finding_lines(finding, view)]
    return "\n".join(lines) + "\n"


def named(findings: Iterable[Finding]) -> set[tuple[str, Span]]:
    """The timers findings are about, with their places; those a caller gives up by where a finding has only the moment."""
    found = {(label.timer, label.span) for finding in findings for label in finding.labels}
    return found | {(timer, span) for about, span in found if about in _MOMENTS for timer in DEADLINES}


_MOMENTS = ("connect.gives_up", "connect.attempt_worst", "connect.worst")
"""What is worked out of the limits of a caller."""


def _limits(hops: Sequence[Hop], findings: Sequence[Finding]) -> list[str]:
    marked = named(findings)
    rows = []
    for hop in hops:
        ends = [(hop.client.name, key_facts(hop.client_facts, ("connect", "session")))]
        ends += [(box.name, key_facts(box.facts, ("flow",))) for box in hop.boxes]
        ends.append((hop.server.name, key_facts(hop.server_facts, ("accept",))))
        rows += [_row(name, fact, (fact.timer, fact.span) in marked) for name, facts in ends for fact in facts]
    head = ("", "component", "timer", "value", "setting", "origin", "from")
    return [f"  {line}" for line in table(head, rows)] or ["  no timer is known on it"]


def _row(name: str, fact: Fact, marked: bool) -> tuple[str, ...]:
    return "!" if marked else "", name, fact.timer, fact.value, fact.setting, fact.origin, where(fact)


def budget(hops: Sequence[Hop]) -> list[GiveUp]:
    """Every finite limit of a request along the chain, shortest first; equal ones innermost first.

    `still` names the clients further inside that have no limit as short: by themselves they would go on for nobody.
    """
    found = [
        GiveUp(fact.limit.amount, depth, hop.client.name, fact)
        for depth, hop in enumerate(hops)
        for timer in DEADLINES
        for fact in hop.client_facts.get(timer, ())
        if isinstance(fact.limit, Finite)
    ]
    found.sort(key=lambda one: (one.at, -one.depth, one.fact.timer, one.fact.span))
    first: dict[int, int] = {}
    for one in found:
        first.setdefault(one.depth, one.at)
    return [GiveUp(one.at, one.depth, one.client, one.fact, _still(hops, one, first)) for one in found]


def _still(hops: Sequence[Hop], one: GiveUp, first: dict[int, int]) -> tuple[str, ...]:
    """The clients further inside whose own limits have not fired at this time."""
    inner = range(one.depth + 1, len(hops))
    return tuple(hops[depth].client.name for depth in inner if first.get(depth, one.at + 1) > one.at)


def _budget_lines(steps: Sequence[GiveUp]) -> list[str]:
    rows = [
        (
            format_duration(Finite(step.at)),
            step.client,
            f"{step.fact.timer.partition('.')[2]}: {DEADLINES[step.fact.timer]}",
            ", ".join(step.still),
            where(step.fact),
        )
        for step in steps
    ]
    return [
        f"  {line}"
        for line in table(("at", "gives up", "limit", "no limit of its own by then", "from"), rows, right=[0])
    ]
