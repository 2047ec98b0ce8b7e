"""JSON: texts, places, comments, bounds, faults; and the same values as the standard library reads."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.trees import check_laws, outline, problems
from tochain.formats.jsonfile import parse_json
from tochain.formats.tree import Document, Node
from tochain.model.span import SourceFile


def read(text: str) -> Document:
    source = SourceFile("f.json", text)
    document = parse_json(source)
    check_laws(source, document)
    return document


def test_values_are_texts_with_places() -> None:
    document = read('{\n\t"a": 10.50, // c\r\n\t"b\\u00e4": [true, "x\\n", {}],\n /* d\n*/ "e": null,\n}\n')
    assert [outline(root).split("\n") for root in document.roots] == [[
        "1:1-6:2 mapping",
        "  2:2-2:5 'a':",
        "    2:7-2:12 '10.50'",
        "  3:2-3:11 'bä':",
        "    3:13-3:30 sequence",
        "      - 3:14-3:18 'true'",
        "      - 3:20-3:25 'x\\n'q",
        "      - 3:27-3:29 mapping",
        "  5:4-5:7 'e':",
        "    5:9-5:13 'null'",
    ]]  # fmt: skip
    assert document.problems == []


def test_several_values() -> None:
    assert [root.value("a") for root in read('{"a": 1}\n{"a": 2}\n').roots] == ["1", "2"]


def test_of_duplicate_keys_the_last_counts() -> None:
    document = read('{"a": 1, "a": 2}')
    assert document.roots[0].value("a") == "2"
    assert problems(document) == ["1:10-1:13 duplicate key 'a', first at 1:2; the last one counts"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "1:2-1:2 failed the object that begins in line 1 never ends"),
        ('{"a": [1,\n2', "2:2-2:2 failed the array that begins in line 1 never ends"),
        ('{"a" 1}', "1:6-1:7 failed expected ':' in the object that begins in line 1"),
        ('{"a": 1 "b": 2}', "1:9-1:12 failed expected ',' or '}' in the object that begins in line 1"),
        ("[1 2]", "1:4-1:5 failed expected ',' or ']' in the array that begins in line 1"),
        ("[1}", "1:3-1:4 failed unexpected '}' in the array that begins in line 1"),
        ('{"a":}', "1:6-1:7 failed unexpected '}' in the object that begins in line 1"),
        ("{[]: 1}", "1:2-1:4 failed expected a key in double quotes or '}' in the object that begins in line 1"),
        ("{a: 1}", "1:2-1:3 failed expected a value, got 'a'"),
        ("{1: 1}", "1:2-1:3 failed expected a key in double quotes, got '1'"),
        ("[,1]", "1:2-1:3 failed unexpected ',' in the array that begins in line 1"),
        ("]", "1:1-1:2 failed unexpected ']'"),
        ('{"a": "x\n"}', "1:7-1:8 failed a string that does not end in its line"),
        ('["a\\q"]', "1:4-1:5 failed a backslash that begins no escape"),
        ("['a']", "1:2-1:3 failed unexpected \"'\""),
        ("[0x10]", "1:2-1:6 failed expected a value, got '0x10'"),
        ("[" * 10_000, "1:201-1:202 failed nested too deeply: at most 200 levels are read"),
        ('{"a":' * 10_000, "1:1001-1:1002 failed nested too deeply: at most 200 levels are read"),
    ],
)  # fmt: skip
def test_a_fault_says_where(text: str, problem: str) -> None:
    document = read(text)
    assert document.roots == []
    assert problems(document) == [problem]


def test_what_stands_before_a_fault_is_kept() -> None:
    document = read('{"a": 1}\n{"b": }')
    assert [root.value("a") for root in document.roots] == ["1"]


def test_templates() -> None:
    document = read('{\n{% if x %}\n"a": {{ b }},\n{% endif %}\n"c": "d-{{ e }}"}')
    assert outline(document.roots[0]).split("\n") == [
        "1:1-5:18 mapping",
        "  3:1-3:4 'a':",
        "    3:6-3:13 '{{ b }}'x",
        "  5:1-5:4 'c':",
        "    5:6-5:17 'd-{{ e }}'qx",
    ]
    assert problems(document) == ["2:1-2:11 template: what its actions come to is not known before rendering"]


def plain(node: Node) -> object:
    if node.kind == "mapping":
        return {key.text: plain(value) for key, value in node.entries}
    if node.kind == "sequence":
        return [plain(element) for element in node.elements]
    return node.text if node.quoted else json.loads(node.text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=15,
)


@given(VALUES, st.booleans(), st.sampled_from([None, 1, "\t"]))
def test_same_values_as_the_standard_library(value: object, ascii_only: bool, indent: int | str | None) -> None:
    document = read(json.dumps(value, ensure_ascii=ascii_only, indent=indent))
    assert document.problems == []
    assert [plain(root) for root in document.roots] == [value]


@given(VALUES, st.integers(0, 80), st.integers(0, 5), st.text(max_size=3))
def test_broken_samples(value: object, at: int, cut: int, piece: str) -> None:
    text = json.dumps(value)
    read(text[:at])
    read(text[:at] + piece + text[at + cut :])


@given(st.text(alphabet='{}[],:"\\ntrue1-./*# \n\t{%\ud800é', max_size=40))
def test_any_text(text: str) -> None:
    read(text)
