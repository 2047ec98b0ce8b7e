"""The page in headless Chromium: opens without a word on the console, filters, selects; 5,000 hops stay usable."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("jinja2", reason="the extra tochain[report] is not installed")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from tochain.check import Options, analyse, judge_all
from tochain.model.component import Component
from tochain.model.fact import Fact
from tochain.model.hop import Graph, Hop
from tochain.model.limit import seconds
from tochain.model.result import Result
from tochain.model.span import Pos, Span
from tochain.report.page import render_page
from tochain.report.view import View

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
FIXTURES = Path(__file__).parents[2] / "fixtures"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


class Opened:
    """A page from a file, with everything it said or asked for."""

    def __init__(self, browser: Any, path: Path, **how: Any) -> None:
        self.context = browser.new_context(**how)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on(
            "request", lambda asked: None if asked.url.startswith(("file:", "data:")) else self.said.append(asked.url)
        )
        self.page.goto(path.as_uri())


def written(folder: Path, target: Path) -> Path:
    options = Options(base=folder)
    analysis = analyse([folder], options)
    target.write_text(
        render_page(analysis.graph, judge_all(analysis, options), View(lines=analysis.text), folder.name),
        encoding="utf-8",
    )
    return target


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("fixture", ["seeds/proxy-300-vm-10", "repos/alb-ec2-gunicorn", "repos/alb-ingress"])
@pytest.mark.parametrize("wide", [390, 1200])
def test_it_opens_from_a_file(browser: Any, tmp_path: Path, fixture: str, scheme: str, wide: int) -> None:
    """No console message, no request, the graph is drawn, and nothing is wider than the window."""
    opened = Opened(
        browser,
        written(FIXTURES / fixture, tmp_path / "r.html"),
        color_scheme=scheme,
        viewport={"width": wide, "height": 800},
    )
    page = opened.page
    assert opened.said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= wide
    assert page.evaluate("tochain.cy.nodes().length") >= 2
    assert page.locator("#hop dl > div").count() > 0
    drawings = page.locator(".drawn svg:visible")
    widths = {box["width"] for box in (drawings.nth(at).bounding_box() for at in range(drawings.count())) if box}
    assert widths <= ({326} if wide == 390 else {760})  # each window has a drawing of its own, at its own size
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert ink == ("rgb(230, 237, 243)" if scheme == "dark" else "rgb(27, 31, 36)")


def test_filters_narrow_findings_and_hops(browser: Any, tmp_path: Path) -> None:
    """By severity, by family, by text; what is left is said."""
    opened = Opened(browser, written(FIXTURES / "repos/alb-ec2-gunicorn", tmp_path / "r.html"))
    page, shown = opened.page, opened.page.locator(".finding:visible")
    total = shown.count()
    assert total >= 2
    page.uncheck("[value=error]")
    assert page.locator(".finding.error:visible").count() == 0
    page.check("[value=error]")
    page.select_option("#family", "idle-reuse")
    assert {item.get_attribute("data-family") for item in shown.all()} == {"idle-reuse"}
    page.select_option("#family", "")
    page.fill("#text", "originreadtimeout cloudfront")
    assert 0 < shown.count() < total
    page.fill("#text", "nothing has these words")
    assert shown.count() == 0
    assert page.inner_text("#shown").startswith(f"0 of {total} findings")
    page.fill("#text", "")
    assert shown.count() == total
    assert opened.said == []


def test_a_hop_is_chosen_by_list_picture_and_finding(browser: Any, tmp_path: Path) -> None:
    """Each way shows both ends with provenance and the quoted line, and marks the hop in the others."""
    opened = Opened(browser, written(FIXTURES / "repos/alb-ec2-gunicorn", tmp_path / "r.html"))
    page = opened.page
    page.locator("#hops button").nth(1).click()
    assert page.locator("#hops button").nth(1).get_attribute("aria-pressed") == "true"
    assert page.evaluate("tochain.cy.edges(':selected').length") == 1
    first = page.inner_text("#hop h3 >> nth=0")
    at = page.evaluate("""() => { const e = tochain.cy.edges(':unselected')[0].renderedMidpoint();
        const box = document.getElementById('graph').getBoundingClientRect(); return [box.x + e.x, box.y + e.y]; }""")
    page.mouse.click(*at)
    assert page.inner_text("#hop h3 >> nth=0") != first
    page.locator("[data-finding]").first.click()
    assert page.evaluate("document.activeElement.id") == "hop"
    assert "keepalive = 5" in page.inner_text("#hop")
    assert page.evaluate("location.hash").startswith("#hop-")
    assert opened.said == []


def test_it_is_used_with_the_keyboard_alone(browser: Any, tmp_path: Path) -> None:
    """The first tab leads past everything; arrows move, + zooms, 0 fits; Enter chooses a hop; colours can be switched."""
    opened = Opened(browser, written(FIXTURES / "seeds/proxy-300-vm-10", tmp_path / "r.html"))
    page = opened.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.focus("#graph")
    before = page.evaluate("[tochain.cy.zoom(), tochain.cy.pan().x]")
    page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    after = page.evaluate("[tochain.cy.zoom(), tochain.cy.pan().x]")
    assert after[0] > before[0]
    page.keyboard.press("0")
    assert page.evaluate("tochain.cy.zoom()") == pytest.approx(before[0])
    page.locator("#hops button").last.focus()
    page.keyboard.press("Enter")
    assert page.inner_text("#hop h3 >> nth=0").startswith("app → proxy")
    page.focus("#theme")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert opened.said == []


def test_everything_has_a_name_for_screen_readers(browser: Any, tmp_path: Path) -> None:
    """Every control and picture is named, headings go down one level at a time, a language is given."""
    opened = Opened(browser, written(FIXTURES / "repos/alb-ec2-gunicorn", tmp_path / "r.html"))
    nameless = opened.page.evaluate("""() => Array.from(document.querySelectorAll('button, input, select, [role], svg:not([aria-hidden])'))
        .filter((e) => !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.textContent.trim() || e.closest('label')))
        .map((e) => e.outerHTML.slice(0, 80)).filter((html) => !html.includes('id="shown"'))""")
    assert nameless == []
    levels = opened.page.evaluate("Array.from(document.querySelectorAll('h1,h2,h3'), (e) => Number(e.tagName[1]))")
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert opened.page.evaluate("document.documentElement.lang") == "en"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("wide", [390, 1280])
def test_axe_finds_nothing_to_object_to(browser: Any, tmp_path: Path, scheme: str, wide: int) -> None:
    """Contrast, names, roles, order of headings, what can be reached with the keyboard."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    opened = Opened(
        browser,
        written(FIXTURES / "repos/istio-shop", tmp_path / "r.html"),
        color_scheme=scheme,
        viewport={"width": wide, "height": 800},
    )
    found = axe.Axe().run(opened.page).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []


