"""YAML: texts, places, duplicates, merges, bounds, templates, faults."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.trees import check_laws, outline, problems
from tochain.formats import yamlfile
from tochain.formats.tree import Document
from tochain.formats.yamlfile import MAX_DEPTH, parse
from tochain.model.span import SourceFile


@pytest.fixture(params=["libyaml", "python"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "python":
        monkeypatch.setattr(yamlfile, "CParser", None)
    elif yamlfile.CParser is None:
        pytest.skip("PyYAML without libyaml")
    return str(request.param)


def read(text: str) -> Document:
    source = SourceFile("f.yaml", text)
    document = parse(source)
    check_laws(source, document)
    return document


def tree(text: str) -> str:
    document = read(text)
    assert document.problems == []
    return "\n".join(outline(root) for root in document.roots)


def lines(text: str) -> str:
    rows = text.strip("\n").split("\n")
    lead = len(rows[0]) - len(rows[0].lstrip())
    return "\n".join(row[lead:].rstrip() for row in rows).rstrip()


def test_values_are_texts_with_places() -> None:
    assert tree("a: 010\non: 1:30\nc: \"1\\n2\"\nd: 'it''s'\ne:\n  - 1_000  # no\n  - ~\n") == lines(
        r"""
        1:1-7:6 mapping
          1:1-1:2 'a':
            1:4-1:7 '010'
          2:1-2:3 'on':
            2:5-2:9 '1:30'
          3:1-3:2 'c':
            3:4-3:10 '1\n2'q
          4:1-4:2 'd':
            4:4-4:11 "it's"q
          5:1-5:2 'e':
            6:3-7:6 sequence
              - 6:5-6:10 '1_000'
              - 7:5-7:6 '~'
        """
    )


def test_blocks_flow_tags_anchors_and_crlf() -> None:
    text = "# ä\r\nx: |\r\n  one\r\n  two\r\n\r\ny: !Ref  Name\r\nz: &a {b: [1, 2], 'c':}\r\nw: &t !!str\r\n  q\r\n"
    assert tree(text) == lines(
        r"""
        2:1-9:4 mapping
          2:1-2:2 'x':
            2:4-4:6 'one\ntwo\n'q
          6:1-6:2 'y':
            6:10-6:14 !Ref 'Name'
          7:1-7:2 'z':
            7:7-7:24 mapping
              7:8-7:9 'b':
                7:11-7:17 sequence
                  - 7:12-7:13 '1'
                  - 7:15-7:16 '2'
              7:19-7:22 'c':
                7:23-7:23 ''
          8:1-8:2 'w':
            9:3-9:4 tag:yaml.org,2002:str 'q'
        """
    )


def test_several_documents_and_empty_ones() -> None:
    document = read("--- \na: 1\n---\n# nothing\n---\nb: 2\n...\n")
    assert [root.value("a") + root.value("b") for root in document.roots] == ["1", "2"]
    assert read("").roots == read("# only a comment\n").roots == []


def test_of_duplicate_keys_the_last_counts() -> None:
    document = read("a: 1\nb: 2\na: 3\n")
    root = document.roots[0]
    assert (root.value("a"), len(root.all("a")), root.key("a")) == ("3", 2, root.entries[2][0])
    assert problems(document) == ["3:1-3:2 duplicate key 'a', first at 1:1; the last one counts"]


def test_merge_keys() -> None:
    text = "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz:\n  <<: [*x, *y]\n  c: 5\nw: {<<: *x, '<<': q}\n"
    root = read(text).roots[0]
    assert [(key.text, value.text) for key, value in root.pairs("z")] == [("a", "1"), ("b", "2"), ("c", "5")]
    assert [(key.text, value.text) for key, value in root.pairs("w")] == [("a", "1"), ("b", "2"), ("<<", "q")]
    assert root.get("z", "a") is root.get("x", "a")
    assert problems(read("a: {<<: 1}\n")) == ["1:5-1:7 << names something that is no mapping"]


def test_an_alias_is_its_anchor() -> None:
    root = read("a: &n [1]\nb: *n\n").roots[0]
    assert root.get("b") is root.get("a")


def test_an_anchor_may_be_named_again() -> None:
    assert read("a: &n 1\nb: &n 2\nc: *n\n").roots[0].value("c") == "2"


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
MERGES = (
    "a: &a {" + ", ".join(f"k{n}: 1" for n in range(900)) + "}\n" + "".join(f"b{n}: {{<<: *a}}\n" for n in range(900))
)
DEEPER = "a0: &a0 " + "[" * 100 + "]" * 100 + "\n" + "a1: &a1 " + "[" * 99 + "*a0" + "]" * 99 + "\nb: [*a1]\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BOMB, ["16:18-16:19 failed alias bomb: aliases expand to more than 200,000 nodes"]),
        (MERGES, ["113:12-113:13 failed alias bomb: aliases expand to more than 200,000 nodes"]),
        (DEEPER, ["3:5-3:6 failed nested too deeply: alias *a1 leads below 200 levels"]),
        ("a: &a [*a]\n", ["1:8-1:9 failed alias *a stands inside what it names"]),
        ("a: *b\n", ["1:4-1:5 failed alias *b names no anchor before it"]),
    ],
)
def test_aliases_are_bounded(text: str, expected: list[str]) -> None:
    document = read(text + "---\nafter: 1\n")
    assert problems(document) == expected
    assert [root.value("after") for root in document.roots] == ["1"]


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("[" * 10_000, 201),
        ("[" * 10_000 + "]" * 10_000, 201),
        ("{a: " * 10_000, 801),
        ("- " * 10_000, 401),
        ("? " * 10_000, 401),
    ],
    ids=["open", "closed", "flow maps", "block", "complex keys"],
)
def test_depth_is_bounded(text: str, column: int, parser: str) -> None:
    if parser == "libyaml" and text.startswith("[["):
        column = 1001  # libyaml looks ahead for a key, up to a limit of its own
    document = read(text)
    assert document.roots == []
    deep = "failed nested too deeply: at most 200 levels are read"
    assert problems(document) == [f"1:{column}-1:{column + 1} {deep}"]


def test_200_levels_are_read() -> None:
    assert [len(path) for path, _ in read("[" * 200 + "x" + "]" * 200).roots[0].walk()] == [MAX_DEPTH]


def test_deep_indentation() -> None:
    text = "".join(" " * n + f"a{n}:\n" for n in range(1000))
    assert problems(read(text)) == ["201:201-201:202 failed nested too deeply: at most 200 levels are read"]


def test_a_fault_costs_its_own_document_only(parser: str) -> None:
    document = read('a: 1\n---\nb: "x\nc: 2\n---\nd: 4\n---\ne: [1\n---\nf: 6\n')
    assert [key.text for root in document.roots for key, _ in root.entries] == ["a", "d", "f"]
    libyaml = ["found unexpected document indicator", "did not find expected ',' or ']'"]
    python = ["found unexpected document separator", "expected ',' or ']', but got '<document start>'"]
    quote, bracket = libyaml if parser == "libyaml" else python
    assert problems(document) == [
        f"5:1-5:2 failed {quote} while scanning a quoted scalar that begins in line 3",
        f"9:1-9:2 failed {bracket} while parsing a flow sequence that begins in line 8",
    ]


def test_a_fault_says_where() -> None:
    assert problems(read("a: 1\n b: 2\n"))[0].startswith("2:3-2:4 failed mapping values are not allowed ")
    assert problems(read("a:\n\t- b\n"))[0].startswith("2:1-2:2 failed ")
    assert problems(read("é: 1\nb: \x01c\n")) == ["2:4-2:5 failed character U+0001 is not allowed in YAML"]


def test_an_unending_quote() -> None:
    assert problems(read('a: "b\n'))[0].startswith("2:1-2:1 failed found unexpected end of stream")


CHART = """\
{{- if .Values.on }}
metadata:
  name: {{ include "x.name" . }}-{{ .Release.Name }}  # {{ c }}
  labels:
    {{- include "x.labels" . | nindent 4 }}
    {{ $k }}: "{{ $v }}"
  keep: 65s
  text: |
{{- if .Values.a }}
    proxy {{ .Values.b }};
    {{- end }}
    on;
  list: [{{ 1 }}, 2]
{{- end }}
"""


def test_templates_keep_places_and_texts() -> None:
    document = read(CHART)
    assert "\n".join(outline(root) for root in document.roots) == lines(
        r"""
        2:1-13:21 mapping
          2:1-2:9 'metadata':
            3:3-13:21 mapping
              3:3-3:7 'name':
                3:9-3:53 '{{ include "x.name" . }}-{{ .Release.Name }}'x
              4:3-4:9 'labels':
                6:5-6:25 mapping
                  6:5-6:13 '{{ $k }}':
                    6:15-6:25 '{{ $v }}'qx
              7:3-7:7 'keep':
                7:9-7:12 '65s'
              8:3-8:7 'text':
                8:9-12:8 '{{- if .Values.a }}\n    proxy {{ .Values.b }};\n    {{- end }}\n    on;'qx
              13:3-13:7 'list':
                13:9-13:21 sequence
                  - 13:10-13:17 '{{ 1 }}'x
                  - 13:19-13:20 '2'
        """
    )
    assert problems(document) == ["1:1-1:21 template: what its actions come to is not known before rendering"]


def test_a_template_that_stays_unreadable_is_partly_read() -> None:
    document = read("a: {{ x }}\n---\nb: {{ y }}\n  c: [1\n")
    assert [root.value("a") for root in document.roots] == ["{{ x }}"]
    assert problems(document)[0] == "1:4-1:11 template: what its actions come to is not known before rendering"
    assert problems(document)[1].startswith("4:4-4:5 template, not rendered: mapping values are not allowed")
    assert len(document.problems) == 2


def test_quoted_templates_are_plain_yaml() -> None:
    document = read('a: "{{ x }}"\nb: <%= y %>\n')
    assert (document.roots[0].value("a"), document.roots[0].value("b"), document.problems) == (
        "{{ x }}",
        "<%= y %>",
        [],
    )


def test_a_key_that_is_no_text() -> None:
    document = read("? [a, b]\n: c\n")
    assert [key.text for key, _ in document.roots[0].entries] == ["[a, b]"]
    assert problems(document) == ["1:3-1:9 a key that is no plain text"]


SAMPLES = [
    CHART,
    MERGES[:300],
    BOMB[:200],
    "a: &x\n - {b: 'c', d: \"e\\n\"}\n - *x\n",
    "- |\n a\n- >+\n  b\n\n- ? x\n  : y\n",
]
PIECES = st.sampled_from(
    ["a", ":", " ", "\n", "- ", "[", "]", "{", "}", "{{", "}}", "&a ", "*a", "<<: ", "|", ">", "'", '"',
     "#", "!t ", "\t", "\r\n", "---\n", "?", ",", "é", "\x85", "\u2028", "%"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=40).map("".join)))
def test_any_text(text: str) -> None:
    read(text)


@given(st.sampled_from(SAMPLES), st.integers(0, 600), st.integers(0, 20), PIECES)
def test_broken_samples(sample: str, at: int, cut: int, piece: str) -> None:
    read(sample[:at])
    read(sample[:at] + piece + sample[at + cut :])


def test_half_a_surrogate() -> None:
    read("a: \ud800\n---\nb: é\n")


def test_every_yaml_of_the_rules_is_readable() -> None:
    for path in Path("rules").glob("*/*.yaml"):
        assert read(path.read_text()).roots
