"""The Caddyfile reader: words, blocks and places; broken files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tochain.formats.caddyfile import Directive, parse
from tochain.model.span import SourceFile


def read(text):
    return parse(SourceFile("Caddyfile", text))


def shape(lines):
    return [([word.text for word in line.words], None if line.block is None else shape(line.block)) for line in lines]


def sites(text):
    return [(site.kind, site.name, [key.text for key in site.keys], shape(site.body)) for site in read(text).sites]


CASES = {
    "bare site": (
        "example.com\nreverse_proxy app:80\n",
        [("site", "", ["example.com"], [(["reverse_proxy", "app:80"], None)])],
    ),
    "bare site with a block": (
        ":80\nreverse_proxy app:80 {\n\tlb_policy first\n}\n",
        [("site", "", [":80"], [(["reverse_proxy", "app:80"], [(["lb_policy", "first"], None)])])],
    ),
    "addresses over lines": (
        "a.example,\nb.example, c.example {\n  respond ok\n}\n",
        [("site", "", ["a.example", "b.example", "c.example"], [(["respond", "ok"], None)])],
    ),
    "global, snippet, route": (
        "{\n debug\n}\n(hdr) {\n header X 1\n}\n&(r) {\n}\n:80 {\n import hdr\n}",
        [
            ("global", "", [], [(["debug"], None)]),
            ("snippet", "hdr", ["(hdr)"], [(["header", "X", "1"], None)]),
            ("route", "r", ["&(r)"], []),
            ("site", "", [":80"], [(["import", "hdr"], None)]),
        ],
    ),
    "quotes, placeholders, comments": (
        ':80 {\n respond "a \\"b\\" {" 200 # {\n header X `c "d"`\n root {$ROOT:/srv}/x#y\n}\n',
        [
            (
                "site", "", [":80"],
                [
                    (["respond", 'a "b" {', "200"], None),
                    (["header", "X", 'c "d"'], None),
                    (["root", "{$ROOT:/srv}/x#y"], None),
                ],
            )
        ],
    ),
    "continued line": (
        ":80 {\n reverse_proxy a:1 \\\n   b:2\n}\n",
        [("site", "", [":80"], [(["reverse_proxy", "a:1", "b:2"], None)])],
    ),
    "heredoc": (
        ":80 {\n respond <<END\n  {\n  END 200\n}\n",
        [("site", "", [":80"], [(["respond", "  {", "200"], None)])],
    ),
    "carriage returns and a byte order mark": (
        "\ufeff:80 {\r\n  respond ok\r\n}\r\n",
        [("site", "", [":80"], [(["respond", "ok"], None)])],
    ),
    "empty": ("", []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_shape(name):
    text, expected = CASES[name]
    assert sites(text) == expected
    assert read(text).problems == []


def test_places():
    source = SourceFile("Caddyfile", 'a.example {\n\treverse_proxy "app:80" {\n\t\tlb_retries 2\n\t}\n}\n')
    proxy = parse(source).sites[0].body[0]
    assert [str(word.span) for word in proxy.words] == ["Caddyfile:2:2", "Caddyfile:2:16"]
    assert source.slice(proxy.words[1].span) == '"app:80"'
    assert source.slice(proxy.span) == 'reverse_proxy "app:80"'
    assert source.slice(proxy.block[0].span) == "lb_retries 2"


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        (":80 {\n respond ok\n", "this block is never closed", "Caddyfile:1:5"),
        (":80 {\n}\n}\n", "closing brace without an opening one", "Caddyfile:3:1"),
        (':80 {\n respond "x\n}\n', "this quote is never closed", "Caddyfile:2:10"),
        (":80 {\n respond <<E\n x\n}\n", "this text is never closed by E", "Caddyfile:2:10"),
        (":80 {\n}\nleft over\n", "expected a block after 'left'", "Caddyfile:3:1"),
        (":80 {\n a {\n } b\n}\n", "expected a new line after the closing brace", "Caddyfile:3:4"),
    ],
)
def test_broken(text, message, place):
    assert [(said, str(span)) for said, span in read(text).problems] == [(message, place)]


def test_deep_nesting_is_read_without_recursion():
    depth = 10_000
    line = read(":80 {\n" + "a {\n" * depth + "}\n" * depth + "}\n").sites[0].body[0]
    seen = 1
    while line.block:
        line, seen = line.block[0], seen + 1
    assert seen == depth


def words(lines: list[Directive]):
    stack = list(lines)
    while stack:
        line = stack.pop()
        yield from line.words
        stack.extend(line.block or [])


@given(st.text(alphabet='ab{}()"`#\\ \n\t<E,:&\ufeff', max_size=80) | st.text(max_size=60))
def test_any_text_gives_words_with_true_places(text):
    source = SourceFile("Caddyfile", text)
    for site in parse(source).sites:
        for word in [*site.keys, *words(site.body)]:
            assert word.quoted or source.slice(word.span).rstrip(",") == word.text.rstrip(",")
