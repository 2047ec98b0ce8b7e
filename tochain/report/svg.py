"""Pictures that go into a review or a post-mortem: the hop graph, limits along a chain, the story of a finding; light and dark."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tochain.model.component import Component
from tochain.model.finding import Finding
from tochain.model.hop import Graph, Hop
from tochain.report.facts import title
from tochain.report.graph import key_facts, short
from tochain.report.ladder import Rung, told
from tochain.report.layout import columns
from tochain.report.safe import mask, one_line, width, xml
from tochain.report.timeline import bars, budget_svg, ends_of, timeline_svg
from tochain.report.view import View, count

__all__ = ["explain_svg", "graph_svg", "story_svg"]

CHAR, LINE, EDGE, GAP = 7.3, 18, 12, 28
CHANNEL = 90
MOST = 54
"""Columns of a line in a box; what is longer goes on in the next one."""

STYLE = """\
  <style>
    svg { background: #fff; color: #1b1f24; font: 12px ui-monospace, Menlo, Consolas, monospace; }
    text { fill: currentColor; white-space: pre; }
    .box { fill: #f6f8fa; stroke: #8c959f; }
    .hop { fill: none; stroke: #57606a; marker-end: url(#tip); }
    .open { stroke-dasharray: 4 3; }
    .tip { fill: #57606a; }
    .name { font-weight: bold; }
    .soft { fill: #57606a; }
    .bad { fill: #b42318; }
    .lane, .axis { stroke: #d0d7de; fill: none; }
    .lead { stroke: #57606a; fill: none; stroke-dasharray: 2 3; }
    .step { stroke: currentColor; fill: none; stroke-width: 1.5; marker-end: url(#tip); }
    .dot { fill: currentColor; }
    .badge { fill: #fff; stroke: #57606a; }
    .limit, .within { fill: #9ec5f4; }
    .beyond { fill: #f3a29b; }
    .fires { stroke: #b42318; stroke-width: 2; }
    .endless { fill: none; stroke: #57606a; stroke-width: 2; }
    @media (prefers-color-scheme: dark) {
      svg { background: #0d1117; color: #e6edf3; }
      .box { fill: #161b22; stroke: #6e7681; }
      .hop { stroke: #9ba3ad; }
      .tip, .soft { fill: #9ba3ad; }
      .bad { fill: #ff8d83; }
      .lane, .axis { stroke: #30363d; }
      .lead, .endless { stroke: #9ba3ad; }
      .badge { fill: #0d1117; stroke: #9ba3ad; }
      .limit, .within { fill: #1f4f82; }
      .beyond { fill: #7d2b25; }
      .fires { stroke: #ff8d83; }
    }
  </style>
  <defs>
    <marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">
      <path class="tip" d="M0 0 8 4 0 8z"/>
    </marker>
  </defs>"""


@dataclass(slots=True)
class _Box:
    """A component in the picture: its lines, where it is, and at which height each of its hops leaves it."""

    lines: list[tuple[str, str]]
    leaves: dict[int, int] = field(default_factory=dict)
    x: float = 0
    y: float = 0

    def say(self, kind: str, text: str) -> None:
        """Adds a text, in as many lines as it needs."""
        first, *more = _wrapped(one_line(text))
        self.lines += [(kind, first), *((kind, f"    {line}") for line in more)]

    @property
    def wide(self) -> float:
        return max(width(text) for _, text in self.lines) * CHAR + 2 * EDGE

    @property
    def high(self) -> float:
        return len(self.lines) * LINE + EDGE

    def height_of(self, line: int) -> float:
        return self.y + EDGE / 2 + (line + 0.5) * LINE


def graph_svg(graph: Graph, view: View, why: bool = False) -> str:
    """The hop graph: a box for each component with its timers, an arrow for each hop, what is open in red."""
    boxes = {component.key: _box(component) for component in graph.components}
    for end in sorted(graph.open_ends, key=lambda end: (end.span, end.target)):
        boxes[end.client.key].say("bad", f"? {mask(end.target)}: {end.reason}")
    for at, hop in enumerate(graph.hops):
        _leave(boxes[hop.client.key], at, hop, why)
    on_hops = {box.key for hop in graph.hops for box in hop.boxes} - {key for hop in graph.hops for key in hop.key}
    x, bottom = float(GAP), float(GAP)
    for column in columns(graph, on_hops):
        y = float(GAP)
        for component in column:
            box = boxes[component.key]
            box.x, box.y = x, y
            y += box.high + GAP
        x += max(boxes[component.key].wide for component in column) + CHANNEL
        bottom = max(bottom, y)
    body = [_arrow(boxes, at, hop) for at, hop in enumerate(graph.hops)]
    ordered = sorted(graph.components, key=lambda component: (component.name, component.key))
    body += [_drawn(boxes[component.key]) for component in ordered if component.key not in on_hops]
    said = f"{count(len(graph.components), 'component')}, {count(len(graph.hops), 'hop')}"
    return _svg("hop graph", said, x - CHANNEL + GAP, bottom, body)


def _box(component: Component) -> _Box:
    box = _Box([])
    box.say("name", title(component))
    accepted = short(key_facts(component.facts, ("accept", "flow", "session")))
    if accepted:
        box.say("", accepted)
    return box


def _wrapped(text: str) -> list[str]:
    """A text in lines of at most MOST columns where its commas and blanks allow it."""
    lines = [""]
    for word in text.replace(", ", ",\0 ").split("\0 "):
        joined = f"{lines[-1]} {word}".strip()
        if lines[-1] and width(joined) > MOST:
            lines.append(word)
        else:
            lines[-1] = joined
    return lines


def _leave(box: _Box, at: int, hop: Hop, why: bool) -> None:
    """Adds the line a hop leaves from, with its client's timers, and one for each box on it."""
    box.leaves[at] = len(box.lines)
    said = ", ".join(
        part for part in (hop.protocol, hop.label, short(key_facts(hop.client_facts, ("connect",)))) if part
    )
    box.say("", f"→ {hop.server.name}{': ' + said if said else ''}")
    for inner in hop.boxes:
        flows = short(key_facts(inner.facts, ("flow",)))
        box.say("soft", f"via {inner.name}{': ' + flows if flows else ''}")
    if why and hop.why:
        box.say("soft", f"why: {hop.why}")


def _arrow(boxes: dict[str, _Box], at: int, hop: Hop) -> str:
    start, end = boxes[hop.client.key], boxes[hop.server.key]
    x1, y1 = start.x + start.wide, start.height_of(start.leaves[at])
    x2, y2 = end.x, end.height_of(0)
    bend = CHANNEL / 2 if x2 > x1 else CHANNEL
    curve = f"C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
    return f'  <path class="hop" d="M{x1:.0f} {y1:.0f}{curve}"/>'


def _drawn(box: _Box) -> str:
    size = f'width="{box.wide:.0f}" height="{box.high:.0f}"'
    lines = [f'  <g><rect class="box" x="{box.x:.0f}" y="{box.y:.0f}" {size} rx="4"/>']
    for at, (kind, text) in enumerate(box.lines):
        lines.append("    " + _text(kind, box.x + EDGE, box.height_of(at) + 4, text))
    return "\n".join([*lines, "  </g>"])


def _text(kind: str, x: float, y: float, text: str, anchor: str = "") -> str:
    dressed = f' class="{kind}"' if kind else ""
    placed = f' text-anchor="{anchor}"' if anchor else ""
    return f'<text{dressed} x="{x:.0f}" y="{y:.0f}"{placed}>{xml(text)}</text>'


def _svg(name: str, said: str, wide: float, high: float, body: Sequence[str]) -> str:
    size = f'width="{wide:.0f}" height="{high:.0f}" viewBox="0 0 {wide:.0f} {high:.0f}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size} aria-label="{xml(name)}">'
    return (
        "\n".join([head, f"  <title>{xml(name)}</title>", f"  <desc>{xml(said)}</desc>", STYLE, *body, "</svg>"]) + "\n"
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """One picture of several on a sheet."""

    wide: float
    high: float
    body: list[str]


def _sheet(name: str, said: str, parts: Sequence[_Part]) -> str:
    """The pictures below each other."""
    body: list[str] = []
    y = 0.0
    for part in parts:
        body += [f'  <g transform="translate(0 {y:.0f})">', *part.body, "  </g>"]
        y += part.high
    return _svg(name, said, max((part.wide for part in parts), default=2 * GAP), max(y, GAP), body)


def story_svg(finding: Finding) -> str:
    """What happens on the wire: a line for each end, an arrow for each step, times and places beside it; then to scale."""
    return _sheet(one_line(finding.rule), one_line(finding.message), _told(finding))


def explain_svg(chains: Sequence[Sequence[Hop]], findings: Sequence[Finding]) -> str:
    """Who gives up when along each chain, as nested bars, and the story of each finding."""
    parts = [part for chain in chains if (part := _budget(chain)) is not None]
    for finding in findings:
        parts += [_heading(f"{finding.severity}: {finding.message}"), *_told(finding)]
    return _sheet("timeout chains", f"{count(len(chains), 'chain')}, {count(len(findings), 'finding')}", parts)


def _heading(text: str) -> _Part:
    shown = one_line(text)
    return _Part(width(shown) * CHAR + 2 * GAP, GAP + LINE, [f"  {_text('name', GAP, GAP, shown)}"])


def _budget(chain: Sequence[Hop]) -> _Part | None:
    drawing = budget_svg(bars(chain))
    if not drawing:
        return None
    names = [chain[0].client.name, *(hop.server.name for hop in chain)]
    head = _heading(f"Who gives up when: {' → '.join(names)}")
    inner = _nested(drawing, head.high)
    return _Part(max(head.wide, inner.wide), head.high + inner.high + EDGE, [*head.body, *inner.body])


def _nested(drawing: str, y: float) -> _Part:
    """A drawing made for the page, at its place on a sheet."""
    size = re.search(r'width="(\d+)" height="(\d+)"', drawing)
    assert size is not None
    moved = drawing.replace("<svg ", f'<svg x="{EDGE}" y="{y:.0f}" ', 1).replace(' role="img"', "", 1)
    return _Part(float(size[1]) + 2 * EDGE, float(size[2]), [f"  {moved}"])


def _told(finding: Finding) -> list[_Part]:
    rungs = [Rung(*(one_line(getattr(rung, name)) for name in Rung.__slots__)) for rung in told(finding.steps)]
    rungs = [replace(rung, time=f"{number}. {rung.time}") for number, rung in enumerate(rungs, 1)]
    names = [one_line(name) for name in ends_of(finding)]
    times = max((width(rung.time) for rung in rungs), default=0) * CHAR
    span = max([width(rung.what) for rung in rungs] + [width(name) for name in names], default=0) * CHAR + 4 * EDGE
    left = max(GAP + times + GAP, GAP + width(names[0]) * CHAR / 2 if names else 0)
    at = {name: left + place * span for place, name in enumerate(names)}
    right = left + max(len(names) - 1, 0) * span + GAP
    high = 2.0 * GAP + LINE + len(rungs) * 2 * LINE
    body = [_lifeline(name, x, high) for name, x in at.items()]
    for row, rung in enumerate(rungs):
        body += _rung(rung, at, 2.0 * GAP + LINE + row * 2 * LINE, left - GAP, right)
    notes = max((width(_origin(rung)) for rung in rungs), default=0) * CHAR
    parts = [_Part(right + notes + GAP, high + GAP, body)]
    drawing = timeline_svg(finding)
    return [*parts, _nested(drawing, 0)] if drawing else parts


def _lifeline(name: str, x: float, high: float) -> str:
    line = f'<path class="hop open" style="marker-end: none" d="M{x:.0f} {GAP + 6}V{high:.0f}"/>'
    return f"  {line}{_text('name', x, GAP, name, 'middle')}"


def _rung(rung: Rung, at: dict[str, float], y: float, times: float, right: float) -> list[str]:
    start, end = at[rung.sender], at[rung.receiver]
    middle = (start + end) / 2
    lines = [
        _text("", times, y + 4, rung.time, "end"),
        _text("", middle, y - 5, rung.what, "middle"),
        f'<path class="hop" d="M{start:.0f} {y:.0f}H{end:.0f}"/>',
    ]
    if rung.place:
        lines.append(_text("soft", right, y + 4, _origin(rung)))
    return [f"  {line}" for line in lines]


def _origin(rung: Rung) -> str:
    return f"{rung.place}  {rung.value}" if rung.place else ""
