"""Drawings to scale for the page: what happens on the wire along a time axis, and the limits along a chain as bars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tochain.model.fact import Fact
from tochain.model.finding import Finding, Step
from tochain.model.hop import Hop
from tochain.model.limit import Finite, Never, format_duration
from tochain.report.ladder import time_of
from tochain.report.path import DEADLINES
from tochain.report.safe import one_line, width, xml

__all__ = ["PHONE", "WINDOW", "Bar", "Frame", "bars", "budget_svg", "ends_of", "timeline_svg"]

LANE, TOP, BADGE, CHAR = 46, 64, 24, 6.6


@dataclass(frozen=True, slots=True)
class Frame:
    """How wide a drawing is, where its axis begins and ends, and how many columns a name may take."""

    wide: int
    left: int
    right: int
    name: int


WINDOW = Frame(760, 176, 722, 22)
PHONE = Frame(326, 98, 300, 11)
"""Drawn for itself: one made for a window would be too small to read, or cut off."""


def timeline_svg(finding: Finding, frame: Frame = WINDOW) -> str:
    """The story of a finding with time from left to right, to scale; empty when no step has a time after the first.

    Each end has a line of its own, a bar on it is a limit running out, a numbered arrow is a step of the story.
    """
    steps = [(number, step) for number, step in enumerate(finding.steps, 1) if step.at is not None]
    times = [step.at for _, step in steps if step.at is not None]
    if not times or max(times) == min(times):
        return ""
    scale = _Scale(min(times), max(times), frame)
    names = ends_of(finding)
    lane = {name: float(TOP + at * LANE) for at, name in enumerate(names)}
    bottom = TOP + (len(names) - 1) * LANE
    body = [_lane(name, y, frame) for name, y in lane.items()]
    body += [_limit(step, lane, scale) for _, step in steps if step.label is not None]
    body += list(_arrows(steps, lane, scale))
    body += list(_ticks(times, scale, bottom + 30))
    told = "; ".join(f"{time_of(step)} {step.sender} to {step.receiver}: {step.what}" for step in finding.steps)
    return _svg("timeline", one_line(f"Timeline, to scale: {told}"), frame, bottom + 52, body)


def ends_of(finding: Finding) -> list[str]:
    """Everybody in the story: the hop's ends as requests pass them, then whoever else takes part."""
    told = dict.fromkeys(name for step in finding.steps for name in (step.sender, step.receiver))
    hop = finding.hop
    return list(dict.fromkeys([*(name for name in (hop.client, hop.box, hop.server) if name in told), *told]))


@dataclass(frozen=True, slots=True)
class _Scale:
    """Microseconds to pixels."""

    start: int
    end: int
    frame: Frame

    def x(self, at: int) -> float:
        left, right = self.frame.left, self.frame.right
        return left + (right - left) * (at - self.start) / max(self.end - self.start, 1)


def _lane(name: str, y: float, frame: Frame) -> str:
    line = f'<path class="lane" d="M{frame.left} {y:.0f}H{frame.right}"/>'
    place = f'x="{frame.left - 12}" y="{y + 4:.0f}" text-anchor="end"'
    return f'{line}<text class="name" {place}>{xml(_cut(name, frame.name))}</text>'


def _cut(text: str, most: int) -> str:
    """A name that fits: a long one keeps both ends, for the ends tell Terraform addresses apart."""
    text = one_line(text)
    half = (most - 1) // 2
    return text if width(text) <= most else f"{text[: most - 1 - half]}…{text[-half:]}"


def _limit(step: Step, lane: dict[str, float], scale: _Scale) -> str:
    """A limit that runs out at a step, as a bar on the line of the end that has it."""
    assert step.label is not None and step.at is not None
    y = lane.get(step.label.component, lane[step.sender])
    end, left = scale.x(step.at), scale.frame.left
    return (
        f'<rect class="limit" x="{left}" y="{y - 5:.0f}" width="{max(end - left, 1):.1f}" height="10" rx="2"/>'
        f'<path class="fires" d="M{end:.1f} {y - 9:.0f}V{y + 9:.0f}"/>'
    )


def _arrows(steps: Sequence[tuple[int, Step]], lane: dict[str, float], scale: _Scale) -> Iterator[str]:
    exact = [scale.x(step.at or 0) for _, step in steps]
    for (number, step), x, badge in zip(steps, exact, spread(exact, BADGE, scale.frame.right + 12), strict=True):
        start, end = lane[step.sender], lane[step.receiver]
        yield f'<path class="lead" d="M{badge:.1f} 26L{x:.1f} {min(lane.values()) - 12:.0f}V{start:.0f}"/>'
        if start != end:
            tip = end + (-3 if end > start else 3)
            yield f'<path class="step" marker-end="url(#tip)" d="M{x:.1f} {start:.0f}V{tip:.0f}"/>'
        yield f'<circle class="dot" cx="{x:.1f}" cy="{start:.0f}" r="2.5"/>'
        yield f'<circle class="badge" cx="{badge:.1f}" cy="16" r="10"/>'
        yield f'<text class="number" x="{badge:.1f}" y="20" text-anchor="middle">{number}</text>'


