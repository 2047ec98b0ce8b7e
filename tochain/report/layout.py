"""Where the components of a graph go in a picture: columns along the direction of requests, rows that cross little.

Linear in the size of the graph, cycles included.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from statistics import fmean

from tochain.model.component import Component
from tochain.model.hop import Graph, Hop

__all__ = ["columns"]


def columns(graph: Graph, without: Collection[str] = ()) -> list[list[Component]]:
    """The components column by column, outermost first; each from top to bottom; keys in `without` are left out."""
    chosen = (component for component in graph.components if component.key not in without)
    ordered = sorted(chosen, key=lambda component: (component.name, component.key))
    hops = _acyclic(ordered, graph.hops)
    depth = _depths(ordered, hops)
    filled: list[list[Component]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for component in ordered:
        filled[depth[component.key]].append(component)
    return _settled(filled, hops)


def _acyclic(components: Sequence[Component], hops: Sequence[Hop]) -> list[tuple[str, str]]:
    """The ends of all hops but those that lead back to a component on the way to them."""
    below: dict[str, list[str]] = {component.key: [] for component in components}
    for hop in sorted(hops, key=lambda hop: (hop.server.name, hop.server.key)):
        below[hop.client.key].append(hop.server.key)
    entered = {hop.server.key for hop in hops}
    roots = sorted((component.key for component in components), key=lambda key: key in entered)
    kept: list[tuple[str, str]] = []
    state: dict[str, int] = {}
    for root in roots:
        stack = [(root, iter(below[root]))] if root not in state else []
        state.setdefault(root, 1)
        while stack:
            key, rest = stack[-1]
            inner = next(rest, None)
            if inner is None:
                state[key] = 2
                stack.pop()
            elif state.get(inner) != 1:
                kept.append((key, inner))
                if inner not in state:
                    state[inner] = 1
                    stack.append((inner, iter(below[inner])))
    return kept


def _depths(components: Sequence[Component], hops: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The length of the longest way to each component."""
    below: dict[str, list[str]] = {component.key: [] for component in components}
    waiting = dict.fromkeys(below, 0)
    for client, server in hops:
        below[client].append(server)
        waiting[server] += 1
    depth = dict.fromkeys(below, 0)
    ready = [key for key, number in waiting.items() if not number]
    for key in ready:
        for inner in below[key]:
            depth[inner] = max(depth[inner], depth[key] + 1)
            waiting[inner] -= 1
            if not waiting[inner]:
                ready.append(inner)
    return depth


def _settled(filled: list[list[Component]], hops: Sequence[tuple[str, str]]) -> list[list[Component]]:
    """Each column sorted by the mean row of the components that lead to it."""
    above: dict[str, list[str]] = {}
    for client, server in hops:
        above.setdefault(server, []).append(client)
    row: dict[str, float] = {}
    settled = []
    for column in filled:
        means = {c.key: fmean(row.get(key, 0) for key in above[c.key]) if c.key in above else 0.0 for c in column}
        column = sorted(column, key=lambda component: means[component.key])
        row.update({component.key: at for at, component in enumerate(column)})
        settled.append(column)
    return settled
