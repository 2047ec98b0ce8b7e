"""Components and their links to the hop graph: boxes laid onto hops, declared paths, pairs of hops, open ends."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tochain.graph.amplify import with_amplification
from tochain.graph.far import with_far_work
from tochain.graph.heartbeat import with_heartbeats
from tochain.graph.index import Index
from tochain.graph.worst import with_worst
from tochain.model.component import Component, Link, Workload
from tochain.model.fact import HTTP2, Facts
from tochain.model.hop import DeclaredPath, Graph, Hop, OpenEnd, Pair
from tochain.model.span import Span

__all__ = ["build"]

MAX_BOXES = 8
MAX_PATH = 16
_PASSING = ("box", "kernel")
"""What a declared path goes through without ending the connection: a kernel in the middle tracks it."""
MAX_RIDERS = 8


@dataclass(slots=True)
class _Edge:
    """A link that found its other side."""

    client: Component
    server: Component
    link: Link | None
    why: str
    via: tuple[str, ...] = ()
    span: Span | None = None


@dataclass(slots=True)
class _Builder:
    index: Index
    edges: list[_Edge] = field(default_factory=list)
    open_ends: list[tuple[OpenEnd, Link]] = field(default_factory=list)
    hops: list[Hop] = field(default_factory=list)


def build(
    components: tuple[Component, ...],
    workloads: tuple[Workload, ...] = (),
    declared: tuple[DeclaredPath, ...] = (),
    by_name: dict[str, Component] | None = None,
) -> Graph:
    """The hop graph; `by_name` are the components tochain.yaml names, `declared` its paths over them."""
    builder = _Builder(Index(components, workloads))
    for component in components:
        for link in component.links:
            _follow(builder, component, link)
    builder.edges += _riding(builder.edges, components)
    names = by_name or {}
    paths = []
    taken: set[tuple[str, str]] = set()
    for path in declared:
        chain = [names[name] for name, _ in path.names if name in names]
        paths.append(tuple(component.name for component in chain if component.kind not in _PASSING))
        taken |= _declared_hops(builder, chain, path)
    _found_hops(builder, taken)
    nobody = {hop.client.key: hop.client for hop in builder.hops if hop.client.key.startswith("client:")}
    everything = tuple({c.key: c for c in (*components, *builder.index.by_key.values(), *nobody.values())}.values())
    hops = with_far_work(with_amplification(tuple(with_worst(hop) for hop in builder.hops)))
    still_open = _still_open(builder, taken)
    beating = with_heartbeats((*hops, *_open_hops(still_open), *_lone_hops(components, hops)))
    hops, open_hops = beating[: len(hops)], beating[len(hops) :]
    pairs = _pairs(hops, open_hops)
    ends = tuple(end for end, _ in still_open)
    return Graph(everything, hops, pairs, tuple(paths), ends, open_hops, _path_names(hops, paths))


def _follow(builder: _Builder, component: Component, link: Link) -> None:
    match = builder.index.find(component, link)
    for server in match.targets:
        via = (*link.via, *match.via)
        builder.edges.append(_Edge(component, server, link, match.why, via, link.span))
    if not match.targets:
        shown = str(link.target) or "?"
        builder.open_ends.append((OpenEnd(component, shown, match.reason, link.span, match.candidates), link))


def _riding(edges: list[_Edge], components: tuple[Component, ...]) -> list[_Edge]:
    """What is streamed over a server's own connections: a WebSocket or event stream of the same program is reached as it is."""
    riders: dict[str, list[Component]] = defaultdict(list)
    for component in components:
        if component.rides:
            riders[component.program].append(component)
    return [
        replace(edge, server=rider, link=replace(edge.link, protocol=rider.protocol) if edge.link else None)
        for edge in edges
        for rider in riders.get(edge.server.program, [])[:MAX_RIDERS]
    ]


def _declared_hops(builder: _Builder, chain: list[Component], path: DeclaredPath) -> set[tuple[str, str]]:
    """One hop for each two neighbours that end connections, with the boxes between them."""
    taken: set[tuple[str, str]] = set()
    client: Component | None = None
    boxes: list[Component] = []
    for component in chain:
        if component.kind in _PASSING:
            boxes.append(component)
            continue
        if client is None and boxes:
            client = _somebody(boxes[0])
        if client is not None:
            _declared_hop(builder, client, component, tuple(boxes), path)
            taken.add((client.key, component.key))
        client, boxes = component, []
    return taken


