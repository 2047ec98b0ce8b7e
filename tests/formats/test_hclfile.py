"""HCL: blocks, labels, values, expressions, faults."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.formats.trees import check_laws, outline, problems
from tochain.formats.hclfile import parse_hcl
from tochain.formats.tree import Document
from tochain.model.span import SourceFile

TERRAFORM = r"""# c
locals { timeout = 60 }
resource "aws_lb" "main" {
  idle_timeout = 65 // seconds
  name         = "a \"b\" ${var.env}-\u00e4"
  internal     = true
  subnets      = [
    aws_subnet.a.id, # first
    "x\ty",
  ]
  listener {
    port  = var.port
    value = var.on ? 1 : -2
    low   = -5
  }
  tags = { Name = "n", "k.l" : local.x
    (var.k) = null }
  /* no = 1 */
  text = <<-EOT
    one ${x}
      two
  EOT
  names = [for n in var.list : n.name]
  first = [1, 2][0]
  json  = jsonencode([{ image = "app:1" }])
}
"""


TREE = r"""1:1-27:1 mapping
  2:1-2:7 'locals':
    2:1-2:24 locals mapping
      2:10-2:17 'timeout':
        2:20-2:22 '60'
  3:1-3:9 'resource':
    3:1-26:2 resource mapping
      3:10-3:18 '@0':
        3:10-3:18 'aws_lb'q
      3:19-3:25 '@1':
        3:19-3:25 'main'q
      4:3-4:15 'idle_timeout':
        4:18-4:20 '65'
      5:3-5:7 'name':
        5:18-5:45 'a \\"b\\" ${var.env}-\\u00e4'q
      6:3-6:11 'internal':
        6:18-6:22 'true'
      7:3-7:10 'subnets':
        7:18-10:4 sequence
          - 8:5-8:20 'aws_subnet.a.id'x
          - 9:5-9:11 'x\ty'q
      11:3-11:11 'listener':
        11:3-15:4 listener mapping
          12:5-12:9 'port':
            12:13-12:21 'var.port'x
          13:5-13:10 'value':
            13:13-13:28 'var.on ? 1 : -2'x
          14:5-14:8 'low':
            14:13-14:15 '-5'
      16:3-16:7 'tags':
        16:10-17:21 mapping
          16:12-16:16 'Name':
            16:19-16:22 'n'q
          16:24-16:29 'k.l':
            16:32-16:39 'local.x'x
          17:5-17:12 '(var.k)':
            17:15-17:19 'null'
      19:3-19:7 'text':
        19:10-22:6 'one ${x}\n  two\n'q
      23:3-23:8 'names':
        23:11-23:39 '[for n in var.list : n.name]'x
      24:3-24:8 'first':
        24:11-24:20 '[1, 2][0]'x
      25:3-25:7 'json':
        25:22-25:43 jsonencode sequence
          - 25:23-25:42 mapping
              25:25-25:30 'image':
                25:33-25:40 'app:1'q"""


def read(text: str) -> Document:
    source = SourceFile("main.tf", text)
    document = parse_hcl(source)
    check_laws(source, document)
    return document


def test_terraform() -> None:
    document = read(TERRAFORM)
    assert document.problems == []
    assert outline(document.roots[0]) == TREE


def test_repeated_blocks_are_all_kept() -> None:
    root = read('a "x" {}\na "y" {\n}\n').roots[0]
    assert [block.value("@0") for block in root.all("a")] == ["x", "y"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"a${f("b}")}c"', "1:5-1:19 'a${f(\"b}\")}c'q"),
        ('"a\\n$b$${c}%"', "1:5-1:18 'a\\n$b$${c}%'q"),
        ('"${"', None),
        ("1.5e3", "1:5-1:10 '1.5e3'"),
        ("10s", "1:5-1:8 '10s'x"),
        ("a.b[0].c(1, 2) + 3", "1:5-1:23 'a.b[0].c(1, 2) + 3'x"),
        ("jsonencode(1, 2)", "1:5-1:21 'jsonencode(1, 2)'x"),
        ("tolist([1])[0]", "1:5-1:19 'tolist([1])[0]'x"),
        ("toset([\n1\n,\n2])", "1:11-4:3 toset sequence\n  - 2:1-2:2 '1'\n  - 4:1-4:2 '2'"),
        ("{\n for k, v in x : k => v }", "1:5-2:26 '{\\n for k, v in x : k => v }'x"),
        ("<<A\n b\n\nA", "1:5-4:2 ' b\\n\\n'q"),
        ("<<A\nA", "1:5-2:2 ''q"),
        ("(1\n+ 2)", "1:5-2:5 '(1\\n+ 2)'x"),
        ("{ aws.east = aws.b }", "1:5-1:25 mapping\n  1:7-1:15 'aws.east':\n    1:18-1:23 'aws.b'x"),
        (
            "{ names[0] = 1, b: 2 }",
            "1:5-1:27 mapping\n  1:7-1:15 'names[0]':\n    1:18-1:19 '1'\n  1:21-1:22 'b':\n    1:24-1:25 '2'",
        ),
        ("[]", "1:5-1:7 sequence"),
        ("{}", "1:5-1:7 mapping"),
        ("-var.x", "1:5-1:11 '-var.x'x"),
    ],
)
def test_values(value: str, expected: str | None) -> None:
    document = read(f"a = {value}\nb = 1\n")
    node = document.roots[0].get("a")
    assert (outline(node) if node else None) == expected
    assert document.roots[0].value("b") == "1"
    assert (document.problems == []) == (expected is not None)


GOOD = 'resource "a" "before" {\n  x = 1\n}\n'
AFTER = 'resource "a" "after" {\n  x = 2\n}\n'


DEEP = "4:205-4:206 failed nested too deeply: at most 200 levels are read"


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        ('resource "a" "b" {\n  x = "open\n  y = 3\n}\n', ["5:7-5:12 failed a string that never ends"]),
        ('resource "a" "b" {\n  x =\n}\n', ["5:6-5:6 failed expected a value"]),
        ('resource "a" "b" {\n  x = 1 2 = 3\n  what\n}\n', ["6:3-6:7 failed expected an attribute or a block"]),
        ('resource "a" "b" {\n  x = [1, 2\n', ["5:7-5:8 failed '[' is never closed"]),
        ('resource "a" "b" {\n  x {\n', ["5:3-5:4 failed block 'x' is never closed"]),
        ('resource "a" "b" {\n  x = f(1\n', ["4:1-4:9 failed block 'resource' is never closed"]),
        ('resource "a" "b" {\n  x = [1}\n}\n', ["5:9-5:10 failed expected a value"]),
        ('resource "a" "b" {\n  x = { 1 }\n}\n', ["5:9-5:10 failed expected key = value"]),
        ("}\n", ["4:1-4:2 failed expected an attribute or a block"]),
        ("x = <<EOF\n y\n", [
            "4:5-4:10 failed a heredoc without its end EOF", "5:2-5:3 failed expected an attribute or a block",
        ]),
        ("x = " + "[" * 10_000 + "\n", [DEEP]),
        ("x = " + "[" * 9000 + "]" * 9000 + "\n", [DEEP]),
        ("x {\n" * 10_000, ["204:3-204:4 failed nested too deeply: at most 200 levels are read"]),
        ('x = "' + "${" * 10_000 + "\n", ["4:5-4:20006 failed a string that never ends"]),
        ("x = " + "(" * 10_000 + "\n", []),
    ],
)  # fmt: skip
def test_faults_cost_little(broken: str, expected: list[str]) -> None:
    document = read(GOOD + broken + AFTER)
    blocks = document.roots[0].all("resource")
    assert [blocks[0].value("x"), blocks[0].value("@1")] == ["1", "before"]
    assert [blocks[-1].value("x"), blocks[-1].value("@1")] == ["2", "after"]
    assert problems(document) == expected


def test_the_rest_of_a_broken_block_is_read() -> None:
    root = read('a {\n  x = "open\n  y = 3\n  z = = 4\n  t = { u = "open\n v = 5\n }\n  w = 6\n}\n').roots[0]
    assert (root.value("a", "y"), root.value("a", "w"), root.value("a", "t", "v")) == ("3", "6", "5")


def test_unending_comment() -> None:
    document = read("a = 1\n/* b = 2\n")
    assert (document.roots[0].value("a"), problems(document)) == ("1", ["2:1-2:3 failed a comment that never ends"])


PIECES = st.sampled_from(
    [*"ab={}[]()\",.:\n\t -#/$%é²€\x85", "${", "<<A\n", "\nA\n", "//", "/*", "*/", "for ", "jsonencode(", "a = ",
     "b {\n", 'resource "a" "b" {\n', '"x"']
)  # fmt: skip


@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=40).map("".join)))
def test_any_text(text: str) -> None:
    read(text)


@given(st.integers(0, len(TERRAFORM)), st.integers(0, 20), PIECES)
def test_broken_samples(at: int, cut: int, piece: str) -> None:
    read(TERRAFORM[:at])
    read(TERRAFORM[:at] + piece + TERRAFORM[at + cut :])


@pytest.mark.parametrize(
    "piece", ['"${', "<<A\n", "/*", 'a = "${"', "a = [[1].b].c\n", "(", '"\\', "a {", "x = {a = (", "\n[", '${"']
)
def test_long_input_ends(piece: str) -> None:
    read(piece * 5_000)
