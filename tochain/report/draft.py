"""A draft of tochain.yaml: the components that were found, and what stayed open as commented questions."""

from __future__ import annotations

import re
from collections import defaultdict

from tochain.model.component import INSIDE, Component
from tochain.model.hop import Graph, OpenEnd
from tochain.report.safe import one_line

__all__ = ["draft"]

_HEAD = """\
# What the files alone do not say. `tochain check` reads it from here and from folders above.
version: 1
"""


def draft(graph: Graph, versionless: frozenset[str] = frozenset()) -> str:
    """The text of a tochain.yaml that changes nothing until its comments are answered.

    `versionless` are products of whose version nobody need ask.
    """
    shown = [
        component
        for component in graph.components
        if component.kind != "kernel"
        and not component.key.startswith("client:")
        and component.product not in versionless
    ]
    lines = [_HEAD, *_components(shown), "", *_paths(graph), *_questions(graph.open_ends)]
    return "\n".join(lines).rstrip() + "\n"


def _components(components: list[Component]) -> list[str]:
    """Only components whose version decides something are named; the rest is found from the files."""
    unknown = [
        c
        for c in components
        if not c.versions.known and c.product not in ("server", "client", "black-box") and c.kind != "kernel"
    ]
    lines = ["# Versions decide many defaults. These are not known from the files:", "components:"]
    for name, found in _by_name(unknown).items():
        component = found[0]
        place = f"{component.span.path}:{component.span.start.line}"
        lines += [
            f"  # {_key(name)}:                # {component.product}, {place}",
            f"  #   product: {component.product}",
            '  #   version: "?"',
        ]
        # What a machine's user data carries is found by itself, and is no file to hand to a product.
        if component.span.path and not component.workload and INSIDE not in component.scope:
            lines.append(f"  #   config: {component.span.path}")
    if not unknown:
        return ["components: {}"]
    lines[1] = "components: {}                     # replace {} by what you know:"
    return lines


def _by_name(components: list[Component]) -> dict[str, list[Component]]:
    found: dict[str, list[Component]] = defaultdict(list)
    for component in components:
        found[component.name].append(component)
    return found


def _key(name: str) -> str:
    """A name as tochain.yaml takes it."""
    return re.sub(r"[^\w.:/@-]+", "-", name) or "component"


def _paths(graph: Graph) -> list[str]:
    if not graph.hops:
        return [
            "# No connection was found. Say who calls whom, outermost first:",
            "paths: []",
            "#  - client -> proxy -> app",
        ]
    lines = ["# Found by themselves (tochain graph --why says how); paths adds what is missing:"]
    lines += [f"#   {_hop(hop.client.name, hop.server.name)}" for hop in graph.hops[:20]]
    if len(graph.hops) > 20:
        lines.append(f"#   and {len(graph.hops) - 20} more")
    return [*lines, "paths: []"]


def _hop(client: str, server: str) -> str:
    return f"{_key(client)} -> {_key(server)}"


def _questions(open_ends: tuple[OpenEnd, ...]) -> list[str]:
    lines: list[str] = []
    # One place that several copies of a program are made from is one question.
    for end in {(end.client.name, end.target, end.span): end for end in open_ends}.values():
        place = f"{end.span.path}:{end.span.start.line}"
        said = f"{one_line(end.client.name)} connects to {one_line(end.target)}: {one_line(end.reason)}"
        lines += ["", f"# {place}: {said}. What is it?"]
        if end.candidates:
            lines.append(f"#   it may be: {', '.join(one_line(c) for c in end.candidates[:3])}")
        lines.append(f"#   components: {{{_key(end.target.partition(':')[0])}: {{product: ?}}}}")
        lines.append(f"#   paths: [{_hop(end.client.name, end.target.partition(':')[0])}]")
    return lines
