"""Tries that multiply: how many requests one request becomes at the end of the longest multiplying path below a hop."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace

from tochain.model.fact import Fact, Facts
from tochain.model.hop import Hop
from tochain.model.limit import Finite, Off, Word

__all__ = ["connects_only", "with_amplification"]

MOST = 1_000_000
"""Products beyond this are as bad as it; a cycle counts each of its hops once."""


def with_amplification(hops: tuple[Hop, ...]) -> tuple[Hop, ...]:
    """The hops with `connect.attempts_below`: their tries times those of the worst path behind them, where more than one hop tries again.

    The fact's `because` shows the product hop by hop. Linear in the number of hops, cycles included.
    """
    tries = {index: _tries(hop) for index, hop in enumerate(hops)}
    if sum(count > 1 for count in tries.values()) < 2:
        return hops
    products = _products(hops, tries)
    return tuple(_with(hop, products[index], tries[index]) for index, hop in enumerate(hops))


REQUESTS = frozenset({"", "http", "https", "http2", "grpc", "fastcgi", "uwsgi", "scgi"})
"""Protocols whose requests a proxy may send again; what only passes bytes on can only connect again."""

CONNECT_ONLY = frozenset({"conn-failure", "connect-failure", "refused-stream", "reset-before-request"})
"""Retry conditions under which a request never reached a server, so that trying again multiplies nothing."""


def _tries(hop: Hop) -> int:
    found = hop.client_facts.get("connect.attempts")
    limit = found[0].limit if found else None
    relay = hop.client.kind in ("proxy", "lb") and hop.protocol not in REQUESTS
    if relay or connects_only(hop.client_facts, hop.protocol):
        return 1
    return max(limit.amount, 1) if isinstance(limit, Finite) else 1


GRPC_ONLY = frozenset({"cancelled", "deadline-exceeded", "internal", "resource-exhausted", "unavailable"})
"""Retry conditions on the status of a call, which other requests have none of."""


def connects_only(facts: Facts, protocol: str) -> bool:
    """Whether a client tries again only where it could not connect, or not at all."""
    condition = facts.get("connect.retry_condition")
    limit = condition[0].limit if condition else None
    if isinstance(limit, Word):
        harmless = CONNECT_ONLY if protocol == "grpc" else CONNECT_ONLY | GRPC_ONLY
        return set(limit.text.replace(",", " ").split()) <= harmless
    return isinstance(limit, Off)


@dataclass(frozen=True, slots=True)
class _Worst:
    """The worst product from a hop on, spelled out, and the tries of the first hop in it."""

    product: int = 1
    text: str = ""
    first: Fact | None = None
    behind: Fact | None = None


def _products(hops: tuple[Hop, ...], tries: dict[int, int]) -> dict[int, _Worst]:
    """For each hop the worst product from it on; components of a cycle stand for one."""
    import networkx as nx

    whole: nx.DiGraph[str] = nx.DiGraph()
    whole.add_edges_from((hop.client.program, hop.server.program) for hop in hops)
    small = nx.condensation(whole)
    group = small.graph["mapping"]
    out: dict[int, list[int]] = defaultdict(list)
    for index, hop in enumerate(hops):
        out[group[hop.client.program]].append(index)
    best: dict[int, _Worst] = {}
    done: dict[int, _Worst] = {}
    for node in reversed(list(nx.topological_sort(small))):
        for index in out[node]:
            ahead = group[hops[index].server.program]
            done[index] = _times(tries[index], hops[index], best.get(ahead, _Worst()) if ahead != node else _Worst())
        best[node] = max((done[index] for index in out[node]), default=_Worst(), key=lambda found: found.product)
    return done


def _times(count: int, hop: Hop, below: _Worst) -> _Worst:
    if count == 1:
        return below
    text = f"{count} ({hop.client.name})"
    own = replace(hop.client_facts["connect.attempts"][0], timer="connect.attempts_next", owner=hop.client.name)
    return _Worst(
        min(count * below.product, MOST), f"{text} x {below.text}" if below.text else text, own, behind=below.first
    )


def _with(hop: Hop, worst: _Worst, own: int) -> Hop:
    if worst.product <= own or own == 1:
        return hop
    first = hop.client_facts["connect.attempts"][0]
    fact = replace(first, timer="connect.attempts_below", limit=Finite(worst.product), because=worst.text)
    more: Facts = {"connect.attempts_below": (fact,)}
    if worst.behind is not None:
        more["connect.attempts_next"] = (worst.behind,)
    return replace(hop, client_facts={**hop.client_facts, **more})
