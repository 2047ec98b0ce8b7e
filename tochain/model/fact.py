"""What is written (`Setting`) and what it comes to (`Fact`): a timer's value with its provenance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from tochain.model.limit import Finite, Limit, OneOf, format_duration
from tochain.model.span import Span
from tochain.model.timers import TIMERS

__all__ = ["HTTP2", "Fact", "Facts", "Origin", "Setting", "Settings", "show"]

HTTP2 = "HTTP/2"
"""The scope of what a server has for HTTP/2 connections apart from those of HTTP/1."""
Origin = Literal["written", "inherited", "default", "fixed", "declared", "assumed"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as somebody wrote it, before anything is known of what it means.

    `name` is the product's own name for it, as its facts file has it; `text` the raw value, quotes removed.
    `unit` overrides the unit of a bare number (code that says TimeUnit.SECONDS). `limit` is given instead of
    `text` to be read when the extractor knows the value (an evaluated expression) or that it cannot be known.
    `scope` names the block it stands in, for people ("location /api"); `variant` the sub-component it belongs to.
    `because` says what else decides it where somebody wrote what holds only unless something else is set.
    """

    name: str
    text: str
    span: Span
    origin: Origin = "written"
    unit: str | None = None
    limit: Limit | None = None
    scope: str = ""
    variant: str | None = None
    because: str = ""

    def inherited(self) -> Setting:
        """The same setting seen from an inner scope."""
        if self.origin != "written":
            return self
        return replace(self, origin="inherited")


Settings = dict[str, tuple[Setting, ...]]
"""Settings by name; several where several scopes of one component set the same thing."""


@dataclass(frozen=True, slots=True)
class Fact:
    """The value of one timer of one end, and where it comes from.

    `span` is where it is written, or where the component that has the default is made known; `source` names
    where a default or fixed value is documented; `because` says in one clause what else decided it
    ("no keepalive directive in upstream app, nginx before 1.29.7"). `owner` is the name of the component it belongs to where
    that is not the end it is seen at (a heartbeat of the far end). `follows` is the setting that is written at `span` where
    this one is not set and takes its value.
    """

    timer: str
    limit: Limit
    setting: str
    origin: Origin
    span: Span
    source: str | None = None
    because: str = ""
    scope: str = ""
    owner: str = ""
    follows: str = ""

    @property
    def value(self) -> str:
        """The value for people, in the timer's own kind."""
        return show(self.timer, self.limit)

    @property
    def likely(self) -> bool:
        """Whether it is only what holds unless an environment variable is set, and nobody knows whether one is.

        What tochain.yaml assumes has no condition: there somebody has decided.
        """
        return self.origin == "assumed" and bool(self.because)

    @property
    def stated(self) -> bool:
        """Whether somebody wrote the value down, be it for when nothing else is set: no default, nothing fixed."""
        return self.origin in ("written", "inherited", "declared") or self.likely


Facts = dict[str, tuple[Fact, ...]]
"""Facts by timer name; several where the component's inner scopes differ, all of them real."""


def show(timer: str, limit: Limit) -> str:
    """A limit for people: a count as a number where the timer counts, else a duration or word."""
    if TIMERS[timer].kind == "count":
        match limit:
            case Finite(amount):
                return str(amount)
            case OneOf(choices):
                return " or ".join(show(timer, choice) for choice in choices)
            case _:
                pass
    return format_duration(limit)
