"""HAProxy's syntax: words, quoting, sections, conditions, templates, and what is broken."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tochain.formats.haproxy import parse
from tochain.model.span import SourceFile


def tree(text: str):
    return parse(SourceFile("haproxy.cfg", text))


def shown(text: str) -> list[str]:
    return [
        f"{section.kind} {section.name}".strip()
        + (f" from {section.base.text}" if section.base else "")
        + ": "
        + " | ".join(" ".join(word.text for word in line.words) for line in section.lines)
        for section in tree(text).sections
    ]


def test_sections_with_names_and_bases() -> None:
    text = "global\n  grace 1s\ndefaults\ndefaults slow from fast\nfrontend web from slow\n  bind :80\nbackend b\n"
    assert shown(text) == [
        "global: grace 1s",
        "defaults: ",
        "defaults slow from fast: ",
        "frontend web from slow: bind :80",
        "backend b: ",
    ]


def test_words_are_quoted_as_in_a_shell_and_keep_their_places() -> None:
    source = SourceFile("h", 'listen a\n\tserver "my s" \'$H\':80 a\\ b"$X"c # end\n')
    [line] = parse(source).sections[0].lines
    assert [(w.text, source.slice(w.span), w.expands) for w in line.words] == [
        ("server", "server", False),
        ("my s", '"my s"', False),
        ("$H:80", "'$H':80", False),
        ("a b$Xc", 'a\\ b"$X"c', True),
    ]
    assert str(line.span) == "h:2:2"
    assert line.span.end == line.words[-1].span.end


def test_a_backslash_joins_lines_and_a_hash_ends_them() -> None:
    assert shown("listen a\n  bind :80 \\\n    ssl\n  mode http#x\n  log a\\#b\r\n") == [
        "listen a: bind :80 ssl | mode http | log a#b"
    ]


def test_lines_know_the_conditions_they_stand_under() -> None:
    text = "global\n.if A\n grace 1s\n.elif B\n grace 2s\n.else\n.if C\n grace 3s\n.endif\n.endif\n grace 4s\n"
    assert [(line.args[0].text, line.conditions) for line in tree(text).sections[0].lines] == [
        ("1s", ("A",)),
        ("2s", ("B",)),
        ("3s", ("not A and not B", "C")),
        ("4s", ()),
    ]


def test_template_actions_are_words_and_control_lines_vanish() -> None:
    text = "backend b\n{% for h in hosts %}\n  server {{ h.name }} {{ h.ip }}:80 check\n{% endfor %}\n"
    found = tree(text)
    assert [[w.text for w in line.words] for line in found.sections[0].lines] == [
        ["server", "{{ h.name }}", "{{ h.ip }}:80", "check"]
    ]
    assert str(found.template) == "haproxy.cfg:2:1"


def test_what_is_broken_is_said_with_its_place() -> None:
    text = 'mode http\n.endif\nlisten a\n  log "open\n  bind :80\n.if X\n.frob\n'
    found = tree(text)
    assert [(message, str(span)) for message, span in found.problems] == [
        ("'mode' stands before any section", "haproxy.cfg:1:1"),
        (".endif without .if", "haproxy.cfg:2:1"),
        ('expected a closing " for the quote opened here', "haproxy.cfg:4:7"),
        ("unknown directive .frob", "haproxy.cfg:7:1"),
        ("this .if is never closed by .endif", "haproxy.cfg:6:1"),
    ]
    assert [line.name for line in found.sections[0].lines] == ["log", "bind"]


@given(st.text(alphabet=st.sampled_from("ab \t\n\r\\\"'#${}%.:if\x00"), max_size=200))
def test_any_text_is_read_to_its_end(text: str) -> None:
    source = SourceFile("x", "listen a\n" + text)
    for section in parse(source).sections:
        for line in section.lines:
            for word in line.words:
                assert source.slice(word.span)


def test_ten_thousand_conditions_and_a_long_line() -> None:
    found = tree("global\n" + ".if A\n" * 10_000 + " grace " + "x" * 100_000 + "\n" + ".endif\n" * 10_000)
    assert found.problems == []
    assert len(found.sections[0].lines[0].conditions) == 10_000
