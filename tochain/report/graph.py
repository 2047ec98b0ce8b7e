"""The hop graph: a tree for people, mermaid and dot for pictures, JSON for programs; what stayed open is listed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tochain.model.component import Component
from tochain.model.fact import Fact, Facts
from tochain.model.hop import Graph, Hop, OpenEnd
from tochain.report.facts import seconds, title, where
from tochain.report.json import dump
from tochain.report.safe import mask, one_line
from tochain.report.view import View, count

__all__ = ["FORMATS", "KEY_TIMERS", "key_facts", "short", "suggestion"]

KEY_TIMERS = {
    "connect": (
        "connect", "idle_keep", "response_header", "read_stall", "attempt_total", "request_total", "attempts",
        "stream_idle", "heartbeat", "ping_interval", "tcp_keepalive_time", "max_age",
    ),
    "accept": (
        "idle_close", "header_read", "body_read", "request_total", "stream_idle", "heartbeat", "ping_min_interval",
        "tcp_keepalive_time", "max_age",
    ),
    "flow": ("idle_tcp", "idle_udp", "max_age"),
    "session": ("idle_session", "idle_in_transaction", "statement_total", "heartbeat", "session_timeout"),
}  # fmt: skip
"""The timers shown on a hop, by side, in this order; `tochain facts` has them all."""


def key_facts(facts: Facts, sides: Sequence[str]) -> list[Fact]:
    """The facts worth showing on a hop, in the order of KEY_TIMERS."""
    names = (f"{side}.{name}" for side in sides for name in KEY_TIMERS[side])
    return [fact for name in names for fact in facts.get(name, ())]


def _ends(hop: Hop) -> Iterator[tuple[str, list[Fact]]]:
    """Who has which timers on a hop, outermost first, those without any left out."""
    ends = [(hop.client.name, key_facts(hop.client_facts, ("connect", "session")))]
    ends += [(box.name, key_facts(box.facts, ("flow",))) for box in hop.boxes]
    ends.append((hop.server.name, key_facts(hop.server_facts, ("accept", "session"))))
    return ((name, facts) for name, facts in ends if facts)


def short(facts: Sequence[Fact]) -> str:
    """The facts in one line, each once: `idle_keep 300s, attempts 3`."""
    return ", ".join(dict.fromkeys(f"{fact.timer.partition('.')[2]} {fact.value}" for fact in facts))


def _ordered(graph: Graph) -> list[Component]:
    return sorted(graph.components, key=lambda component: (component.name, component.key))


def _hop_order(hop: Hop) -> tuple[str, str, str, str, str]:
    return hop.server.name, hop.server.key, hop.label, hop.protocol, str(hop.span or "")


# -- text -------------------------------------------------------------------------------------------------------------


def _text(graph: Graph, view: View, why: bool = False) -> str:
    lines = [*_tree(graph, view, why), *_open(graph, view)]
    summary = f"{count(len(graph.components), 'component')}, {count(len(graph.hops), 'hop')}"
    if graph.open_ends:
        summary += f", {count(len(graph.open_ends), 'open end')}"
    return "\n".join([*lines, summary]) + "\n"


def _tree(graph: Graph, view: View, why: bool) -> list[str]:
    """Every component once with its hops below it; where it comes up again there is only its name."""
    hops: dict[str, list[Hop]] = {}
    for hop in sorted(graph.hops, key=_hop_order):
        hops.setdefault(hop.client.key, []).append(hop)
    entered = {hop.server.key for hop in graph.hops if hop.server.key != hop.client.key}
    boxes = {box.key for hop in graph.hops for box in hop.boxes}
    ordered = [component for component in _ordered(graph) if component.key not in boxes]
    ordered.sort(key=lambda component: component.key in entered)
    seen: set[str] = set()
    lines: list[str] = []
    for component in ordered:
        if component.key not in seen:
            lines += [*_below(component, hops, seen, view, why), ""]
    return lines


def _below(root: Component, hops: dict[str, list[Hop]], seen: set[str], view: View, why: bool) -> list[str]:
    """Depth first without recursion; `lead` stands before a component's own line, `inner` before those below it."""
    lines: list[str] = []
    stack: list[tuple[Component, Hop | None, str, str]] = [(root, None, "", "")]
    while stack:
        component, hop, lead, inner = stack.pop()
        below = hops.get(component.key, [])
        node = _node(component, hop, inner, view, why)
        again = "  (its hops are above)" if component.key in seen and below else ""
        lines += [f"{lead}{node[0]}{again}", *node[1:]]
        if component.key not in seen:
            seen.add(component.key)
            stack += reversed([_branch(hop, hop is below[-1], inner) for hop in below])
    return lines


