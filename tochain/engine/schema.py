"""Rule files to rules: what a run needs is read at once, the rest when a rule has something to say.

A shipped rule is checked as a whole by the test-suite, a user's own one when it is loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from tochain.engine.detail import DETAIL_KEYS, Detail, read_detail
from tochain.engine.evaluate import Value
from tochain.engine.expr import SCOPES, Scope
from tochain.engine.fields import Fields, mapping, sequence, text, word
from tochain.engine.logic import Texts, exactly
from tochain.engine.nodes import Kind, Node, Ref, refs
from tochain.engine.predicates import PREDICATES
from tochain.engine.rulefile import RuleFile, WrongError
from tochain.model.errors import RuleError
from tochain.model.finding import FAMILIES, SEVERITIES, Family, Severity
from tochain.model.limit import Finite, parse_duration
from tochain.model.timers import TIMERS

__all__ = ["HEAD_KEYS", "Parameter", "Rule", "load_rule", "load_rules", "read_value", "rules_dir"]

JUDGING_KEYS = (
    "id", "family", "status", "severity", "scope", "protocols", "protocols_strict", "when", "require", "predicate",
    "issue", "params", "instead_of",
)  # fmt: skip
HEAD_KEYS = (*JUDGING_KEYS, *DETAIL_KEYS)
"""Every key of a rule file but its examples."""
STATUSES = ("preview", "stable", "deprecated")
_NAME = re.compile(r"\b((?:(?:outer|inner)\.)?(?:self|client|server|box))\.([a-z]+\.[a-z0-9_]+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number or word of a rule that a configuration may change; its kind is that of its default."""

    kind: Kind
    default: Value
    text: str
    help: str


@dataclass(frozen=True)
class Rule:
    """One rule, as far as judging needs it; `detail` and `data` are read when they are asked for.

    Exactly one of `require` (must hold where `when` does), `predicate` (a named function) and `issue` (the kind of
    issue it reports) is given. Not slotted: what is read later is kept.
    """

    file: RuleFile
    id: str
    family: Family
    severity: Severity
    scope: Scope
    status: str = "stable"
    protocols: frozenset[str] = frozenset()
    protocols_strict: bool = False
    conditions: Mapping[str, str] = field(default_factory=dict)
    predicate: str = ""
    issue: str = ""
    params: Mapping[str, Parameter] = field(default_factory=dict)
    instead_of: tuple[str, ...] = ()

    @cached_property
    def when(self) -> Node | None:
        """Where the rule matters; None: everywhere. Raises RuleError where it is wrong."""
        return self._condition("when")

    @cached_property
    def require(self) -> Node | None:
        """What must hold there. Raises RuleError where it is wrong."""
        return self._condition("require")

    def _condition(self, key: str) -> Node | None:
        try:
            return self.fields.condition(self.conditions, (), key)
        except WrongError as wrong:
            raise self.file.error(wrong) from None

    def changed(self, **parts: Any) -> Rule:
        """The rule with other conditions (`when` and `require` as nodes) or other fields."""
        conditions: dict[str, Any] = {"when": self.when, "require": self.require}
        conditions |= {key: parts.pop(key) for key in conditions if key in parts}
        other = replace(self, **parts)
        # A cached property is what stands in the instance's own dictionary.
        other.__dict__.update(conditions)
        return other

    @cached_property
    def named(self) -> tuple[Ref, ...]:
        """The timers its inequality or predicate names, found without reading the expression."""
        if self.predicate:
            return PREDICATES[self.predicate].refs
        found = _NAME.finditer(self.conditions.get("require", ""))
        return tuple(dict.fromkeys(Ref(name[1], name[2]) for name in found if name[2] in TIMERS))

    @cached_property
    def needs(self) -> tuple[Ref, ...]:
        """The timers its inequality names."""
        return refs(self.require)

    @cached_property
    def refs(self) -> tuple[Ref, ...]:
        """The timers that decide it: its inequality's and its condition's."""
        return refs(self.require, self.when)

    @cached_property
    def fields(self) -> Fields:
        """The reader of its expressions."""
        return Fields(self.scope, {name: param.kind for name, param in self.params.items()}, self.words)

    @property
    def words(self) -> tuple[str, ...]:
        """What its sentences may name besides roles, timers and parameters."""
        return ("setting", "value", "text") if self.issue else ()

    @cached_property
    def detail(self) -> Detail:
        """Everything a finding says; raises RuleError where the file is wrong."""
        try:
            return read_detail(self.file.load(*DETAIL_KEYS), self.fields, issue=bool(self.issue))
        except WrongError as wrong:
            raise self.file.error(wrong) from None

    @cached_property
    def data(self) -> dict[str, Any]:
        """The file as plain texts, lists and mappings, without its examples; `family` always among them."""
        return {**self.file.load(*HEAD_KEYS), "family": self.family}

    @cached_property
    def examples(self) -> dict[str, Any]:
        """The examples as plain data, by `bad`, `good` and `undecided`."""
        found = self.file.load("examples").get("examples")
        return found if isinstance(found, dict) else {}

    def check(self) -> None:
        """Reads all of the file; raises RuleError at the first place that is wrong."""
        self.file.check()
        try:
            mapping(dict.fromkeys(self.file.sections), (), (*HEAD_KEYS, "examples"))
        except WrongError as wrong:
            raise self.file.error(wrong) from None
        assert self.detail is not None and self.refs is not None, "reading them raises what is wrong"

    def values(self, given: Mapping[str, str]) -> dict[str, Value]:
        """Its parameters, those given instead of the defaults; raises RuleError for a wrong name or kind."""
        for name in given:
            if name not in self.params:
                raise RuleError(f"{self.id} has no parameter {name!r}; it has: {', '.join(self.params) or 'none'}")
        return {name: self._value(name, param, given.get(name)) for name, param in self.params.items()}

    def _value(self, name: str, param: Parameter, given: str | None) -> Value:
        if given is None:
            return param.default
        kind, value = read_value(given)
        if kind != param.kind:
            raise RuleError(f"{self.id}: parameter {name} is a {param.kind}, such as {param.text}; got {given!r}")
        return value


