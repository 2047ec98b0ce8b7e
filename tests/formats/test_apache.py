"""httpd's syntax: lines, quotes, sections, templates, and what is broken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tochain.formats.apache import Directive, parse
from tochain.model.span import SourceFile


def shown(block: list[Directive], depth: int = 0) -> list[str]:
    lines = []
    for directive in block:
        start, end = directive.span.start, directive.span.end
        place = f"{start.line}:{start.column}-{end.line}:{end.column}"
        lines.append("  " * depth + " | ".join([directive.name, *directive.texts]) + f" @ {place}")
        lines += shown(directive.block or [], depth + 1)
    return lines


def test_directives_and_sections_with_places() -> None:
    text = (
        "# a comment \\\nServerName one\n"
        "ServerName \"a b\" \\\n   x'y 'it\\'s'\r\n"
        "<VirtualHost *:80 [::]:80>\n  KeepAlive On # not a comment\n"
        '  <Location ~ "^/x>y$">\n  </LOCATION>\n</virtualhost>\n'
    )
    found = parse(SourceFile("httpd.conf", text))
    assert shown(found.directives) == [
        "ServerName | a b | x'y | it's @ 3:1-4:15",
        "VirtualHost | *:80 | [::]:80 @ 5:1-5:27",
        "  KeepAlive | On | # | not | a | comment @ 6:3-6:31",
        "  Location | ~ | ^/x>y$ @ 7:3-7:24",
    ]
    assert found.problems == []


def test_templates_are_kept_as_words() -> None:
    text = "{% if tls %}\nListen {{ port }}\n{% endif %}\nTimeOut {{ a }}s\n"
    found = parse(SourceFile("httpd.conf.j2", text))
    assert shown(found.directives) == ["Listen | {{ port }} @ 2:1-2:18", "TimeOut | {{ a }}s @ 4:1-4:17"]
    assert str(found.template) == "httpd.conf.j2:1:1"


def test_what_is_broken_is_said_with_its_place() -> None:
    text = 'A "open\n<B x\n<C>\nD\n</B>\n</E>\n<F>\n'
    found = parse(SourceFile("h", text))
    assert shown(found.directives) == [
        "A | open @ 1:1-1:8",
        "B | x @ 2:1-2:5",
        "  C @ 3:1-3:4",
        "    D @ 4:1-4:2",
        "F @ 7:1-7:4",
    ]
    assert [(message, str(span)) for message, span in found.problems] == [
        ('expected a closing " for the quote opened here', "h:1:3"),
        ("expected > at the end of this line", "h:2:4"),
        ("<C> is never closed", "h:3:1"),
        ("</E> closes a section that is not open", "h:6:1"),
        ("<F> is never closed", "h:7:1"),
    ]


@given(st.text(alphabet=st.sampled_from("aB \t\n\r\\\"'#<>/{}%$\x00"), max_size=200))
def test_any_text_is_read_and_every_argument_has_its_place(text: str) -> None:
    source = SourceFile("h", text)
    stack = list(parse(source).directives)
    while stack:
        directive = stack.pop()
        assert all(source.slice(arg.span) for arg in directive.args)
        stack += directive.block or []


def test_deep_sections_and_long_lines() -> None:
    found = parse(SourceFile("h", "<a>\n" * 10_000 + "</b>\n" * 10_000 + "x \\\n" * 10_000))
    assert len(found.problems) == 20_000
