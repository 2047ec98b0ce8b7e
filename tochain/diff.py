"""Two states of a repository: effective timers that changed, also those nobody wrote, and findings that appear and go."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from tochain.check import Analysis, Options, analyse, judge_all
from tochain.model.errors import UsageError
from tochain.model.fact import Fact
from tochain.model.finding import Finding
from tochain.model.result import Result
from tochain.report.safe import mask

__all__ = ["Change", "Difference", "compare", "tree"]

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


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed between two states."""

    changes: tuple[Change, ...]
    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    before: Result
    after: Result

    def to_json(self) -> dict[str, Any]:
        """The difference as JSON values."""
        after, before = self.after.to_json()["findings"], self.before.to_json()["findings"]
        new, gone = {f.fingerprint for f in self.new}, {f.fingerprint for f in self.gone}
        return {
            "schema": 1,
            "changes": [
                {
                    "component": c.component, "product": c.product, "timer": c.timer, "place": c.place,
                    "before": _fact(c.before), "after": _fact(c.after),
                }
                for c in self.changes
            ],
            "new": [f for f in after if f["fingerprint"] in new],
            "gone": [f for f in before if f["fingerprint"] in gone],
        }  # fmt: skip


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
    known = {finding.fingerprint for finding in first.findings}
    still = {finding.fingerprint for finding in second.findings}
    return Difference(
        tuple(_changes(before, after)),
        tuple(f for f in second.findings if f.fingerprint not in known),
        tuple(f for f in first.findings if f.fingerprint not in still),
        first,
        second,
    )


def _run(folder: Path) -> tuple[Analysis, Result]:
    options = Options(base=folder)
    analysis = analyse([folder], options)
    return analysis, judge_all(analysis, options)


def _changes(before: Analysis, after: Analysis) -> Iterator[Change]:
    old, new = _timers(before), _timers(after)
    for key in sorted({*old, *new}):
        one, two = old.get(key), new.get(key)
        if one is not None and two is not None and one[1].limit == two[1].limit and one[1].setting == two[1].setting:
            continue
        name, product, timer, place = key
        yield Change(name, product, place, timer, one[1] if one else None, two[1] if two else None)


def _timers(analysis: Analysis) -> dict[tuple[str, str, str, str], tuple[str, Fact]]:
    """Every effective timer by component and timer, those of links by their label."""
    found: dict[tuple[str, str, str, str], tuple[str, Fact]] = {}
    for component in analysis.graph.components:
        for timer, facts in component.facts.items():
            for at, fact in enumerate(facts):
                place = fact.scope or (f"#{at + 1}" if at else "")
                found[(component.name, component.product, timer, place)] = (component.key, fact)
        for link in component.links:
            # Also where nothing was found at the other end: what is in force there is in force all the same.
            for timer, facts in link.facts.items():
                if component.facts.get(timer) != facts:
                    place = link.label or mask(str(link.target))
                    found[component.name, component.product, timer, place] = (component.key, facts[0])
    for hop in analysis.graph.hops:
        for timer, facts in hop.client_facts.items():
            if (
                timer.startswith(("connect.", "session."))
                and timer not in DERIVED
                and hop.client.facts.get(timer) != facts
            ):
                found[(hop.client.name, hop.client.product, timer, hop.label or str(hop.server.name))] = (
                    hop.client.key,
                    facts[0],
                )
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