def large(hops: int) -> Graph:
    """A tree of components with four calls each, and timers on both ends."""
    here = Span("big.conf", Pos(1, 1), Pos(1, 2))
    names = [f"service-{number}" for number in range(hops + 1)]
    parts = [Component(f"x:{name}", name, "nginx", here, kind="proxy") for name in names]
    keep = {
        "connect.idle_keep": (Fact("connect.idle_keep", seconds(60), "keepalive_timeout", "default", here, "a source"),)
    }
    close = {
        "accept.idle_close": (Fact("accept.idle_close", seconds(75), "keepalive_timeout", "default", here, "a source"),)
    }
    made = tuple(
        Hop(parts[(number - 1) // 4], parts[number], keep, close, why="by name") for number in range(1, hops + 1)
    )
    return Graph(tuple(parts), made)


def test_5000_hops_stay_usable(browser: Any, tmp_path: Path) -> None:
    """The page opens, filters to one hop, shows it, and zooms; it is a few megabytes."""
    graph = large(5000)
    path = tmp_path / "big.html"
    path.write_text(render_page(graph, Result(components=5001, hops=5000), View(), "large"), encoding="utf-8")
    assert path.stat().st_size < 4_000_000
    opened = Opened(browser, path)
    page = opened.page
    assert page.evaluate("tochain.cy.edges().length") == 600
    assert page.inner_text("#drawn") == "Drawn: 600 of 5000 hops; the filter chooses them."
    assert page.locator("#hops button").count() == 300
    assert page.inner_text("#more-hops") == "and 4700 more; the filter finds them"
    page.fill("#text", "service-4999")
    assert page.inner_text("#shown") == "0 of 0 findings, 1 of 5000 hops"
    page.locator("#hops button").click()
    assert page.inner_text("#hop h3 >> nth=0") == "service-1249 → service-4999"
    page.wait_for_function("tochain.cy.edges().length === 1")
    assert page.evaluate("tochain.cy.edges(':selected').length") == 1
    page.click("#zoom-in")
    page.click("#fit")
    assert opened.said == []
