"""Drawings to scale: places on the axis, badges that never meet, nested bars."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tochain.model.component import Component
from tochain.model.fact import Fact, Facts
from tochain.model.finding import Finding, Step
from tochain.model.hop import Hop
from tochain.model.limit import NEVER, Finite, Limit, seconds
from tochain.model.span import Pos, Span
from tochain.report.timeline import BADGE, PHONE, WINDOW, bars, budget_svg, spread, timeline_svg

LEFT, RIGHT = WINDOW.left, WINDOW.right
HERE = Span("a.conf", Pos(1, 1), Pos(1, 2))


def component(name: str) -> Component:
    return Component(f"x:{name}", name, "nginx", HERE)


def facts(**limits: Limit) -> Facts:
    return {f"connect.{k}": (Fact(f"connect.{k}", v, k, "written", HERE),) for k, v in limits.items()}


def chain() -> list[Hop]:
    a, b, c = component("a"), component("b"), component("c")
    return [
        Hop(a, b, facts(request_total=seconds(30)), {}),
        Hop(b, c, facts(request_total=NEVER, read_stall=seconds(60), attempt_total=seconds(10)), {}),
    ]


def numbers(svg: str, kind: str, *attributes: str) -> list[tuple[float, ...]]:
    found = ElementTree.fromstring(svg).iter()
    return [tuple(float(e.attrib[a]) for a in attributes) for e in found if e.get("class") == kind]


def test_time_is_to_scale(race: Finding) -> None:
    """10s of 300.05s lie where they belong: a bar to the FIN, and one to the next request."""
    svg = timeline_svg(race)
    ends = sorted(round(x + w, 1) for x, w in numbers(svg, "limit", "x", "width"))
    exact = [LEFT + (RIGHT - LEFT) * at / 300_050_000 for at in (10_000_000, 300_000_000)]
    assert ends == [round(at, 1) for at in exact]
    assert re.findall(r'class="soft"[^>]*>([^<]*)<', svg) == ["0s", "300050ms"]  # 10s has no room beside 0s
    assert [text for (text,) in re.findall(r'class="number"[^>]*>(\d+)()<', svg) and [(n,) for n in "1234"]] == list(
        "1234"
    )


def test_on_a_phone_it_is_a_drawing_of_its_own(race: Finding) -> None:
    """Narrow enough for a small window without being made small; nothing is drawn outside of it."""
    for svg in (timeline_svg(race, PHONE), budget_svg(bars(chain()), PHONE)):
        assert ElementTree.fromstring(svg).get("width") == "326"
        places = [float(x) for x in re.findall(r' (?:x|cx)="([\d.]+)"', svg)]
        assert 0 <= min(places) <= max(places) <= 326
        ends = [x + w for x, w in [*numbers(svg, "limit", "x", "width"), *numbers(svg, "beyond", "x", "width")]]
        assert max(ends) <= PHONE.right + 0.1


def test_a_time_that_is_one_of_two_is_drawn_at_the_earlier(race: Finding) -> None:
    """And told as both."""
    steps = (
        Step(0, "vm", "proxy", "answer"),
        Step(65_000_000, "vm", "proxy", "FIN", None, 66_000_000),
        Step(120_000_000, "proxy", "vm", "request"),
    )
    svg = timeline_svg(replace(race, steps=steps))
    assert "65s to 66s vm to proxy: FIN" in svg
    assert len(numbers(svg, "badge", "cx")) == 3


def test_the_client_stands_above_the_server(race: Finding) -> None:
    """Lines go as requests do, whoever speaks first in the story."""
    assert re.findall(r'class="name"[^>]*>([^<]*)<', timeline_svg(race)) == ["proxy", "vm"]


@pytest.mark.parametrize("steps", [(), (Step(None, "a", "b", "x"),), (Step(5, "a", "b", "x"), Step(5, "b", "a", "y"))])
def test_a_story_without_a_course_has_no_drawing(race: Finding, steps: tuple[Step, ...]) -> None:
    """No times, or all at once: the list of steps says it."""
    assert timeline_svg(replace(race, steps=steps)) == ""


def test_markup_in_names_stays_text(race: Finding) -> None:
    """What files say is never markup."""
    steps = (Step(0, "<b>&", "vm", '"<script>"'), Step(9, "vm", "<b>&", "FIN"))
    svg = timeline_svg(replace(race, steps=steps))
    ElementTree.fromstring(svg)
    assert "<script" not in svg
    assert "&lt;b&gt;&amp;" in svg


@given(st.lists(st.floats(LEFT, RIGHT), min_size=1, max_size=20))
def test_badges_never_meet(exact: list[float]) -> None:
    """Whatever the times are, numbers stand apart, in order, and none beyond the edge."""
    exact = sorted(exact)
    placed = spread(exact, BADGE, RIGHT + 12)
    assert all(b - a >= BADGE - 1e-6 for a, b in pairwise(placed))
    assert placed[-1] <= RIGHT + 12 + 1e-6


def test_bars_are_the_limits_of_the_chain_outermost_first() -> None:
    """Limits that are known, also those that never fire."""
    found = [(bar.depth, bar.client, bar.fact.timer, bar.amount) for bar in bars(chain())]
    assert found == [
        (0, "a", "connect.request_total", 30_000_000),
        (1, "b", "connect.request_total", None),
        (1, "b", "connect.attempt_total", 10_000_000),
        (1, "b", "connect.read_stall", 60_000_000),
    ]


def test_what_lasts_longer_than_the_caller_waits_is_set_apart() -> None:
    """b's 60s and its missing limit reach beyond the 30s of a, its 10s do not."""
    svg = budget_svg(bars(chain()))
    half = (RIGHT - LEFT) / 2
    assert numbers(svg, "beyond", "x", "width") == [(LEFT + half, half), (LEFT + half, half)]
    assert [w for (w,) in numbers(svg, "within", "width")] == pytest.approx([half, half, half / 3, half], abs=0.1)
    assert svg.count('class="endless"') == 1


def test_no_limit_no_drawing() -> None:
    """A chain nobody limits has no scale."""
    assert budget_svg(bars([Hop(component("a"), component("b"), facts(request_total=NEVER), {})])) == ""
    assert (
        bars(
            [
                Hop(
                    component("a"),
                    component("b"),
                    {"connect.idle_keep": (Fact("connect.idle_keep", Finite(1), "x", "written", HERE),)},
                    {},
                )
            ]
        )
        == []
    )
