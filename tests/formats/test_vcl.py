"""VCL: statements, blocks, strings and comments, with places."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tochain.formats.vcl import parse
from tochain.formats.words import Line
from tochain.model.span import SourceFile


def shown(block: list[Line], depth: int = 0) -> list[str]:
    found = []
    for statement in block:
        start, end = statement.span.start, statement.span.end
        place = f"{start.line}:{start.column}-{end.line}:{end.column}"
        found.append("  " * depth + " ".join(statement.texts) + f" @ {place}")
        found += shown(statement.block or [], depth + 1)
    return found


def test_statements_and_blocks() -> None:
    text = (
        'vcl 4.1; # c\nbackend a-b { .host = "x;y"; // c\n  .probe = { .interval = 1.5s; } /* }\n */ }\n'
        'sub vcl_recv { if (req.url ~ "^/a" && !x) { return (pass); } C{ }; }C set a.b = {"x"y}"}; }\n'
    )
    found = parse(SourceFile("d.vcl", text))
    assert shown(found.lines) == [
        "vcl 4.1 @ 1:1-1:8",
        "backend a-b @ 2:1-2:12",
        "  .host = x;y @ 2:15-2:28",
        "  .probe = @ 3:3-3:11",
        "    .interval = 1.5s @ 3:14-3:30",
        "sub vcl_recv @ 5:1-5:13",
        "  if ( req.url ~ ^/a & & ! x ) @ 5:16-5:42",
        "    return ( pass ) @ 5:45-5:58",
        '  set a.b = x"y} @ 5:71-5:89',
    ]
    assert found.problems == []


def test_what_is_broken_is_said_with_its_place() -> None:
    found = parse(SourceFile("d.vcl", "}\nsub a { set b = 1 }\nbackend c {\n.host = 2"))
    assert [(message, str(span)) for message, span in found.problems] == [
        ("closing brace without an opening one", "d.vcl:1:1"),
        ("expected ; behind this", "d.vcl:2:17"),
        ("expected ; behind this", "d.vcl:4:9"),
        ("this block is never closed", "d.vcl:3:11"),
    ]


@given(st.text(alphabet=st.sampled_from('aC \t\n\r\\"{}/*#;.1%\x00'), max_size=200))
def test_any_text_is_read(text: str) -> None:
    source = SourceFile("d.vcl", text)
    stack = list(parse(source).lines)
    while stack:
        statement = stack.pop()
        assert all(source.slice(word.span) for word in statement.words)
        stack += statement.block or []


def test_ten_thousand_levels_and_openings_that_never_close() -> None:
    assert len(parse(SourceFile("d.vcl", "a {\n" * 10_000)).problems) == 10_000
    for opening in ("/*", '{"', '"""', "C{", '"'):
        parse(SourceFile("d.vcl", opening * 100_000))