def _declared_hop(
    builder: _Builder, client: Component, server: Component, boxes: tuple[Component, ...], path: DeclaredPath
) -> None:
    links = [
        edge.link
        for edge in builder.edges
        if edge.client.key == client.key and edge.server.key == server.key and edge.link
    ]
    if not links and client.links:
        found = {(e.client.key, e.span) for e in builder.edges}
        links = [link for link in client.links if (client.key, link.span) not in found] or list(client.links)
    seen: set[tuple[int, str]] = set()
    for link in links or [None]:  # type: ignore[list-item]
        mark = (id(link.settings) if link and link.settings else 0, link.protocol if link else "")
        if mark in seen:
            continue
        seen.add(mark)
        builder.hops.append(_hop(client, server, link, boxes, "declared", path.span, path.protocol, declared=True))


def _hop(
    client: Component,
    server: Component,
    link: Link | None,
    boxes: tuple[Component, ...],
    why: str,
    span: Span | None,
    protocol: str = "",
    *,
    declared: bool = False,
) -> Hop:
    facts: Facts = {**client.facts, **link.facts} if link else client.facts
    protocol = protocol or (link.protocol if link else "") or server.protocol
    label = link.label if link else ""
    return Hop(
        client,
        server,
        facts,
        _asked(_spoken(server.facts, protocol), link),
        boxes,
        protocol,
        label,
        why,
        span,
        declared,
    )


def _spoken(facts: Facts, protocol: str) -> Facts:
    """The timers of the protocol that is spoken: what a server has for HTTP/2 apart counts there, and there alone."""
    apart = [timer for timer, found in facts.items() if any(fact.scope == HTTP2 for fact in found)]
    if not apart or not protocol:
        return facts
    wanted = protocol in ("http2", "grpc")
    chosen = {timer: tuple(f for f in facts[timer] if (f.scope == HTTP2) == wanted) for timer in apart}
    return {**facts, **{timer: found for timer, found in chosen.items() if found}}


def _asked(facts: Facts, link: Link | None) -> Facts:
    """The timers of the other side, those of the part that is asked for alone where they differ by part."""
    if link is None or not link.part:
        return facts
    return {t: tuple(fact for fact in found if fact.scope == link.part) or found for t, found in facts.items()}


def _somebody(box: Component) -> Component:
    """The client nobody described in front of a box."""
    return Component(f"client:{box.key}", "client", "client", box.span, "client", scope=box.scope)


def _found_hops(builder: _Builder, taken: set[tuple[str, str]]) -> None:
    """Hops for the edges; a box in between is laid onto the hop from whoever comes before it."""
    beyond: dict[str, list[_Edge]] = defaultdict(list)
    reached = set()
    for edge in builder.edges:
        if edge.client.kind == "box":
            beyond[edge.client.key].append(edge)
        if edge.server.kind == "box":
            reached.add(edge.server.key)
    for edge in builder.edges:
        if edge.client.kind != "box":
            _through(builder, edge, edge, (), beyond, taken)
        elif edge.client.key not in reached:
            first = _Edge(_somebody(edge.client), edge.server, None, edge.why, edge.via, edge.span)
            _through(builder, first, edge, (_towards(edge.client, edge),), beyond, taken)


def _towards(box: Component, edge: _Edge) -> Component:
    """A box with what it has for one of its backends alone."""
    facts = edge.link.facts if edge.link is not None else {}
    return replace(box, facts={**box.facts, **facts}) if facts else box


def _through(
    builder: _Builder,
    first: _Edge,
    last: _Edge,
    boxes: tuple[Component, ...],
    beyond: dict[str, list[_Edge]],
    taken: set[tuple[str, str]],
) -> None:
    boxes = (*boxes, *(builder.index.by_key[key] for key in last.via if key in builder.index.by_key))
    server = last.server
    if server.kind == "box":
        if len(boxes) < MAX_BOXES and server.key not in {box.key for box in boxes}:
            for edge in beyond[server.key]:
                _through(builder, first, edge, (*boxes, _towards(server, edge)), beyond, taken)
        return
    if (first.client.key, server.key) in taken:
        return
    builder.hops.append(_hop(first.client, server, first.link, boxes, last.why, first.span))


def _still_open(builder: _Builder, taken: set[tuple[str, str]]) -> list[tuple[OpenEnd, Link]]:
    declared = {client for client, _ in taken}
    return [(end, link) for end, link in builder.open_ends if end.client.key not in declared]


