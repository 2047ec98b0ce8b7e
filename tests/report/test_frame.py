import pytest
from hypothesis import given
from hypothesis import strategies as st

from tochain.model.span import Pos, SourceFile, Span
from tochain.report.frame import excerpt, frame
from tochain.report.safe import width
from tochain.report.style import COLOUR, PLAIN


def framed(text: str, start: tuple[int, int], end: tuple[int, int], said: str = "here", columns: int = 100) -> str:
    span = Span("a.conf", Pos(*start), Pos(*end))
    source = SourceFile("a.conf", text)
    gutter = len(str(start[0]))
    rows = frame(source, span, said, gutter=gutter, primary=True, columns=columns, style=PLAIN, role="error")
    return "\n".join(rows)


FRAMES = {
    "plain": (
        ("keepalive 10s;\n", (1, 11), (1, 14)),
        """\
  --> a.conf:1:11
   |
 1 | keepalive 10s;
   |           ^^^ here""",
    ),
    "tabs before and inside": (
        ("\tkeep\t10s;", (1, 2), (1, 10)),
        """\
  --> a.conf:1:2
   |
 1 |     keep    10s;
   |     ^^^^^^^^^^^ here""",
    ),
    "wide characters": (
        ("# 時間 10s", (1, 6), (1, 9)),
        """\
  --> a.conf:1:6
   |
 1 | # 時間 10s
   |        ^^^ here""",
    ),
    "an escape sequence": (
        ("a \x1b[2J b", (1, 3), (1, 7)),
        """\
  --> a.conf:1:3
   |
 1 | a ␛[2J b
   |   ^^^^ here""",
    ),
    "several lines: to the end of the first": (
        ("server {\n  x;\n}\n", (1, 1), (3, 2)),
        """\
  --> a.conf:1:1
   |
 1 | server {
   | ^^^^^^^^ here""",
    ),
    "an empty place past the end of the line": (
        ("abc\n", (1, 9), (1, 9)),
        """\
  --> a.conf:1:9
   |
 1 | abc
   |    ^ here""",
    ),
    "a line past the end of the file": (
        ("abc", (12, 1), (12, 2)),
        """\
   --> a.conf:12:1
    = here""",
    ),
    "CRLF": (
        ("abc\r\nkeep 10s;\r\n", (2, 6), (2, 9)),
        """\
  --> a.conf:2:6
   |
 2 | keep 10s;
   |      ^^^ here""",
    ),
    "a password": (
        ("url: postgres://app:hunter2@db?connect_timeout=3", (1, 48), (1, 49)),
        """\
  --> a.conf:1:48
   |
 1 | url: postgres://app:*******@db?connect_timeout=3
   |                                                ^ here""",
    ),
    "a line number of three digits": (
        ("\n" * 99 + "keep 10s;", (100, 6), (100, 9)),
        """\
    --> a.conf:100:6
     |
 100 | keep 10s;
     |      ^^^ here""",
    ),
}


@pytest.mark.parametrize(("given", "shown"), FRAMES.values(), ids=FRAMES)
def test_the_place_is_underlined(given, shown: str) -> None:
    assert framed(*given) == shown


LONG = "a" * 50 + " 10s " + "b" * 50

CUTS = {
    "in the middle": (
        (LONG, (1, 52), (1, 55)),
        """\
  --> a.conf:1:52
   |
 1 | …aaaaaaaaaaa 10s bbbbbbbbbbbb…
   |              ^^^ here""",
    ),
    "at the beginning": (
        ("10s " + "b" * 50, (1, 1), (1, 4)),
        """\
  --> a.conf:1:1
   |
 1 | 10s bbbbbbbbbbbbbbbbbbbbbbbbb…
   | ^^^ here""",
    ),
    "at the end": (
        ("a" * 50 + " 10s", (1, 52), (1, 55)),
        """\
  --> a.conf:1:52
   |
 1 | …aaaaaaaaaaaaaaaaaaaaaaaaa 10s
   |                            ^^^ here""",
    ),
    "a place wider than the line may be": (
        ("x" * 60, (1, 11), (1, 51)),
        """\
  --> a.conf:1:11
   |
 1 | …xxxxxxxxxxxxxxxxxxxxxxxx…xxx…
   |     ^^^^^^^^^^^^^^^^^^^^^^ here""",
    ),
    "megabytes on one line": (
        ("a" * 2_000_000 + " 10s " + "b" * 2_000_000, (1, 2_000_002), (1, 2_000_005)),
        """\
  --> a.conf:1:2000002
   |
 1 | …aaaaaaaaaaa 10s bbbbbbbbbbbb…
   |              ^^^ here""",
    ),
}


@pytest.mark.parametrize(("given", "shown"), CUTS.values(), ids=CUTS)
def test_a_long_line_is_cut_around_the_place(given, shown: str) -> None:
    assert framed(*given, columns=30) == shown


@given(st.text(max_size=300), st.integers(1, 320), st.integers(1, 320), st.integers(20, 120))
def test_an_excerpt_fits_and_stays_on_its_line(text: str, start: int, end: int, columns: int) -> None:
    source = SourceFile("a.conf", text)
    cut = excerpt(source, Span("a.conf", Pos(1, start), Pos(1, end)), columns)
    assert width(cut.text) <= columns
    assert "\n" not in cut.text
    assert "\x1b" not in cut.text


def test_without_a_source_the_place_and_the_words_remain() -> None:
    span = Span("gone.conf", Pos(7, 3), Pos(7, 9))
    rows = frame(None, span, "closes after 10s", gutter=1, primary=False, columns=80, style=PLAIN, role="note")
    assert rows == ["  ::: gone.conf:7:3", "   = closes after 10s"]


def test_colour_dresses_gutter_and_marks() -> None:
    span = Span("a.conf", Pos(1, 1), Pos(1, 4))
    source = SourceFile("a.conf", "10s")
    rows = frame(source, span, "here", gutter=1, primary=True, columns=80, style=COLOUR, role="error")
    assert rows == [
        "  \x1b[1;34m-->\x1b[0m a.conf:1:1",
        "   \x1b[1;34m|\x1b[0m",
        " \x1b[1;34m1 |\x1b[0m 10s",
        "   \x1b[1;34m|\x1b[0m \x1b[1;31m^^^ here\x1b[0m",
    ]