def spread(exact: Sequence[float], gap: float, most: float) -> list[float]:
    """The places moved apart to at least `gap`, as little as possible, none beyond `most` where there is room."""
    placed: list[float] = []
    for x in exact:
        placed.append(max(x, placed[-1] + gap) if placed else x)
    room = most
    for at in reversed(range(len(placed))):
        placed[at] = min(placed[at], room)
        room = placed[at] - gap
    return placed


def _ticks(times: Sequence[int], scale: _Scale, y: float) -> Iterator[str]:
    """The times under the lines; one that has no room is left to the list of steps. The first and last always stand."""
    yield f'<path class="axis" d="M{scale.frame.left} {y - 14:.0f}H{scale.frame.right}"/>'
    taken: list[tuple[float, float]] = []
    ordered = sorted(set(times))
    for at in dict.fromkeys([ordered[0], ordered[-1], *ordered]):
        text = format_duration(Finite(at))
        x, half = scale.x(at), width(text) * CHAR / 2 + 5
        yield f'<path class="axis" d="M{x:.1f} {y - 18:.0f}v8"/>'
        if all(x + half < low or x - half > high for low, high in taken):
            taken.append((x - half, x + half))
            yield f'<text class="soft" x="{x:.1f}" y="{y + 4:.0f}" text-anchor="middle">{xml(text)}</text>'


def _svg(kind: str, said: str, frame: Frame, high: float, body: Sequence[str]) -> str:
    size = f'viewBox="0 0 {frame.wide} {high:.0f}" width="{frame.wide}" height="{high:.0f}"'
    head = f'<svg class="{kind}" role="img" {size} aria-label="{xml(said)}">'
    return "".join([head, *body, "</svg>"])


@dataclass(frozen=True, slots=True)
class Bar:
    """One limit of a chain on a request under way: `amount` in microseconds, None for one that never fires."""

    depth: int
    client: str
    server: str
    fact: Fact
    amount: int | None


DEEPEST = 12


def bars(hops: Sequence[Hop]) -> list[Bar]:
    """Every known limit on the waiting along a chain, outermost first, as the page draws them; at most 12 hops deep."""
    return [
        Bar(
            depth, hop.client.name, hop.server.name, fact, fact.limit.amount if isinstance(fact.limit, Finite) else None
        )
        for depth, hop in enumerate(hops[:DEEPEST])
        for timer in DEADLINES
        for fact in hop.client_facts.get(timer, ())[:3]
        if isinstance(fact.limit, (Finite, Never))
    ]


def budget_svg(found: Sequence[Bar], frame: Frame = WINDOW) -> str:
    """The limits as nested bars on one scale: an inner bar is red once a caller further out has given up."""
    finite = [bar.amount for bar in found if bar.amount]
    if not finite:
        return ""
    scale = _Scale(0, max(finite), frame)
    body = [_band(row, bar, _outer(bar, found), scale) for row, bar in enumerate(found)]
    high = len(found) * 26 + 44
    body += list(_ticks([0, *finite], scale, high - 18))
    told = "; ".join(f"{bar.client} {bar.fact.timer} {bar.fact.value}" for bar in found)
    return _svg("budget", one_line(f"Limits along the chain, to scale: {told}"), frame, high, body)


def _outer(bar: Bar, found: Sequence[Bar]) -> int | None:
    """When the first caller further out gives up; None when none does."""
    return min((b.amount for b in found if b.depth < bar.depth and b.amount is not None), default=None)


def _band(row: int, bar: Bar, given_up: int | None, scale: _Scale) -> str:
    y, frame = 8 + row * 26, scale.frame
    end = scale.x(bar.amount) if bar.amount is not None else frame.right
    cut = min(end, scale.x(given_up)) if given_up is not None else end
    name = frame.name - bar.depth if frame is WINDOW else frame.name
    left = 8 + bar.depth * 8 if frame is WINDOW else 4
    parts = [
        f'<text class="name" x="{left}" y="{y + 13}">{xml(_cut(bar.client, max(name, 6)))}</text>',
        f'<rect class="within" x="{frame.left}" y="{y}" width="{max(cut - frame.left, 1):.1f}" height="18" rx="2"/>',
    ]
    if end > cut:
        parts.append(f'<rect class="beyond" x="{cut:.1f}" y="{y}" width="{end - cut:.1f}" height="18" rx="2"/>')
    if bar.amount is None:
        parts.append(f'<path class="endless" d="M{frame.right} {y}l10 9-10 9"/>')
    said = f"{bar.fact.timer.partition('.')[2]} {bar.fact.value}"
    wide = width(said) * CHAR + 12
    inside = end - frame.left > wide or end + 14 + wide > frame.wide
    kind, x = ("on", frame.left + 6.0) if inside else ("soft", end + 14)
    parts.append(f'<text class="{kind}" x="{x:.1f}" y="{y + 13}">{xml(said)}</text>')
    return "".join(parts)
