"""Trees: paths, duplicates, walking, and a bounded list of problems."""

from tests.formats.trees import problems
from tochain.formats.tree import MAX_PROBLEMS, Document, Node
from tochain.formats.yamlfile import parse
from tochain.model.span import Pos, SourceFile, Span

HERE = Span("f", Pos(1, 1), Pos(1, 2))


def root(text: str) -> Node:
    return parse(SourceFile("f", text)).roots[0]


def test_paths() -> None:
    node = root("a:\n - b: 1\n   c: [2, 3]\nd: x\n")
    assert node.value("a", 0, "c", -1) == "3"
    assert [node.get("a", 1), node.get("a", 0, "b", "z"), node.get("d", 0), node.get("none", "x")] == [None] * 4
    assert node.get() is node
    assert (node.value("a"), node.value("none", default="7")) == ("", "7")
    assert [[each.text for each in node.each(key)] for key in ("d", "none")] == [["x"], []]
    assert [len(node.each("a")), len(node.pairs("a", 0)), len(node.pairs("d")), len(node.pairs("none"))] == [1, 2, 0, 0]


def test_walk_goes_in_file_order() -> None:
    walked = [(path, node.text) for path, node in root("a:\n - b: 1\n   c: [2, 3]\nd: x\n").walk()]
    assert walked == [(("a", 0, "b"), "1"), (("a", 0, "c", 0), "2"), (("a", 0, "c", 1), "3"), (("d",), "x")]


def test_problems_are_bounded() -> None:
    document = Document()
    for number in range(500):
        document.note(f"p{number}", HERE, failed=number == 400)
    assert len(document.problems) == MAX_PROBLEMS + 1
    assert problems(document)[-1] == "1:1-1:2 failed further problems are not listed"
    assert problems(document)[0] == "1:1-1:2 p0"


def test_problems_of_a_file_are_bounded() -> None:
    assert len(parse(SourceFile("f", "a: 1\n" * 1000)).problems) == MAX_PROBLEMS + 1
