"""TOML: tables, values, places, faults; and the same values as the standard library reads."""

import tomllib
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.trees import check_laws, outline, problems
from tochain.formats.tomlfile import parse_toml
from tochain.formats.tree import Document, Node
from tochain.model.span import SourceFile

TRAEFIK = r"""# c
[entryPoints.web]  # head
  address = ":80"
  [entryPoints.web.transport.respondingTimeouts]
    idleTimeout = "180s" # c
    "read.timeout" = 1_000
[[servers]]
a.b = 'c\d'
list = [ 1, # one
  "two", [true],
]
[[servers]]
t = { x = 1979-05-27 07:32:00, y.z = '''
it's'''' }
"""
TREE = r"""1:1-15:1 mapping
  2:2-2:13 'entryPoints':
    2:2-2:13 mapping
      2:14-2:17 'web':
        2:1-3:18 mapping
          3:3-3:10 'address':
            3:13-3:18 ':80'q
          4:20-4:29 'transport':
            4:20-4:29 mapping
              4:30-4:48 'respondingTimeouts':
                4:3-6:27 mapping
                  5:5-5:16 'idleTimeout':
                    5:19-5:25 '180s'q
                  6:5-6:19 'read.timeout':
                    6:22-6:27 '1_000'
  7:3-7:10 'servers':
    7:1-7:12 sequence
      - 7:1-11:2 mapping
          8:1-8:2 'a':
            8:1-8:2 mapping
              8:3-8:4 'b':
                8:7-8:12 'c\\d'q
          9:1-9:5 'list':
            9:8-11:2 sequence
              - 9:10-9:11 '1'
              - 10:3-10:8 'two'q
              - 10:10-10:16 sequence
                  - 10:11-10:15 'true'
      - 12:1-14:11 mapping
          13:1-13:2 't':
            13:5-14:11 mapping
              13:7-13:8 'x':
                13:11-13:30 '1979-05-27 07:32:00'
              13:32-13:33 'y':
                13:32-13:33 mapping
                  13:34-13:35 'z':
                    13:38-14:9 "it's'"q"""


def read(text: str) -> Document:
    source = SourceFile("f.toml", text)
    document = parse_toml(source)
    check_laws(source, document)
    return document


def test_tables_and_values() -> None:
    document = read(TRAEFIK)
    assert document.problems == []
    assert outline(document.roots[0]) == TREE


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ("x = \n", ["2:5-2:5 failed expected a value"]),
        ("x = open\n", ["2:5-2:9 failed expected a value, got 'open'"]),
        ('x = "open\n', ["2:5-2:6 failed a string that never ends"]),
        ("x\n", ["2:2-2:2 failed expected '='"]),
        ("= 1\n", ["2:1-2:2 failed expected a key"]),
        ("x = 1 2\n", ["2:6-2:7 failed expected the end of the line"]),
        ("x = [1\n  2,\n  3]\n", ["3:3-3:4 failed expected ',' or ']'"]),
        ("x = {a = }\n", ["2:10-2:11 failed expected a value"]),
        ("x = {a}\n", ["2:7-2:8 failed expected '='"]),
        ("[x\ny = 1\n", ["2:3-2:3 failed expected ']'"]),
        ("[a]\n[b.c.d]\n", ["3:4-3:5 failed 'c' is a value, not a table"]),
        ("a.b = 1\n", ["2:1-2:2 failed 'a' is a value, not a table"]),
        ("x = " + "[" * 10_000 + "\n", ["2:205-2:206 failed nested too deeply: at most 200 levels are read"]),
        ("x = " + "{a=" * 10_000 + "\n", ["2:605-2:606 failed nested too deeply: at most 200 levels are read"]),
        ("a." * 10_000 + "b = 1\n", ["2:401-2:402 failed nested too deeply: at most 200 levels are read"]),
    ],
)
def test_a_fault_costs_its_entry(broken: str, expected: list[str]) -> None:
    before = "b.c = 1\n" if "b.c.d" in broken else "a = 1\n"
    document = read(before + broken + "[after]\nz = 2\n")
    assert document.roots[0].value("after", "z") == "2"
    assert problems(document) == expected


