"""Hops and paths: connection segments with the timers of both ends resolved."""

from __future__ import annotations

from dataclasses import dataclass, field

from tochain.model.component import Component
from tochain.model.fact import Facts
from tochain.model.span import Span

__all__ = ["DeclaredPath", "Graph", "Hop", "OpenEnd", "Pair"]


@dataclass(frozen=True, slots=True)
class Hop:
    """One connection segment: `client` opens it, `server` accepts it, `boxes` sit on it without ending it.

    `client_facts` and `server_facts` are the timers in force on this hop; `why` says why the two were joined;
    `label` names the client's place for people ("location /api"); `declared` tells a path of tochain.yaml.
    """

    client: Component
    server: Component
    client_facts: Facts
    server_facts: Facts
    boxes: tuple[Component, ...] = ()
    protocol: str = ""
    label: str = ""
    why: str = ""
    span: Span | None = None
    declared: bool = False

    def with_client_facts(self, facts: Facts) -> Hop:
        """The hop with other timers of its client; spelled out, for there may be thousands."""
        return Hop(
            self.client, self.server, facts, self.server_facts, self.boxes, self.protocol, self.label, self.why,
            self.span, self.declared,
        )  # fmt: skip

    @property
    def key(self) -> tuple[str, str]:
        """The two component keys."""
        return self.client.key, self.server.key

    def __str__(self) -> str:
        return f"{self.client.name}->{self.server.name}"


@dataclass(frozen=True, slots=True)
class DeclaredPath:
    """A path somebody wrote down: component names with their places, outermost first."""

    names: tuple[tuple[str, Span], ...]
    protocol: str
    span: Span


@dataclass(frozen=True, slots=True)
class Pair:
    """Two hops that follow one another on a path: the server of `outer` is the client of `inner`."""

    outer: Hop
    inner: Hop


@dataclass(frozen=True, slots=True)
class OpenEnd:
    """A link whose other side was not found, with the reason and what to add to tochain.yaml."""

    client: Component
    target: str
    reason: str
    span: Span
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """Everything the engine judges: components, hops, pairs of hops, paths, and what stayed open.

    `open_hops` are the open ends as hops to a server nobody described: what their client end decides alone is judged
    too, and they are the inner hop of pairs.
    """

    components: tuple[Component, ...]
    hops: tuple[Hop, ...]
    pairs: tuple[Pair, ...] = ()
    paths: tuple[tuple[str, ...], ...] = ()
    open_ends: tuple[OpenEnd, ...] = ()
    open_hops: tuple[Hop, ...] = ()
    path_of: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
