"""The checks every rule file must pass, derived from the file itself: examples, double entry, grid, mutations.

The pipeline hands in how texts become a graph, so that nothing here reads a file of a product.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tochain.engine.grid import check_grid
from tochain.engine.judge import Judgement, Overrides, judge
from tochain.engine.mutate import mutants
from tochain.engine.schema import Rule
from tochain.engine.wire import backwards
from tochain.model.errors import RuleError
from tochain.model.finding import Finding
from tochain.model.hop import Graph

__all__ = ["Failure", "Read", "Sample", "check_rule", "check_rules", "expected", "unfired"]

KINDS = ("bad", "good", "undecided")
_ROW_KEYS = {"name", "files", "find", "fixed", "also", "needs"}


@dataclass(frozen=True, slots=True)
class Sample:
    """What the files of an example come to; `problems` are those that could not be read."""

    graph: Graph
    overrides: Overrides = field(default_factory=Overrides)
    problems: tuple[str, ...] = ()


Read = Callable[[dict[str, str]], Sample]


@dataclass(frozen=True, slots=True)
class Failure:
    """One check of one rule that failed, and what was expected."""

    rule: str
    check: str
    example: str
    message: str

    def __str__(self) -> str:
        where = f", example {self.example!r}" if self.example else ""
        return f"{self.rule}: {self.check}{where}: {self.message}"


def check_rules(rules: Sequence[Rule], read: Read, among: Sequence[Rule] | None = None) -> list[Failure]:
    """Every check of several rules; `among` are all rules that run together, the same ones when not given."""
    return [failure for rule in rules for failure in check_rule(rule, among or rules, read)]


def check_rule(rule: Rule, among: Sequence[Rule], read: Read) -> list[Failure]:
    """The checks of one rule: schema, examples, fixes, double entry, grid and mutations."""
    try:
        rule.check()
    except RuleError as error:
        return [Failure(rule.id, "schema", "", str(error))]
    failures = list(_shape(rule))
    if failures:
        return failures
    checked = _Checked(rule, among, read)
    failures += checked.examples()
    failures += [Failure(rule.id, "grid", "", message) for message in check_grid(rule)]
    if not failures:
        failures += checked.mutations()
    return failures


def unfired(rules: Iterable[Rule], findings: Iterable[Finding]) -> list[str]:
    """The ids of rules that none of the findings is of."""
    fired = {finding.rule for finding in findings}
    return [rule.id for rule in rules if rule.id not in fired and rule.status != "deprecated"]


def _shape(rule: Rule) -> Iterable[Failure]:
    rows = rule.examples
    for kind in ("bad", "good"):
        if not rows.get(kind):
            yield Failure(rule.id, "schema", "", f"at least one {kind} example is needed")
    for kind, given in rows.items():
        if kind not in KINDS:
            yield Failure(rule.id, "schema", "", f"examples: {kind!r} is not one of {', '.join(KINDS)}")
            continue
        for row in given or ():
            yield from _row_shape(rule, kind, row)


def _row_shape(rule: Rule, kind: str, row: Any) -> Iterable[Failure]:
    if not isinstance(row, dict) or not isinstance(row.get("files"), dict) or not row.get("name"):
        yield Failure(rule.id, "schema", str(row)[:40], f"{kind}: an example has name and files")
        return
    wrong = sorted(set(row) - _ROW_KEYS)
    if wrong:
        allowed = ", ".join(sorted(_ROW_KEYS))
        yield Failure(rule.id, "schema", row["name"], f"unknown key {wrong[0]!r}; allowed: {allowed}")
    need = {"bad": "find", "undecided": "needs"}.get(kind)
    if need and not row.get(need):
        yield Failure(rule.id, "schema", row["name"], f"{need} is missing")


class _Checked:
    """One rule's examples, each read once."""

    def __init__(self, rule: Rule, among: Sequence[Rule], read: Read) -> None:
        self.rule, self.among, self.read = rule, among, read
        rows = [(kind, row) for kind in KINDS for row in rule.examples.get(kind) or ()]
        self.samples = {(kind, row["name"]): (row, read(dict(row["files"]))) for kind, row in rows}

    def fail(self, check: str, example: str, message: str) -> Failure:
        return Failure(self.rule.id, check, example, message)

    def examples(self) -> Iterable[Failure]:
        for (kind, name), (row, sample) in self.samples.items():
            judged = judge(sample.graph, self.among, sample.overrides)
            for problem in (*sample.problems, *judged.crashes):
                yield self.fail(kind, name, problem)
            yield from (self.fail(kind, name, message) for message in _differs(self.rule, kind, row, judged))
            if kind == "bad":
                yield from (self.fail("double entry", name, message) for message in self._entries(judged))
            if row.get("fixed"):
                yield from (self.fail("fixed", name, message) for message in self._fixed(row, judged))

    def _entries(self, judged: Judgement) -> Iterable[str]:
        slack = _slack(self.rule)
        for finding in judged.findings:
            back = backwards([step.at for step in finding.steps])
            if finding.rule == self.rule.id and back > slack:
                yield f"the wire story runs backwards by {back} microseconds"

    def _fixed(self, row: Mapping[str, Any], before: Judgement) -> Iterable[str]:
        sample = self.read({**row["files"], **row["fixed"]})
        judged = judge(sample.graph, self.among, sample.overrides)
        yield from (*sample.problems, *judged.crashes)
        old = {finding.rule for finding in before.findings} - {self.rule.id}
        for finding in judged.findings:
            if finding.rule not in old:
                yield f"{finding.rule} is found in the mended files"

    def mutations(self) -> Iterable[Failure]:
        """Each mutant must change the outcome of some example, else the examples are too weak."""
        for what, mutant in mutants(self.rule):
            others = [mutant if rule.id == self.rule.id else rule for rule in self.among]
            if not any(self._tells(kind, row, sample, others) for (kind, _), (row, sample) in self.samples.items()):
                yield self.fail("mutation", "", f"no example tells the rule from one {what}")

    def _tells(self, kind: str, row: Mapping[str, Any], sample: Sample, rules: Sequence[Rule]) -> bool:
        judged = judge(sample.graph, rules, sample.overrides)
        return bool(judged.crashes) or any(_differs(self.rule, kind, row, judged))


