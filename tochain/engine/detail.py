"""What a rule says once it has found something: sentence, labels, wire story, fixes; read only then."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, cast

from tochain.engine.expr import SCOPES
from tochain.engine.fields import Fields, mapping, sequence, text, word
from tochain.engine.nodes import Call, Node, Ref, refs
from tochain.engine.rulefile import Path_, WrongError
from tochain.engine.template import Template
from tochain.model.finding import SEVERITIES, Severity

__all__ = ["DETAIL_KEYS", "Detail", "FixSpec", "LabelSpec", "Soften", "WireStep", "read_detail"]

DETAIL_KEYS = (
    "summary", "message", "labels", "soften", "wire", "seen", "behaviour", "fix", "mend", "why", "sources", "since",
    "replaced_by",
)  # fmt: skip
BYSTANDERS = ("peer", "user", "operator", "kernel", "box")
"""Who may stand at an arrow of a wire story besides the roles."""


@dataclass(frozen=True, slots=True)
class LabelSpec:
    """One place a finding shows: a timer, or the one that min, max or earliest takes."""

    of: Node
    text: Template
    primary: bool = False
    when: Node | None = None


@dataclass(frozen=True, slots=True)
class Soften:
    """A circumstance that makes a finding less grave (or, without a severity, only worth a note)."""

    when: Node
    severity: Severity | None
    because: Template


@dataclass(frozen=True, slots=True)
class WireStep:
    """One arrow of the wire story, `at` a time."""

    at: Node
    sender: str
    receiver: str
    send: Template
    when: Node | None = None


@dataclass(frozen=True, slots=True)
class FixSpec:
    """A change that would mend a finding: the timer to set, and what to."""

    timer: Ref
    to: Node
    safety: Literal["safe", "unsafe"]
    because: Template
    when: Node | None = None


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything a finding of a rule says. `behaviour` is a role and the key of its product's known behaviour."""

    summary: str
    message: Template
    labels: tuple[LabelSpec, ...]
    soften: tuple[Soften, ...]
    wire: tuple[WireStep, ...]
    seen: tuple[Template, ...]
    fixes: tuple[FixSpec, ...]
    behaviour: tuple[str, str] | None
    why: str
    sources: tuple[str, ...]

    @property
    def refs(self) -> tuple[Ref, ...]:
        """Every timer its sentences, labels, story and fixes name."""
        nodes: list[Node | None] = []
        sentences = [self.message, *self.seen]
        for label in self.labels:
            nodes += [label.of, label.when]
            sentences.append(label.text)
        for row in self.soften:
            nodes.append(row.when)
            sentences.append(row.because)
        for step in self.wire:
            nodes += [step.at, step.when]
            sentences.append(step.send)
        for fix in self.fixes:
            nodes += [fix.timer, fix.to, fix.when]
            sentences.append(fix.because)
        return refs(*nodes, *(part for sentence in sentences for part in sentence.nodes))


def read_detail(data: dict[str, Any], fields: Fields, *, issue: bool) -> Detail:
    """The detail in a rule's data; raises WrongError with the path of what is wrong."""
    for key in ("summary", "why", "since", "sources", *(() if issue else ("message", "labels", "seen"))):
        if not data.get(key):
            raise WrongError((), f"{key} is missing")
    labels = tuple(_label(row, path, fields) for row, path in _rows(data, "labels"))
    if not issue and not any(label.primary for label in labels):
        raise WrongError(("labels",), "labels: one must be primary", at_key=True)
    return Detail(
        summary=text(data["summary"], ("summary",)),
        message=fields.sentence(data.get("message", "{self}: {text}"), ("message",)),
        labels=labels,
        soften=tuple(_soften(row, path, fields) for row, path in _rows(data, "soften")),
        wire=tuple(_step(row, path, fields) for row, path in _rows(data, "wire")),
        seen=tuple(fields.sentence(row, path) for row, path in _rows(data, "seen")),
        fixes=tuple(_fix(row, path, fields) for row, path in _rows(data, "fix")),
        behaviour=_behaviour(data, fields),
        why=text(data["why"], ("why",)),
        sources=tuple(text(row, path) for row, path in _rows(data, "sources")),
    )


def _rows(data: dict[str, Any], key: str) -> Iterable[tuple[Any, Path_]]:
    return ((row, (key, at)) for at, row in enumerate(sequence(data.get(key), (key,))))


def _need(row: dict[str, Any], path: Path_, *keys: str) -> None:
    for key in keys:
        if key not in row:
            raise WrongError(path, f"{path[0]}: {key} is missing")


def _label(row: Any, path: Path_, fields: Fields) -> LabelSpec:
    given = mapping(row, path, ("of", "text", "primary", "when"))
    _need(given, path, "of", "text")
    of = fields.expression(given["of"], (*path, "of"), ("time", "count", "word"))
    if not isinstance(of, Ref) and not (isinstance(of, Call) and all(isinstance(arg, Ref) for arg in of.args)):
        raise WrongError((*path, "of"), "of: expected a timer, or min, max or earliest of timers")
    primary = word(given.get("primary", "false"), (*path, "primary"), ("true", "false")) == "true"
    sentence = fields.sentence(given["text"], (*path, "text"), ("value",))
    return LabelSpec(of, sentence, primary, fields.condition(given, path))


def _soften(row: Any, path: Path_, fields: Fields) -> Soften:
    given = mapping(row, path, ("when", "severity", "because"))
    _need(given, path, "when", "because")
    severity = word(given["severity"], (*path, "severity"), SEVERITIES) if "severity" in given else None
    when = fields.expression(given["when"], (*path, "when"))
    return Soften(when, cast("Severity | None", severity), fields.sentence(given["because"], (*path, "because")))


def _step(row: Any, path: Path_, fields: Fields) -> WireStep:
    given = mapping(row, path, ("at", "from", "to", "send", "when"))
    _need(given, path, "at", "from", "to", "send")
    who = (*SCOPES[fields.scope], *BYSTANDERS)
    return WireStep(
        fields.expression(given["at"], (*path, "at"), ("time",)),
        word(given["from"], (*path, "from"), who),
        word(given["to"], (*path, "to"), who),
        fields.sentence(given["send"], (*path, "send")),
        fields.condition(given, path),
    )


def _fix(row: Any, path: Path_, fields: Fields) -> FixSpec:
    given = mapping(row, path, ("set", "to", "safety", "because", "when"))
    _need(given, path, "set", "to", "because")
    timer = fields.expression(given["set"], (*path, "set"), ("time", "count", "word"))
    if not isinstance(timer, Ref):
        raise WrongError((*path, "set"), "set: expected one timer")
    to = fields.expression(given["to"], (*path, "to"), (timer.kind,))
    safety = word(given.get("safety", "unsafe"), (*path, "safety"), ("safe", "unsafe"))
    because = fields.sentence(given["because"], (*path, "because"))
    return FixSpec(timer, to, cast(Literal["safe", "unsafe"], safety), because, fields.condition(given, path))


def _behaviour(data: dict[str, Any], fields: Fields) -> tuple[str, str] | None:
    if "behaviour" not in data:
        return None
    role, _, key = text(data["behaviour"], ("behaviour",)).rpartition(".")
    if role not in SCOPES[fields.scope] or not key:
        roles = ", ".join(SCOPES[fields.scope])
        raise WrongError(("behaviour",), f"behaviour: expected ROLE.KEY, the role one of {roles}")
    return role, key
