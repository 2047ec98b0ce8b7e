"""Two states of a repository: effective timers that changed, also those nobody wrote, and findings that appear and go."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from tochain.check import Analysis, Options, analyse, judge_all
from tochain.model.errors import UsageError
from tochain.model.fact import Fact
from tochain.model.finding import Finding
from tochain.model.limit import Finite, OneOf
from tochain.model.result import Result
from tochain.model.timers import TIMERS
from tochain.report.safe import mask

__all__ = ["Change", "Difference", "compare", "tree"]

_Key = tuple[str, str, str, str]
"""Component, product, timer, and the part of the component where it holds."""

DERIVED = (
    "connect.gives_up",
    "connect.attempt_worst",
    "connect.worst",
    "connect.attempts_below",
    "connect.attempts_next",
    "connect.far_heartbeat",
    "accept.far_heartbeat",
    "accept.works_below",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One effective timer that differs: `before` or `after` is None where the component has it on one side only."""

    component: str
    product: str
    place: str
    timer: str
    before: Fact | None
    after: Fact | None
    arms: bool = False
    """Whether a limit can fire now that could not before."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed between two states; `other` are findings that were there before, with other values."""

    changes: tuple[Change, ...]
    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    other: tuple[Finding, ...]
    before: Result
    after: Result

    def to_json(self) -> dict[str, Any]:
        """The difference as JSON values."""
        return {
            "schema": 1,
            "changes": [
                {
                    "component": c.component, "product": c.product, "timer": c.timer, "place": c.place,
                    "before": _fact(c.before), "after": _fact(c.after), "arms": c.arms,
                }
                for c in self.changes
            ],
            **{name: Result(findings=getattr(self, name)).to_json()["findings"] for name in ("new", "gone", "other")},
        }  # fmt: skip

    def armed_by(self, finding: Finding) -> list[Change]:
        """The changed timers a finding is about: what made it appear."""
        about = {(label.component, label.timer) for label in finding.labels}
        places = {label.span for label in finding.labels}
        named = [change for change in self.changes if (change.component, change.timer) in about]
        exact = [change for change in named if change.after is not None and change.after.span in places]
        return exact or named


def _fact(fact: Fact | None) -> dict[str, Any] | None:
    if fact is None:
        return None
    return {
        "value": fact.value,
        "setting": fact.setting,
        "origin": fact.origin,
        "place": str(fact.span),
        "because": fact.because,
    }


def compare(old: Path, new: Path) -> Difference:
    """Analyses both folders and compares them; paths are relative to each, so that the same file is the same file."""
    before, first = _run(old)
    after, second = _run(new)
    came, went = _without(second.findings, first.findings), _without(first.findings, second.findings)
    other = _without(came, _without(came, went, _about), _same)
    return Difference(
        tuple(_changes(before, after)),
        _without(came, other, _same),
        _without(went, other, _about),
        other,
        first,
        second,
    )


def _print(finding: Finding) -> object:
    return finding.fingerprint


def _same(finding: Finding) -> object:
    return id(finding)


def _about(finding: Finding) -> object:
    """What a finding is about, whatever the values are."""
    return finding.rule, finding.hop, tuple(sorted({(label.component, label.timer) for label in finding.labels}))


def _without(
    found: tuple[Finding, ...], others: tuple[Finding, ...], key: Callable[[Finding], object] = _print
) -> tuple[Finding, ...]:
    """The findings that have none among the others, each of which stands for one."""
    left = Counter(map(key, others))
    kept = []
    for finding in found:
        if left[key(finding)]:
            left[key(finding)] -= 1
        else:
            kept.append(finding)
    return tuple(kept)


def _run(folder: Path) -> tuple[Analysis, Result]:
    options = Options(base=folder)
    analysis = analyse([folder], options)
    return analysis, judge_all(analysis, options)


def _changes(before: Analysis, after: Analysis) -> Iterator[Change]:
    old, new = _timers(before), _timers(after)
    there = {component.name for component in before.graph.components}
    for key, where in _pairs(set(old), set(new)):
        one, two = old.get(key or where), new.get(where)
        if one is not None and two is not None and one.limit == two.limit and one.setting == two.setting:
            continue
        name, product, timer, place = where
        yield Change(name, product, place, timer, one, two, name in there and _can_fire(two) and not _can_fire(one))


def _pairs(old: set[_Key], new: set[_Key]) -> list[tuple[_Key | None, _Key]]:
    """Every timer of both states, with where it was before when that is another place.

    What held for the whole component and now holds for one part of it, or the other way round, is one timer.
    """
    pairs: list[tuple[_Key | None, _Key]] = [(None, key) for key in old & new]
    left: dict[tuple[str, ...], list[_Key]] = {}
    for key in sorted(old - new):
        left.setdefault(key[:3], []).append(key)
    came = Counter(key[:3] for key in new - old)
    for key in sorted(new - old):
        was = left[key[:3]].pop() if came[key[:3]] == 1 and len(left.get(key[:3], ())) == 1 else None
        pairs.append((was, key))
    pairs += [(None, key) for keys in left.values() for key in keys]
    return sorted(pairs, key=lambda pair: pair[1])


def _can_fire(fact: Fact | None) -> bool:
    """Whether a time limit is there that ends something one day."""
    if fact is None or TIMERS[fact.timer].kind != "time":
        return False
    choices = fact.limit.choices if isinstance(fact.limit, OneOf) else (fact.limit,)
    return any(isinstance(limit, Finite) and limit.amount > 0 for limit in choices)


def _timers(analysis: Analysis) -> dict[_Key, Fact]:
    """Every effective timer by component and timer, those of links by their label."""
    found: dict[_Key, Fact] = {}
    for component in analysis.graph.components:
        for timer, facts in component.facts.items():
            for at, fact in enumerate(facts):
                place = fact.scope or (f"#{at + 1}" if at else "")
                found[component.name, component.product, timer, place] = fact
        for link in component.links:
            # Also where nothing was found at the other end: what is in force there is in force all the same.
            for timer, facts in link.facts.items():
                if component.facts.get(timer) != facts:
                    place = link.label or mask(str(link.target))
                    found[component.name, component.product, timer, place] = facts[0]
    for hop in analysis.graph.hops:
        for timer, facts in hop.client_facts.items():
            if (
                timer.startswith(("connect.", "session."))
                and timer not in DERIVED
                and hop.client.facts.get(timer) != facts
            ):
                found[hop.client.name, hop.client.product, timer, hop.label or str(hop.server.name)] = facts[0]
    return found


@contextmanager
def tree(what: str, repository: Path) -> Iterator[Path]:
    """The folder something names: a directory as it is, else a git revision of the repository, unpacked for the while.

    Raises UsageError when it is neither.
    """
    path = Path(what)
    if path.is_dir():
        yield path.resolve()
        return
    if what.startswith("-"):
        raise UsageError(f"{what!r} is neither a folder nor a git revision")
    try:
        done = subprocess.run(  # noqa: S603 - no shell, the revision is one argument
            ["git", "-C", str(repository), "archive", "--format=tar", what],  # noqa: S607
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise UsageError(f"{what!r} is no folder, and git, which would know a revision, is not installed") from error
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UsageError(f"{what!r} is neither a folder nor a git revision" + (f": {reason[-1]}" if reason else ""))
    with tempfile.TemporaryDirectory(prefix="tochain-") as folder:
        with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder).resolve()
