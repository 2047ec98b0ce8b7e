"""Comments in every syntax, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.trees import check_inside, place
from tochain.formats.comments import comments, syntax_of
from tochain.model.span import SourceFile


def found(path: str, text: str) -> list[tuple[str, str]]:
    return [(word.text, place(word.span)) for word in comments(SourceFile(path, text))]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("nginx.conf", "a 1; # one\n## two\nb \"# no\" 'x # no';\n", [("one", "1:6-1:11"), ("two", "2:1-2:7")]),
        ("a.yaml", "a: b#c\nd: it's # one\ne: 'x' # two\r\n", [("one", "2:9-2:14"), ("two", "3:8-3:13")]),
        ("a.yaml", '{{/* one */}}\na: "open # two\n# c',
         [("one", "1:1-1:14"), ("two", "2:10-2:15"), ("c", "3:1-3:4")]),
        ("a.conf.j2", "{# one\n #}\na # two", [("one", "1:1-2:4"), ("two", "3:3-3:8")]),
        ("x.py", 'a = "# no" #one\nb = """\n# no\n"""\nc = r\'# no\'  # two\n',
         [("one", "1:12-1:16"), ("two", "5:14-5:19")]),
        ("x.ts", "a('// no', `\n// no`) // one\n/* two\n */ b", [("one", "2:9-2:15"), ("two", "3:1-4:4")]),
        ("x.json", '{"a": "http://x", // one\n}', [("one", "1:19-1:25")]),
        ("main.tf", 'a = "# no" # one\nb = 1 // two\n/* three */',
         [("one", "1:12-1:17"), ("two", "2:7-2:13"), ("three", "3:1-3:12")]),
        ("my.cnf", "; one\na = 1 # two\nb = a;c\n", [("one", "1:1-1:6"), ("two", "2:7-2:12")]),
        ("a.properties", "a = 1 # no\n  ! one\n# two\n", [("one", "2:3-2:8"), ("two", "3:1-3:6")]),
        ("a.sql", "select '--no' -- one\n", [("one", "1:15-1:21")]),
        ("server.xml", "<a b='#'/> <!-- one --><!-- two\n", [("one", "1:12-1:24"), ("two", "1:24-1:32")]),
        ("Dockerfile", "RUN a # one\n", [("one", "1:7-1:12")]),
        ("x.go", "/* open\n", [("open", "1:1-1:8")]),
    ],
)  # fmt: skip
def test_comments(path: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert found(path, text) == expected


@pytest.mark.parametrize(
    ("path", "syntax"),
    [
        ("a/b.yml", "hash"),
        ("a/nginx.conf", "hash"),
        ("a/b.tf.tmpl", "hcl"),
        ("b.JSON", "slash"),
        (".env.example", "hash"),
        ("x.service", "ini"),
        ("none", "hash"),
        ("", "hash"),
    ],
)
def test_syntax_by_name(path: str, syntax: str) -> None:
    assert syntax_of(path) == syntax


NAMES = ["a.yaml", "a.py", "a.ts", "a.tf", "a.ini", "a.properties", "a.sql", "a.xml"]
PIECES = st.sampled_from(
    [*"ab'\"`#;/-*\\ \n\r!{}<>é\x85", '"""', "/*", "*/", "<!--", "-->", "{{/*", "*/}}", "{#", "#}", "//", "--"]
)


@given(st.sampled_from(NAMES), st.lists(PIECES, max_size=40).map("".join))
def test_any_text(path: str, text: str) -> None:
    source = SourceFile(path, text)
    for word in comments(source):
        check_inside(source, word.span)
        assert word.text in source.slice(word.span)


@pytest.mark.parametrize("path", NAMES)
@pytest.mark.parametrize("piece", ['"', "'", '\\"', "/*", "`", "{#", "<!--", '"""', "{{/*", "a'", "# "])
def test_long_input_ends(path: str, piece: str) -> None:
    comments(SourceFile(path, '"' + piece * 20_000))