def _open_hops(open_ends: list[tuple[OpenEnd, Link]]) -> Iterator[Hop]:
    """Hops to servers nobody described; links of one component with the same timers stand for one another."""
    seen: dict[str, _Seen] = defaultdict(_Seen)
    for end, link in open_ends:
        if end.client.kind == "box" or not seen[end.client.key].new(link.facts):
            continue
        name = end.target if end.target != "?" else "somebody"
        nobody = Component(f"open:{name}", name, "server", end.span, scope=end.client.scope)
        yield with_worst(_hop(end.client, nobody, link, (), end.reason, end.span))


@dataclass(slots=True)
class _Seen:
    """Timers that were met: links of one scope share theirs, so their values are compared only where there are others."""

    facts: list[Facts] = field(default_factory=list)
    shapes: set[int] = field(default_factory=set)

    def new(self, facts: Facts) -> bool:
        """Whether no timers with the same values were met before."""
        if any(facts is old for old in self.facts):
            return False
        if self.facts:
            if not self.shapes:
                self.shapes.add(_shape(self.facts[0]))
            shape = _shape(facts)
            if shape in self.shapes:
                return False
            self.shapes.add(shape)
        self.facts.append(facts)
        return True


def _lone_hops(components: tuple[Component, ...], hops: tuple[Hop, ...]) -> Iterator[Hop]:
    """Hops of callers that say nowhere whom they call."""
    calling = {hop.client.key for hop in hops}
    for component in components:
        if component.kind in ("client", "pool") and not component.links and component.key not in calling:
            nobody = Component("open:somebody", "somebody", "server", component.span, scope=component.scope)
            yield with_worst(_hop(component, nobody, None, (), "nothing says whom it calls", component.span))


def _pairs(hops: tuple[Hop, ...], open_hops: tuple[Hop, ...] = ()) -> tuple[Pair, ...]:
    """Pairs of hops that follow one another; equal timers are paired once, so that hubs stay linear."""
    into: dict[str, dict[tuple[str, int], Hop]] = defaultdict(dict)
    out: dict[str, dict[tuple[str, int], Hop]] = defaultdict(dict)
    for hop in hops:
        into[hop.server.program].setdefault((hop.client.product, _shape(hop.client_facts)), hop)
    for hop in (*hops, *open_hops):
        if hop.client.program in into:
            out[hop.client.program].setdefault((hop.server.product, _shape(hop.client_facts)), hop)
    return tuple(
        Pair(outer, inner)
        for key in into
        for outer in into[key].values()
        for inner in out.get(key, {}).values()
        if outer.client.program != inner.server.program
    )


def _shape(facts: Facts) -> int:
    """A number that two places share when what their client end has written is the same."""
    written = [
        (t, fact.limit, fact.span)
        for t, found in facts.items()
        for fact in found
        if fact.origin != "default" and t.startswith("connect.")
    ]
    return hash(frozenset(written))


def _path_names(hops: tuple[Hop, ...], declared: list[tuple[str, ...]]) -> dict[tuple[str, str], tuple[str, ...]]:
    """For each hop one path through it, by names: the declared one, else first hop backwards and forwards."""
    before: dict[str, Hop] = {}
    after: dict[str, Hop] = {}
    for hop in hops:
        before.setdefault(hop.server.program, hop)
        after.setdefault(hop.client.program, hop)
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for hop in hops:
        if hop.key in found:
            continue
        names = next((path for path in declared if _inside(hop, path)), None) if hop.declared else None
        found[hop.key] = names or (
            *_walk(hop, before, back=True),
            hop.client.name,
            hop.server.name,
            *_walk(hop, after, back=False),
        )
    return found


def _inside(hop: Hop, path: tuple[str, ...]) -> bool:
    return (hop.client.name, hop.server.name) in itertools.pairwise(path)


def _walk(hop: Hop, step: dict[str, Hop], *, back: bool) -> tuple[str, ...]:
    names: list[str] = []
    seen = {hop.client.program, hop.server.program}
    at = hop.client.program if back else hop.server.program
    while at in step and len(names) < MAX_PATH:
        nearest = step[at].client if back else step[at].server
        if nearest.program in seen:
            break
        seen.add(nearest.program)
        names.append(nearest.name)
        at = nearest.program
    return tuple(reversed(names)) if back else tuple(names)
