"""Words, lines and braces: keepalived.conf and bigip.conf."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tochain.formats.blocks import parse_bigip, parse_keepalived
from tochain.formats.words import Line
from tochain.model.span import SourceFile


def shown(lines: list[Line], depth: int = 0) -> list[str]:
    found = []
    for line in lines:
        start, end = line.span.start, line.span.end
        found.append("  " * depth + " | ".join(line.texts) + f" @ {start.line}:{start.column}-{end.column}")
        found += shown(line.block or [], depth + 1)
    return found


def test_keepalived() -> None:
    text = (
        '! a comment\nglobal_defs\n{\n  router_id "L V S" # more\n}\n'
        "virtual_server 10.0.0.1 80 {\n\tlb_kind DR\n\treal_server 10.0.0.2 80 { weight 1 }\n}\n"
    )
    found = parse_keepalived(SourceFile("k", text))
    assert shown(found.lines) == [
        "global_defs @ 2:1-12",
        "  router_id | L V S @ 4:3-20",
        "virtual_server | 10.0.0.1 | 80 @ 6:1-27",
        "  lb_kind | DR @ 7:2-12",
        "  real_server | 10.0.0.2 | 80 @ 8:2-25",
        "    weight | 1 @ 8:28-36",
    ]
    assert found.problems == []


def test_bigip() -> None:
    text = (
        'ltm profile tcp /Common/app! {\n    idle-timeout 60\n    description "a {b"\n'
        "    profiles { /Common/http { } }\n}\n"
    )
    assert shown(parse_bigip(SourceFile("b", text)).lines) == [
        "ltm | profile | tcp | /Common/app! @ 1:1-29",
        "  idle-timeout | 60 @ 2:5-20",
        "  description | a {b @ 3:5-23",
        "  profiles @ 4:5-13",
        "    /Common/http @ 4:16-28",
    ]


def test_templates_are_words() -> None:
    found = parse_keepalived(SourceFile("k", "{% for v in vips %}\nvirtual_server {{ v }} 80 {\n}\n{% endfor %}\n"))
    assert shown(found.lines) == ["virtual_server | {{ v }} | 80 @ 2:1-26"]
    assert str(found.template) == "k:1:1"


def test_what_is_broken_is_said_with_its_place() -> None:
    found = parse_keepalived(SourceFile("k", 'a {\n}\n}\nb {\n c "x\n'))
    assert shown(found.lines) == ["a @ 1:1-2", "b @ 4:1-2", '  c | "x @ 5:2-6']
    assert [(m, str(s)) for m, s in found.problems] == [
        ("closing brace without an opening one", "k:3:1"),
        ("this block is never closed", "k:4:3"),
    ]


@given(st.text(alphabet=st.sampled_from("ab \t\n\r\\\"'#!{}%\x00"), max_size=200))
def test_any_text_is_read(text: str) -> None:
    source = SourceFile("k", text)
    stack = [*parse_keepalived(source).lines, *parse_bigip(source).lines]
    while stack:
        line = stack.pop()
        assert all(source.slice(word.span) for word in line.words)
        stack += line.block or []


def test_ten_thousand_levels() -> None:
    assert len(parse_bigip(SourceFile("b", "a {\n" * 10_000)).problems) == 10_000