def _branch(hop: Hop, last: bool, before: str) -> tuple[Component, Hop, str, str]:
    before = before[: 4 * DEEPEST]
    return hop.server, hop, before + ("└─▶ " if last else "├─▶ "), before + ("    " if last else "│   ")


DEEPEST = 20
"""Deeper hops are not indented any further: a chain of thousands stays readable, and linear in size."""


def _node(component: Component, hop: Hop | None, inner: str, view: View, why: bool) -> list[str]:
    lines = [view.style("strong", one_line(title(component)))]
    if hop is None:
        return lines
    said = ", ".join(part for part in (hop.protocol, hop.label) if part)
    lines[0] += f"  {one_line(said)}" if said else ""
    lines += [f"{inner}  {one_line(f'{name}: {short(facts)}')}" for name, facts in _ends(hop)]
    if why and hop.why:
        place = f" ({hop.span})" if hop.span else ""
        lines.append(f"{inner}  {view.style('faint', one_line(f'why: {hop.why}{place}'))}")
    return lines


def _open(graph: Graph, view: View) -> list[str]:
    if not graph.open_ends:
        return []
    lines = [view.style("strong", "open ends: nothing was found at the other side")]
    same = Counter((end.span, end.client.name, end.target) for end in graph.open_ends)
    for end in sorted(graph.open_ends, key=lambda end: (end.span, end.target)):
        copies = same.pop((end.span, end.client.name, end.target), 0)
        if not copies:
            continue  # said already: several copies of a program are made from one place
        times = f" ({copies} copies)" if copies > 1 else ""
        lines.append(f"  {one_line(f'{end.span}: {end.client.name} -> {mask(end.target)}: {end.reason}')}{times}")
        if end.candidates:
            lines.append(f"    could be: {one_line(', '.join(end.candidates))}")
        lines.append(f"    in tochain.yaml: paths: [{one_line(suggestion(end))}]")
    return [*lines, ""]


def suggestion(end: OpenEnd) -> str:
    """The path to add to tochain.yaml that would close an open end; NAME where nobody can know it."""
    return f"{end.client.name} -> {end.candidates[0] if end.candidates else 'NAME'}"


# -- mermaid and dot --------------------------------------------------------------------------------------------------


def _ids(graph: Graph) -> dict[str, str]:
    return {component.key: f"n{at}" for at, component in enumerate(_ordered(graph))}


def _edge_texts(hop: Hop) -> list[str]:
    said = [part for part in (hop.protocol, hop.label) if part]
    return [*said, *(f"{name}: {short(facts)}" for name, facts in _ends(hop))]


def _sorted_hops(graph: Graph) -> list[Hop]:
    return sorted(graph.hops, key=lambda hop: (hop.client.name, hop.client.key, *_hop_order(hop)))


def _mermaid(graph: Graph, view: View, why: bool = False) -> str:
    ids = _ids(graph)
    lines = ["flowchart LR"]
    lines += [f'  {ids[component.key]}["{_mermaid_text(title(component))}"]' for component in _ordered(graph)]
    for hop in _sorted_hops(graph):
        texts = [*_edge_texts(hop), *([f"why: {hop.why}"] if why and hop.why else [])]
        label = "<br>".join(_mermaid_text(text) for text in texts)
        edge = f'-->|"{label}"|' if label else "-->"
        lines.append(f"  {ids[hop.client.key]} {edge} {ids[hop.server.key]}")
    for at, end in enumerate(sorted(graph.open_ends, key=lambda end: (end.span, end.target))):
        lines.append(f'  {ids[end.client.key]} -.-> open{at}(["{_mermaid_text(mask(end.target))} ?"])')
    return "\n".join(lines) + "\n"


