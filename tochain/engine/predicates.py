"""What an inequality cannot say: named functions that a rule file asks for with `predicate:`.

A predicate of the scopes component, hop, flow and pair tells for one choice of facts whether all is well (`holds`); one
of the scope path walks the whole graph and yields what it found (`find`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tochain.engine.evaluate import Env, Value
from tochain.engine.logic import Number, Truth
from tochain.engine.nodes import Ref
from tochain.engine.sites import Site, pair_site
from tochain.model.fact import Fact
from tochain.model.hop import Graph, Hop, Pair
from tochain.model.limit import Finite

__all__ = ["PREDICATES", "Found", "Predicate"]


@dataclass(frozen=True, slots=True)
class Found:
    """Something a path predicate found: where, the facts that decide it, and words for the rule's sentences."""

    site: Site
    facts: Mapping[Ref, Fact]
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Predicate:
    """A named condition; `refs` are the timers whose values `holds` is given, `words` what `find` adds to sentences."""

    scope: str
    refs: tuple[Ref, ...] = ()
    words: tuple[str, ...] = ()
    holds: Callable[[Env], Truth] | None = None
    find: Callable[[Graph, Mapping[str, Value]], Iterable[Found]] | None = None


_ATTEMPTS = "connect.attempts"


def _tries_multiply(graph: Graph, params: Mapping[str, Value]) -> Iterator[Found]:
    """Chains on which two or more clients try again, so that one request becomes more tries than `limit`.

    For each hop the largest product below it, found once; a cycle counts no hop twice.
    """
    limit = params["limit"]
    assert isinstance(limit, Number)
    below: dict[str, list[Hop]] = {}
    for hop in graph.hops:
        below.setdefault(hop.client.key, []).append(hop)
    best = _largest(graph.hops, below)
    reached = {id(hop) for chain in best.values() for hop in chain[1:]}
    for hop in graph.hops:
        trying = [h for h in best[id(hop)] if _tries(h) > 1]
        total = _product(best[id(hop)])
        if id(hop) in reached or len(trying) < 2 or total <= limit.hi:
            continue
        site = pair_site(graph, Pair(trying[0], trying[-1]))
        facts = {
            Ref("outer.client", _ATTEMPTS): trying[0].client_facts[_ATTEMPTS][0],
            Ref("inner.client", _ATTEMPTS): trying[-1].client_facts[_ATTEMPTS][0],
        }
        names = " -> ".join((trying[0].client.name, *(h.server.name for h in best[id(hop)])))
        yield Found(site, facts, {"tries": str(total), "chain": names})


def _tries(hop: Hop) -> int:
    """The tries a hop's client makes for sure; one where that is not known."""
    known = [fact.limit.amount for fact in hop.client_facts.get(_ATTEMPTS, ()) if isinstance(fact.limit, Finite)]
    return max(known, default=1)


def _product(chain: tuple[Hop, ...]) -> int:
    total = 1
    for hop in chain:
        total *= max(_tries(hop), 1)
    return total


def _largest(hops: tuple[Hop, ...], below: dict[str, list[Hop]]) -> dict[int, tuple[Hop, ...]]:
    """For each hop the chain that begins with it and multiplies most; depth first with a stack of its own."""
    done: dict[int, tuple[Hop, ...]] = {}
    for start in hops:
        stack = [(start, False)]
        open_: set[int] = set()
        while stack:
            hop, ready = stack.pop()
            if id(hop) in done or (not ready and id(hop) in open_):
                continue
            after = below.get(hop.server.key, [])
            if ready:
                rest = max((done[id(n)] for n in after if id(n) in done), key=_product, default=())
                done[id(hop)] = (hop, *rest)
            else:
                open_.add(id(hop))
                stack.append((hop, True))
                stack.extend((n, False) for n in after if id(n) not in done)
    return done


PREDICATES: dict[str, Predicate] = {
    "tries_multiply": Predicate("path", words=("tries", "chain"), find=_tries_multiply),
}
"""Every predicate by the name rule files use."""
