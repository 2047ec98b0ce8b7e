"""Reading texts with every product that wants them, and what comes out as lines to compare."""

from __future__ import annotations

from dataclasses import dataclass

from tochain.discover import Files
from tochain.graph.build import build
from tochain.model.component import MACHINE, Component, Link, Workload
from tochain.model.coverage import FileReport
from tochain.model.hop import Graph
from tochain.model.span import Span
from tochain.products.registry import Registry
from tochain.products.started import with_started
from tochain.products.workloads import with_platform
from tochain.reading import read_all


@dataclass
class Run:
    """What reading some texts comes to."""

    components: list[Component]
    workloads: list[Workload]
    reports: dict[str, FileReport]
    graph: Graph
    problems: list[str]

    def of(self, product: str) -> list[Component]:
        return [component for component in self.components if component.product == product]


def run(texts: dict[str, str]) -> Run:
    """Reads, completes and joins texts by path."""
    reports: dict[str, FileReport] = {}
    reading = read_all(Files({}, reports, texts), reports, {})
    assert reading.crashes == [], reading.crashes
    registry = Registry()
    said: list[str] = []

    def complain(span: Span, message: str) -> None:
        said.append(f"{span} {message}")

    started = with_started(reading.components, reading.workloads, registry)
    complete = tuple(registry.complete(component, complain) for component in started)
    complete = with_platform(complete, tuple(reading.workloads), registry, complain)
    graph = build(complete, tuple(reading.workloads))
    said += [f"{p.span} {p.message}" for report in reports.values() for p in report.problems]
    return Run(list(complete), reading.workloads, reports, graph, said)


def at(span: Span) -> str:
    """A place as line:column-column."""
    return f"{span.start.line}:{span.start.column}-{span.end.column}"


def written(component: Component) -> list[str]:
    """A component's settings as lines `name = text @ place`."""
    return [
        f"{name} = {s.limit if s.limit is not None else s.text} @ {at(s.span)}"
        for name, group in component.settings.items()
        for s in group
    ]


def _target(link: Link) -> str:
    return (
        f"{link.target.ref} {link.target.port or ''}".strip()
        if link.target.ref not in ("", MACHINE)
        else str(link.target)
    )


def links(component: Component) -> list[str]:
    """A component's links as lines `target protocol | label | settings @ place`."""
    return [
        f"{link.unknown or _target(link)} {link.protocol} | {link.label} | "
        f"{', '.join(f'{s.name}={s.text}@{at(s.span)}' for g in link.settings.values() for s in g)} @ {at(link.span)}"
        for link in component.links
    ]


def hops(found: Run) -> list[str]:
    """The hops as lines `client -> [boxes] server protocol (why)`."""
    return [
        " ".join(
            [
                hop.client.name,
                "->",
                *(f"[{box.name}]" for box in hop.boxes),
                hop.server.name,
                hop.protocol,
                f"({hop.why})",
            ]
        )
        for hop in found.graph.hops
    ]


def ends(found: Run) -> list[str]:
    """The open ends as lines `client -> target: reason`."""
    return [f"{end.client.name} -> {end.target}: {end.reason}" for end in found.graph.open_ends]


def everything(texts: dict[str, str]) -> str:
    """Components with settings and links, hops and open ends, as one text, in an order that no registry decides."""
    found = run(texts)
    lines = []
    for component in sorted(found.components, key=lambda c: (c.product, c.span, c.name, c.key)):
        ports = ",".join(str(address.port) for address in component.listens)
        variant = f" {component.variant}" if component.variant else ""
        lines.append(
            f"{component.kind} {component.product}{variant} {component.name} @ {at(component.span)} {ports}".rstrip()
        )
        lines += [f"    {line}" for line in written(component)]
        lines += [f"    -> {line}" for line in links(component)]
    lines += [f"hop {line}" for line in sorted(hops(found))]
    lines += [f"open {line}" for line in sorted(ends(found))]
    lines += [f"problem {line}" for line in sorted(found.problems)]
    return "\n".join(lines)
