"""Files of command lines: words, quotes, comments, joined lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tochain.formats.lines import parse
from tochain.model.span import SourceFile


def shown(text: str) -> list[str]:
    return [
        " | ".join(line.texts) + f" @ {line.span.start.line}:{line.span.start.column}-{line.span.end.column}"
        for line in parse(SourceFile("squid.conf", text)).lines
    ]


def test_words_quotes_comments_and_joined_lines() -> None:
    assert shown('# c\nacl a "b c" x#y # d\n\n  e \\\n  f\r\nadd x -y="1 2" "open\n') == [
        "acl | a | b c | x#y @ 2:1-16",
        "e | f @ 4:3-4",
        'add | x | -y="1 2" | "open @ 6:1-21',
    ]


def test_template_actions_are_words() -> None:
    found = parse(SourceFile("s", "{% if x %}\nread_timeout {{ t }} minutes\n{% endif %}\n"))
    assert [line.texts for line in found.lines] == [("read_timeout", "{{ t }}", "minutes")]
    assert str(found.template) == "s:1:1"


@given(st.text(alphabet=st.sampled_from('ab \t\n\r\\"#{%}\x00'), max_size=200))
def test_any_text_is_read(text: str) -> None:
    source = SourceFile("s", text)
    assert all(source.slice(word.span) for line in parse(source).lines for word in line.words)


def test_long_lines_and_open_quotes() -> None:
    parse(SourceFile("s", 'a "' * 50_000))
    parse(SourceFile("s", '"' * 100_000))
