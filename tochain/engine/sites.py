"""Where a rule is asked: a component, a hop, a hop with one of its boxes, or two hops that follow one another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from tochain.engine.nodes import Ref
from tochain.model.component import Component
from tochain.model.fact import Fact, Facts
from tochain.model.finding import HopRef
from tochain.model.hop import Graph, Hop, Pair
from tochain.model.limit import Limit

__all__ = ["End", "Site", "Sites", "hop_site", "pair_site"]


@dataclass(frozen=True, slots=True)
class End:
    """A component in a role, with the timers in force there."""

    component: Component
    facts: Facts


@dataclass(frozen=True, slots=True)
class Site:
    """One place a rule is asked at; `key` names it by the keys of its components.

    `open` marks one whose far end nobody described: what it would take to decide there is not asked for.
    """

    ends: dict[str, End]
    hop: HopRef
    path: tuple[str, ...] = ()
    protocols: tuple[str, ...] = ()
    open: bool = False

    def facts(self, ref: Ref) -> tuple[Fact, ...]:
        """Every value of a timer here; several where inner scopes differ."""
        end = self.ends.get(ref.role)
        return end.facts.get(ref.timer, ()) if end is not None else ()

    @property
    def key(self) -> tuple[str, ...]:
        """The keys of its components, in the order of the roles."""
        return tuple(end.component.key for end in self.ends.values())

    @property
    def names(self) -> dict[str, str]:
        """The components' names by role."""
        return {role: end.component.name for role, end in self.ends.items()}


@dataclass(slots=True)
class _Listed:
    """The sites of one scope: numbers of those that are alike, and by role and timer the groups that have the timer."""

    sites: list[Site]
    alike: list[list[int]]
    having: dict[tuple[str, str], list[int]]


@dataclass(slots=True)
class Sites:
    """The sites of a graph by scope, each list made once, and only when a rule asks."""

    graph: Graph
    _made: dict[str, _Listed] = field(default_factory=dict)

    def having(
        self, scope: str, refs: Iterable[Ref], wanted: Callable[[Site], bool] = lambda site: True
    ) -> Iterator[Site]:
        """The sites of a scope that have at least one of the timers, in the order of the graph.

        Sites where the same values meet are asked for once: `wanted` sees one of them and speaks for all.
        """
        if scope not in self._made:
            self._made[scope] = _listed(list(_MAKERS[scope](self.graph)))
        listed = self._made[scope]
        groups = {group for ref in refs for group in listed.having.get((ref.role, ref.timer), ())}
        found = [group for group in map(listed.alike.__getitem__, groups) if wanted(listed.sites[group[0]])]
        return (listed.sites[number] for number in sorted(chain.from_iterable(found)))


def _listed(sites: list[Site]) -> _Listed:
    shapes = _Shapes()
    groups: dict[object, list[int]] = {}
    for number, site in enumerate(sites):
        groups.setdefault(shapes.of_site(site), []).append(number)
    alike = list(groups.values())
    having: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for at, group in enumerate(alike):
        for role, end in sites[group[0]].ends.items():
            for timer in end.facts:
                having[role, timer].append(at)
    return _Listed(sites, alike, having)


class _Shapes:
    """What a rule sees of a site, as something to compare: what it decides is the same wherever that stands."""

    def __init__(self) -> None:
        self._numbers: dict[Limit, int] = {}
        # Limits live as long as the graph, and equal ones are mostly one object: each is compared by its value once.
        self._by_identity: dict[int, int] = {}

    def of_site(self, site: Site) -> tuple[object, ...]:
        """Protocols, whether the far end is known, and the timers of each end."""
        return site.protocols, site.open, *[(role, self._of(end.facts)) for role, end in site.ends.items()]

    def _of(self, facts: Facts) -> tuple[object, ...]:
        """Timers with their values, origins and, where several are real, the inner scopes they belong to."""
        known, number = self._by_identity.get, self._number
        return tuple(
            [
                (timer, known(id(found[0].limit)) or number(found[0].limit), found[0].origin)
                if len(found) == 1
                else (timer, *[(number(fact.limit), fact.origin, fact.scope) for fact in found])
                for timer, found in facts.items()
            ]
        )

    def _number(self, limit: Limit) -> int:
        number = self._by_identity[id(limit)] = self._numbers.setdefault(limit, len(self._numbers) + 1)
        return number