def _slack(rule: Rule) -> int:
    margin = rule.params.get("margin")
    return getattr(margin.default, "hi", 0) if margin is not None else 0


def _differs(rule: Rule, kind: str, row: Mapping[str, Any], judged: Judgement) -> Iterable[str]:
    """How the outcome of an example differs from what its row says."""
    own = [shown(finding, rule) for finding in judged.findings if finding.rule == rule.id]
    wanted = [expected(item) for item in row.get("find") or ()]
    if own != wanted:
        yield f"expected {wanted}, found {own}"
    others = sorted({finding.rule for finding in judged.findings} - {rule.id})
    if others != sorted(row.get("also") or ()):
        yield f"other rules: expected {sorted(row.get('also') or ())}, found {others}"
    if kind == "undecided":
        needs = sorted({need for item in judged.undecided if item.rule == rule.id for need in item.needs})
        if needs != sorted(row["needs"]):
            yield f"needs: expected {sorted(row['needs'])}, found {needs}"
    elif any(item.rule == rule.id for item in judged.undecided):
        needs = [need for item in judged.undecided if item.rule == rule.id for need in item.needs]
        yield f"is undecided, it would need {needs}"


def shown(finding: Finding, rule: Rule) -> dict[str, Any]:
    """A finding as an example states it: the primary place, the other places, the severity where it was softened."""
    first, *others = [_place(label.span) for label in finding.labels]
    row: dict[str, Any] = {"at": first, "with": others}
    if finding.severity != rule.severity:
        row["is"] = finding.severity
    if finding.count > 1:
        row["count"] = str(finding.count)
    return row


def expected(item: Mapping[str, Any]) -> dict[str, Any]:
    """What an example's `find` entry stands for: `with` may be one place or several."""
    others = item.get("with") or []
    return {**item, "with": [others] if isinstance(others, str) else list(others)}


def _place(span: Any) -> str:
    same = span.end.line == span.start.line
    return f"{span}-{span.end.column}" if same else f"{span}-{span.end.line}:{span.end.column}"