def test_duplicates() -> None:
    document = read("a = 1\na = 2\n[t]\nb = 1\n[t]\nc = 2\n")
    root = document.roots[0]
    assert (root.value("a"), root.value("t", "b"), root.value("t", "c")) == ("2", "1", "2")
    assert problems(document) == ["2:1-2:2 duplicate key 'a'; the last one counts", "5:1-5:4 table 't' stands twice"]


def test_templates() -> None:
    document = read('[a]\n{% if x %}\nb = {{ y }}\n{% endif %}\nc = "{{ z }}s"\n')
    a = document.roots[0].get("a")
    assert a is not None
    assert (a.value("b"), a.value("c")) == ("{{ y }}", "{{ z }}s")
    assert problems(document) == ["2:1-2:11 template: what its actions come to is not known before rendering"]


def plain(node: Node) -> object:
    if node.kind == "mapping":
        return {key.text: plain(value) for key, value in node.entries}
    if node.kind == "sequence":
        return [plain(element) for element in node.elements]
    return node.text if node.quoted else tomllib.loads(f"x = {node.text}")["x"]


def written(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(key)} = {written(child)}" for key, child in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",\n ".join(written(child) for child in value) + "]"
    if isinstance(value, str):
        return '"' + "".join(f"\\u{ord(c):04x}" if ord(c) < 32 or c in '"\\\x7f' else c for c in value) + '"'
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date | datetime | time) else repr(value)


VALUES = st.recursive(
    st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text(max_size=8) | st.dates()
    | st.times() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.dictionaries(st.text(max_size=6), VALUES, max_size=4), st.text(alphabet="abc", min_size=1, max_size=4))
def test_same_values_as_the_standard_library(value: dict[str, object], name: str) -> None:
    text = "".join(f"{written(key)} = {written(child)}\n" for key, child in value.items())
    text += f"[[z{name}.x]]\n{text}[[z{name}.x]]\n[z{name}.y.w]\n{text}"
    expected = tomllib.loads(text)
    document = read(text)
    assert document.problems == []
    assert plain(document.roots[0]) == expected


@pytest.mark.parametrize(
    "text",
    [
        'a = """\nx \\\n   y\\tz"""""\n',
        "a = '''\r\nx'''\r\n",
        'a = ""\nb = \'\'\nc = """"""\n',
        "a = 0xFF\nb = 1e6\nc = -inf\nd = 07:32:00\ne = 1979-05-27T00:32:00.5-07:00\n",
        '"a.b".c = 1\n[x."y z"]\n[x.\'u\']\n',
    ],
)
def test_samples_as_the_standard_library(text: str) -> None:
    document = read(text)
    assert document.problems == []
    assert plain(document.roots[0]) == tomllib.loads(text)


PIECES = st.sampled_from(
    [*"ab=.[]{},\"'\\ \n\t#1-é\r\x85", '"""', "'''", "[[", "a = ", "\n[b]\n", "{{", "}}", "1979-05-27"]
)


@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=40).map("".join)))
def test_any_text(text: str) -> None:
    read(text)


@given(st.integers(0, len(TRAEFIK)), st.integers(0, 20), PIECES)
def test_broken_samples(at: int, cut: int, piece: str) -> None:
    read(TRAEFIK[:at])
    read(TRAEFIK[:at] + piece + TRAEFIK[at + cut :])


@pytest.mark.parametrize("piece", ['"""\\"', "'''", "a = [\n", "[", "x = {", "a.", '"', "[[a]]\n", "[a.b]\nc=1\n"])
def test_long_input_ends(piece: str) -> None:
    read(piece * 5_000)