def hop_site(graph: Graph, hop: Hop, box: Component | None = None) -> Site:
    """A hop, with the box it is looked at for."""
    ends = {"client": End(hop.client, hop.client_facts), "server": End(hop.server, hop.server_facts)}
    if box is not None:
        ends["box"] = End(box, box.facts)
    ref = HopRef(hop.client.name, hop.server.name, box.name if box is not None else None)
    return Site(ends, ref, _path(graph, hop), (hop.protocol,), _nobody(hop))


def pair_site(graph: Graph, pair: Pair) -> Site:
    """Two hops that follow one another; the finding is about the outer one, whose client waits."""
    outer, inner = pair.outer, pair.inner
    ends = {
        "outer.client": End(outer.client, outer.client_facts),
        "outer.server": End(outer.server, outer.server_facts),
        "inner.client": End(inner.client, inner.client_facts),
        "inner.server": End(inner.server, inner.server_facts),
    }
    names = (outer.client.name, outer.server.name, inner.server.name)
    path = next((p for p in (_path(graph, outer), _path(graph, inner)) if _holds(p, names)), names)
    hop, protocols = HopRef(outer.client.name, outer.server.name), (outer.protocol, inner.protocol)
    return Site(ends, hop, path, protocols, _nobody(inner))


def _nobody(hop: Hop) -> bool:
    return hop.server.key.startswith("open:")


def _path(graph: Graph, hop: Hop) -> tuple[str, ...]:
    return graph.path_of.get(hop.key, (hop.client.name, hop.server.name))


def _holds(path: tuple[str, ...], names: tuple[str, ...]) -> bool:
    return any(path[at : at + len(names)] == names for at in range(len(path)))


CALLERS = ("client", "pool", "monitor")


def _components(graph: Graph) -> Iterator[Site]:
    """Each component, once for each hop it opens and each link that leads nowhere known, else once as it is."""
    calls: dict[str, list[tuple[Facts, str]]] = {}
    for hop in graph.hops:
        calls.setdefault(hop.client.key, []).append((hop.client_facts, hop.protocol))
    open_ = {(end.client.key, end.span) for end in graph.open_ends}
    for component in graph.components:
        places = list(calls.get(component.key, ()))
        links = [link for link in component.links if (component.key, link.span) in open_]
        places += [({**component.facts, **link.facts}, link.protocol) for link in links]
        for facts, protocol in places or [(_alone(component), component.protocol)]:
            yield Site({"self": End(component, facts)}, HopRef(component.name), (component.name,), (protocol,))


def _alone(component: Component) -> Facts:
    """The timers of what nobody saw open a connection: as a client it has some only when that is what it is."""
    if component.kind in CALLERS:
        return component.facts
    return {timer: found for timer, found in component.facts.items() if not timer.startswith("connect.")}


def _hops(graph: Graph) -> Iterator[Site]:
    yield from (hop_site(graph, hop) for hop in (*graph.hops, *graph.open_hops))
    for hop in graph.hops:
        for box in hop.boxes:
            site = _balanced(graph, hop, box)
            if site is not None:
                yield site


def _balanced(graph: Graph, hop: Hop, box: Component) -> Site | None:
    """A balancer that ends no connections, as the one that takes its targets out: their lives alone, where somebody set its."""
    own = {timer: found for timer, found in box.facts.items() if timer.startswith("lifecycle.")}
    if all(fact.origin in ("default", "fixed") for found in own.values() for fact in found):
        return None
    target = {timer: found for timer, found in hop.server_facts.items() if timer.startswith("lifecycle.")}
    ends = {"client": End(box, own), "server": End(hop.server, target)}
    return Site(ends, HopRef(box.name, hop.server.name), _path(graph, hop), (hop.protocol,))


def _flows(graph: Graph) -> Iterator[Site]:
    return (hop_site(graph, hop, box) for hop in graph.hops for box in hop.boxes)


def _pairs(graph: Graph) -> Iterator[Site]:
    return (pair_site(graph, pair) for pair in graph.pairs)


_MAKERS: dict[str, Callable[[Graph], Iterator[Site]]] = {
    "component": _components,
    "hop": _hops,
    "flow": _flows,
    "pair": _pairs,
}
