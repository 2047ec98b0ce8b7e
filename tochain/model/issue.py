"""What a product itself can tell is wrong with one setting, before any neighbour is looked at."""

from __future__ import annotations

from dataclasses import dataclass

from tochain.model.span import Span

__all__ = ["Issue"]


@dataclass(frozen=True, slots=True)
class Issue:
    """A setting that is wrong by itself.

    `kind` is the id of the rule that reports it (keepalive-without-effect, setting-out-of-range,
    suspicious-unit, setting-without-effect, setting-unknown-in-version ...); `text` completes the sentence "{component}: ...";
    `others` are further places that decide it, each with what to say there; `called` are the settings and values that stand at
    those places, in their order, where they are others. `value` and `timer` fill the label.
    """

    kind: str
    setting: str
    value: str
    span: Span
    text: str
    timer: str = ""
    others: tuple[tuple[Span, str], ...] = ()
    fix: str = ""
    source: str | None = None
    called: tuple[tuple[str, str], ...] = ()