def read_value(given: str) -> tuple[Kind, Value]:
    """The kind and value of a parameter's text: a duration with its unit, a whole number, or a word."""
    bare = given.strip()
    if bare.isdecimal():
        return "count", exactly(int(bare))
    try:
        limit = parse_duration(bare)
    except ValueError:
        return "word", Texts(frozenset({bare}))
    return ("time", exactly(limit.amount)) if isinstance(limit, Finite) else ("word", Texts(frozenset({bare})))


def rules_dir() -> Path:
    """Where the shipped rules are: inside the installed package, else beside it."""
    package = Path(__file__).parent.parent
    installed = package / "_rules"
    return installed if installed.is_dir() else package.parent / "rules"


def load_rules(folders: Iterable[Path] = ()) -> list[Rule]:
    """The shipped rules, then those of the user's own folders, each sorted by family and id.

    Raises RuleError for a file that is wrong, a folder without rules, and an id that is taken.
    """
    rules = [load_rule(RuleFile.open(path)) for path in sorted(rules_dir().glob("*/*.yaml"))]
    taken = {rule.id: rule.file.path for rule in rules}
    for folder in folders:
        paths = sorted({*folder.glob("*.yaml"), *folder.glob("*/*.yaml")})
        if not paths:
            raise RuleError(f"{folder}: no rule files (*.yaml) there")
        for path in paths:
            rule = load_rule(RuleFile.open(path))
            rule.check()
            if rule.id in taken:
                raise RuleError(f"{path}: the id {rule.id!r} is taken by {taken[rule.id]}")
            taken[rule.id] = rule.file.path
            rules.append(rule)
    return rules


def load_rule(file: RuleFile) -> Rule:
    """The rule in a file, as far as judging needs it; raises RuleError with the place of what is wrong."""
    try:
        return _judging(file, file.load(*JUDGING_KEYS))
    except WrongError as wrong:
        raise file.error(wrong) from None


def _judging(file: RuleFile, data: dict[str, Any]) -> Rule:
    for key in ("id", "severity", "scope"):
        if key not in data:
            raise WrongError((), f"{key} is missing")
    scope = cast(Scope, word(data["scope"], ("scope",), SCOPES))
    params = _params(data.get("params") or {})
    _one_of(data)
    issue = _issue(data, scope)
    return Rule(
        file=file,
        id=_id(file, data),
        family=cast(Family, _family(file, data)),
        severity=cast(Severity, word(data["severity"], ("severity",), SEVERITIES)),
        scope=scope,
        status=word(data.get("status", "stable"), ("status",), STATUSES),
        protocols=frozenset(text(item, ("protocols", at)) for at, item in _items(data, "protocols")),
        protocols_strict=_yes(data, "protocols_strict"),
        conditions={key: text(data[key], (key,)) for key in ("when", "require") if key in data},
        predicate=_predicate(data, scope),
        issue=issue,
        params=params,
        instead_of=tuple(text(item, ("instead_of", at)) for at, item in _items(data, "instead_of")),
    )


def _yes(data: dict[str, Any], key: str) -> bool:
    return word(data.get(key, "false"), (key,), ("true", "false")) == "true"


def _items(data: dict[str, Any], key: str) -> Iterable[tuple[int, Any]]:
    return enumerate(sequence(data.get(key), (key,)))


def _id(file: RuleFile, data: dict[str, Any]) -> str:
    found = text(data["id"], ("id",))
    if found != file.name or not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", found):
        raise WrongError(("id",), f"id: {found!r} must be lower-case words with - and the file's name, {file.name!r}")
    return found


def _family(file: RuleFile, data: dict[str, Any]) -> str:
    if "family" in data:
        return word(data["family"], ("family",), FAMILIES)
    if file.family not in FAMILIES:
        message = f"the folder {file.family!r} is no family; say family: with one of {', '.join(FAMILIES)}"
        raise WrongError((), message)
    return file.family


def _one_of(data: dict[str, Any]) -> None:
    given = [key for key in ("require", "predicate", "issue") if key in data]
    if len(given) != 1:
        raise WrongError(tuple(given[-1:]), "exactly one of require, predicate and issue is needed", at_key=True)


def _predicate(data: dict[str, Any], scope: str) -> str:
    if "predicate" not in data:
        return ""
    name = word(data["predicate"], ("predicate",), PREDICATES)
    if PREDICATES[name].scope != scope:
        raise WrongError(("predicate",), f"predicate {name} is for the scope {PREDICATES[name].scope}, not {scope}")
    return name


def _issue(data: dict[str, Any], scope: str) -> str:
    if ("issue" in data) != (scope == "setting"):
        raise WrongError(("scope",), "the scope setting and the key issue belong together")
    return text(data["issue"], ("issue",)) if "issue" in data else ""


def _params(data: Any) -> dict[str, Parameter]:
    found = {}
    for name, row in mapping(data, ("params",)).items():
        path = ("params", name)
        values = mapping(row, path, ("default", "help"))
        if "default" not in values or "help" not in values:
            raise WrongError(path, f"parameter {name}: default and help are needed")
        given = text(values["default"], (*path, "default"))
        kind, value = read_value(given)
        found[name] = Parameter(kind, value, given, text(values["help"], (*path, "help")))
    return found
