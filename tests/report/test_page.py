"""The page as a file: complete, loading nothing, and safe whatever the texts are."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from html.parser import HTMLParser

import pytest

pytest.importorskip("jinja2", reason="the extra tochain[report] is not installed")

from tochain.check import Options, analyse, judge_all
from tochain.model.coverage import FileReport
from tochain.model.errors import TochainError
from tochain.model.finding import Finding
from tochain.model.hop import Graph
from tochain.model.result import Result
from tochain.model.span import Pos, SourceFile, Span
from tochain.report.page import render_page
from tochain.report.pagedata import excerpt, script_json
from tochain.report.view import View

EMPTY = Graph((), ())
VOID = {"meta", "link", "input", "br"}


class Shape(HTMLParser):
    """Ids, references, addresses, and whether every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.refers: set[str] = set()
        self.loads: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        self.refers |= {ref for name in ("aria-labelledby", "aria-describedby") for ref in given.get(name, "").split()}
        if given.get("href", "").startswith("#"):
            self.refers.add(given["href"][1:])
        self.loads += [given[name] for name in ("src", "srcset", "data", "poster") if name in given]
        if tag in ("link", "use", "image"):
            self.loads.append(given.get("href", ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


def page(result: Result, graph: Graph = EMPTY, view: View | None = None) -> str:
    return render_page(graph, result, view or View(), "a <b> & c")


def without_scripts(text: str) -> str:
    return re.sub(r"(?s)<(script|style)[^>]*>.*?</\1>", "", text)


def test_the_page_holds_together(result: Result, view: View) -> None:
    """Closed elements, ids only once, every reference leads somewhere, and nothing is loaded from anywhere."""
    text = page(result, view=view)
    shape = Shape()
    shape.feed(without_scripts(text))
    assert shape.open == []
    assert len(shape.ids) == len(set(shape.ids))
    assert shape.refers <= set(shape.ids)
    assert shape.loads == ["data:,"]
    assert "default-src 'none'" in text
    assert "@import" not in text
    assert "url(" not in re.search(r"(?s)<style>(.*?)</style>", text)[1].replace("url(#tip)", "")  # type: ignore[index]


def test_findings_say_all_there_is(result: Result, view: View) -> None:
    """Message, places with excerpts, provenance of a default, steps, fix; undecided and coverage below."""
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", without_scripts(page(result, view=view))))
    for said in (
        "proxy reuses idle connections for up to 300s, vm closes them after 10s",
        "vm/nginx.conf:2:21 vm keepalive_timeout 10s written already closed after 10s idle",
        "2 keepalive_timeout 10s ; 3 }",
        "10s vm → proxy: FIN vm/nginx.conf:2 keepalive_timeout 10s",
        "Fix vm: keepalive_timeout 301s (300s + 1s margin)",
        "db has wait_timeout 8h by default (mysql, any version, https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html)",
        "deadline-outer-first app-&gt;proxy app connect.request_total (2 times)",
        "vm/broken.conf nginx failed 3:7: expected &#39;;&#39; or &#39;{&#39;, found the end of the file",
        "1 suppressed",
    ):
        assert said in words, said


def test_nothing_from_a_file_becomes_markup(race: Finding) -> None:
    """Names and messages that look like HTML stay text, in the page and in its data."""
    evil = "</script><img src=x onerror=alert(1)>"
    finding = replace(race, message=evil, rule=evil, notes=(evil,), fingerprint="00ff")
    text = page(Result(files=(FileReport(evil),), findings=(finding,)))
    assert "<img" not in text
    assert text.count("</script>") == text.count("<script")
    assert json.loads(script_json({"a": evil + "\u2028"})) == {"a": evil + "\u2028"}


def test_secrets_in_quoted_lines_are_masked() -> None:
    """The line is shown, the password is not."""
    view = View(lines=lambda path: SourceFile(path, "url = postgres://app:hunter2@db/x?connect_timeout=10\n"))
    (line,) = excerpt(Span("a.ini", Pos(1, 35), Pos(1, 53)), view, 0)
    assert "hunter2" not in line["before"] + line["mark"] + line["after"]
    assert line["before"].startswith("url = postgres://app:*******@")


def test_an_endless_line_is_cut_around_its_place() -> None:
    """A megabyte in one line does not make a megabyte of page."""
    text = "x" * 500_000 + "VALUE" + "y" * 500_000
    (line,) = excerpt(
        Span("a.json", Pos(1, 500_001), Pos(1, 500_006)), View(lines=lambda path: SourceFile(path, text)), 0
    )
    assert line["mark"] == "VALUE"
    assert len(line["before"] + line["after"]) < 200


def test_a_missing_library_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install, in one sentence."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(TochainError, match=r"the page needs Jinja2: pip install 'tochain\[report\]'"):
        page(Result())


def test_the_vendored_libraries_say_their_licence() -> None:
    """Both licences are in the package and named in the page."""
    from importlib.resources import files

    assets = files("tochain.report") / "assets"
    licences = (assets / "LICENSES.md").read_text(encoding="utf-8")
    for name in ("cytoscape.min.js", "dagre.min.js"):
        assert f"## {name}" in licences
        assert (assets / name).is_file()
    text = page(Result())
    assert "Permission is hereby granted" in text
    assert "Copyright (c) 2012-2014 Chris Pettitt" in text


def test_the_same_run_gives_the_same_page(result: Result, view: View) -> None:
    """No time, no random order: the page can be compared."""
    assert page(result, view=view) == page(result, view=view)


def test_a_whole_fixture(tmp_path: pytest.TempPathFactory) -> None:
    """Hops of a real run are in the data with both ends' facts and the findings they have."""
    from pathlib import Path

    root = Path(__file__).parents[2] / "fixtures/seeds/proxy-300-vm-10"
    options = Options(base=root)
    analysis = analyse([root], options)
    result = judge_all(analysis, options)
    text = render_page(analysis.graph, result, View(lines=analysis.text), "seed")
    data = json.loads(re.search(r'(?s)id="data">(.*?)</script>', text)[1])  # type: ignore[index]
    (hop,) = [hop for hop in data["hops"] if data["nodes"][hop["s"]]["n"] == "vm"]
    assert (data["nodes"][hop["c"]]["n"], hop["v"], len(hop["f"])) == ("proxy", "error", 1)
    close = next(fact for n in hop["sf"] if (fact := data["facts"][n])[0] == "accept.idle_close")
    assert close[:4] == ["accept.idle_close", "10s", "keepalive_timeout (http)", "inherited"]
    assert data["quotes"][close[6]] == ["vm/nginx.conf:12:5", "    ", "keepalive_timeout  10s;", ""]
    assert f'id="f-{hop["f"][0]}"' in text