def _mermaid_text(text: str) -> str:
    """Text as mermaid shows it: everything it could read as markup becomes a character code."""
    return "".join(char if char.isalnum() or char in " .:,-_/()" else f"#{ord(char)};" for char in one_line(text))


def _dot(graph: Graph, view: View, why: bool = False) -> str:
    ids = _ids(graph)
    lines = ["digraph tochain {", "  rankdir=LR;", "  node [shape=box];"]
    lines += [f'  {ids[component.key]} [label="{_dot_text(title(component))}"];' for component in _ordered(graph)]
    for hop in _sorted_hops(graph):
        texts = [*_edge_texts(hop), *([f"why: {hop.why}"] if why and hop.why else [])]
        label = "\\n".join(_dot_text(text) for text in texts)
        dressed = f' [label="{label}"]' if label else ""
        lines.append(f"  {ids[hop.client.key]} -> {ids[hop.server.key]}{dressed};")
    for at, end in enumerate(sorted(graph.open_ends, key=lambda end: (end.span, end.target))):
        lines.append(f'  open{at} [label="{_dot_text(mask(end.target))} ?", style=dashed];')
        lines.append(f"  {ids[end.client.key]} -> open{at} [style=dashed];")
    return "\n".join([*lines, "}"]) + "\n"


def _dot_text(text: str) -> str:
    return one_line(text).replace("\\", "\\\\").replace('"', '\\"')


# -- JSON -------------------------------------------------------------------------------------------------------------


def _json(graph: Graph, view: View, why: bool = False) -> str:
    data = {
        "schema": 1,
        "components": [_component(component) for component in _ordered(graph)],
        "hops": [_hop(hop) for hop in _sorted_hops(graph)],
        "paths": [list(path) for path in graph.paths],
        "open_ends": [_open_end(end) for end in sorted(graph.open_ends, key=lambda end: (end.span, end.target))],
    }
    return dump(data)


def _component(component: Component) -> dict[str, Any]:
    return {
        "key": component.key,
        "name": component.name,
        "product": component.product,
        "version": component.versions.text or None,
        "kind": component.kind,
        "at": str(component.span),
        "listens": [mask(str(address)) for address in component.listens],
    }


def _hop(hop: Hop) -> dict[str, Any]:
    return {
        "client": hop.client.key,
        "server": hop.server.key,
        "boxes": [box.key for box in hop.boxes],
        "protocol": hop.protocol,
        "label": hop.label,
        "why": hop.why,
        "at": str(hop.span) if hop.span else None,
        "declared": hop.declared,
        "timers": [_timer(name, fact) for name, facts in _ends(hop) for fact in facts],
    }


def _timer(component: str, fact: Fact) -> dict[str, Any]:
    return {
        "component": component,
        "timer": fact.timer,
        "value": fact.value,
        "seconds": seconds(fact),
        "setting": fact.setting,
        "origin": fact.origin,
        "from": where(fact),
    }


def _open_end(end: OpenEnd) -> dict[str, Any]:
    return {
        "client": end.client.key,
        "target": mask(end.target),
        "reason": end.reason,
        "at": str(end.span),
        "candidates": list(end.candidates),
        "add": suggestion(end),
    }


def _svg(graph: Graph, view: View, why: bool = False) -> str:
    from tochain.report.svg import graph_svg

    return graph_svg(graph, view, why)


FORMATS: dict[str, Callable[[Graph, View, bool], str]] = {
    "text": _text,
    "mermaid": _mermaid,
    "dot": _dot,
    "json": _json,
    "svg": _svg,
}
"""The forms of `tochain graph` by name; the last argument asks why each hop was made."""
