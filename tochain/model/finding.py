"""Findings: what does not fit, shown at every place that decides it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from tochain.model.fact import Origin
from tochain.model.limit import Limit
from tochain.model.span import Span

__all__ = [
    "FAMILIES",
    "SEVERITIES",
    "Change",
    "Family",
    "Finding",
    "Fix",
    "HopRef",
    "Label",
    "Severity",
    "Step",
    "Undecided",
]

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")

Family = Literal[
    "idle-reuse", "flow-state", "deadline", "retry", "heartbeat", "ping",
    "session", "drain", "tls", "monitor", "schedule", "setting",
]  # fmt: skip
FAMILIES: tuple[Family, ...] = Family.__args__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class HopRef:
    """The hop a finding is about, by the names of its ends and box; `server` is "" for a single component."""

    client: str
    server: str = ""
    box: str | None = None

    def __str__(self) -> str:
        return f"{self.client}->{self.server}" if self.server else self.client


@dataclass(frozen=True, slots=True)
class Label:
    """One place of a finding: the value there, where it comes from, and what to say beside it."""

    component: str
    timer: str
    setting: str
    value: str
    seconds: float | None
    origin: Origin
    span: Span
    text: str
    source: str | None = None
    because: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow of the wire story: at `at` microseconds `sender` sends `what` to `receiver`.

    `latest` is given where `at` is only the earliest of several possible times.
    """

    at: int | None
    sender: str
    receiver: str
    what: str
    label: Label | None = None
    latest: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One value put in place of another: the component's key, the setting and where it stands, and what it would be.

    `more` tells a value that is raised from one that is lowered.
    """

    component: str
    setting: str
    span: Span
    limit: Limit
    more: bool = False


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that would mend the finding: which setting, what value, and how the value came about.

    `change` is the same for trying it out; it is not told.
    """

    component: str
    setting: str
    value: str
    because: str
    safety: Literal["safe", "unsafe"] = "unsafe"
    span: Span | None = None
    change: Change | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """Two timers (or one) that do not fit; `rule` is the rule's id, the first label is the primary place.

    `count` tells how many equal places were folded into this one. `confidence` is "high", or "medium" when a
    decisive value is assumed or the default of an unknown version; `notes` say which.
    """

    rule: str
    family: Family
    severity: Severity
    message: str
    hop: HopRef
    path: tuple[str, ...]
    labels: tuple[Label, ...]
    seen: tuple[str, ...] = ()
    fixes: tuple[Fix, ...] = ()
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    confidence: Literal["high", "medium"] = "high"
    count: int = 1
    fingerprint: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def primary(self) -> Label:
        """The place the finding is reported at."""
        return next((label for label in self.labels if label.primary), self.labels[0])


@dataclass(frozen=True, slots=True)
class Undecided:
    """A rule that could not be decided on a hop, and the timers that would decide it."""

    rule: str
    hop: HopRef
    needs: tuple[str, ...]
