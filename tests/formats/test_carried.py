from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tochain.formats.carried import Carried, CarriedFile, Piece, carried_path, joined, written
from tochain.formats.yamlfile import parse
from tochain.model.span import Pos, SourceFile, Span


def span(line: int, start: int, end: int, path: str = "a.tf") -> Span:
    return Span(path, Pos(line, start), Pos(line, end))


PIECES = Carried(
    (
        Piece("listen ", span(4, 5, 12), exact=True),
        Piece("8080", span(4, 12, 23)),
        Piece(";\n", span(4, 23, 24), exact=True),
    )
)


@pytest.mark.parametrize(
    ("start", "end", "place"),
    [
        (0, 6, span(4, 5, 11)),
        (7, 9, span(4, 12, 23)),  # a value that is filled in has one place
        (3, 12, span(4, 8, 24)),
        (11, 11, span(4, 23, 24)),
        (12, 13, span(4, 24, 25)),  # a line end has no width, and a place has some
    ],
)
def test_places(start: int, end: int, place: Span) -> None:
    assert PIECES.span(start, end) == place


def test_nothing_has_no_place() -> None:
    assert Carried(()).span(0, 1) is None


def test_a_text_in_a_block_of_yaml_in_another_text() -> None:
    outer = SourceFile("a.tf", "x = <<EOT\nfiles:\n  - content: |\n      one 1\n      two 2\nEOT\n")
    text = "files:\n  - content: |\n      one 1\n      two 2\n"
    whole = written(text, outer.span(4, len(outer.text) - 1), outer)
    source = SourceFile("inner", whole.text)
    content = parse(source).roots[0].get("files", 0, "content")
    assert content is not None
    inner = whole.inner(source, written(content.text, content.span, source))
    assert inner.text == "one 1\ntwo 2\n"
    assert inner.span(10, 11) == span(5, 11, 12)


@pytest.mark.parametrize(
    ("text", "start", "end", "value", "exact"),
    [
        ("a: b c", 3, 6, "b c", True),
        ('a: "b c"', 3, 8, "b c", True),
        ('a: "b\\nc"', 3, 9, "b\nc", False),
        ("a: >\n  b\n  c\n", 3, 12, "b c\n", False),
        ("a: |\n  b\n  c\n", 3, 12, "b\nc\n", True),
    ],
)
def test_how_a_value_stands_in_its_file(text: str, start: int, end: int, value: str, exact: bool) -> None:
    source = SourceFile("a", text)
    made = written(value, source.span(start, end), source)
    assert (made.text, all(piece.exact for piece in made.pieces)) == (value, exact)


@given(st.lists(st.text("ab\n", max_size=4)), st.integers(0, 30), st.integers(0, 30))
def test_cut_is_what_slicing_texts_is(texts: list[str], start: int, end: int) -> None:
    whole = Carried(tuple(Piece(text, span(1, 1, 2)) for text in texts))
    assert whole.cut(start, end).text == whole.text[start:end]
    assert joined(whole.lines()).text == whole.text
    assert [line.text for line in whole.lines()] == whole.text.splitlines(keepends=True)


@given(st.text("a \n\x0b\x1c\u2028|", max_size=12))
def test_every_piece_lies_in_its_line(text: str) -> None:
    source = SourceFile("a", text)
    whole = written(text, source.span(0, len(text)), source)
    assert whole.text == text
    for piece in (piece for line in whole.lines() for piece in line.pieces):
        assert piece.span.start.line == piece.span.end.line
        assert piece.span.end.column <= len(text.split("\n")[piece.span.start.line - 1]) + 1


def test_a_file_knows_what_it_is_the_whole_of() -> None:
    other = Carried((Piece("x", span(1, 1, 2, "c")),))
    assert CarriedFile("b", PIECES).whole == "a.tf"
    assert CarriedFile("b", joined((PIECES, other))).whole == ""


def test_paths() -> None:
    assert carried_path("infra/main.tf", 'aws_instance.web["a/b"]', "/etc/x") == (
        "infra/main.tf!aws_instance.web--a-b--/etc/x"
    )
