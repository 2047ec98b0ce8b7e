"""Terraform expressions: what they come to, at which place, and what stays unknown with what it mentions."""

from __future__ import annotations

import pytest

from tests.products.clouds.runs import at
from tochain.discover import Files
from tochain.model.coverage import FileReport
from tochain.model.span import SourceFile
from tochain.products.base import Context
from tochain.products.cloud import Value, view
from tochain.products.terraform import extract

SHARED = """
locals {
  port  = 8080
  tiers = { small = 1, big = 9 }
  names = ["a", "b"]
  rows  = [{ id = "x", size = 3 }, { id = "y", size = 4 }]
  me    = local.me
}
variable "on" {
  default = true
}
variable "open" {}
resource "aws_sqs_queue" "q" {
  delay_seconds = 4
}
"""


def value(expression: str) -> Value:
    """What an expression comes to beside the shared names."""
    texts = {"shared.tf": SHARED, "main.tf": f'resource "thing" "it" {{\n  x = {expression}\n}}\n'}
    reports: dict[str, FileReport] = {}
    sources = [SourceFile(path, text) for path, text in texts.items()]
    files = Files({}, reports, texts)
    context = Context("terraform", sources, (), reports, files, {}, files.text)
    extract.read(context)
    (thing,) = view(context).of("thing")
    return thing.value.entries["x"]


def shown(found: Value) -> object:
    """A value as plain data; what is unknown as its reason."""
    match found.kind:
        case "mapping":
            return {key: shown(inner) for key, inner in found.entries.items()}
        case "sequence":
            return [shown(inner) for inner in found.elements]
        case "null":
            return None
        case "unknown":
            return f"?{found.reason}"
        case _:
            return found.text


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("60", "60"),
        ("-5", "-5"),
        ("1 + 2 * 3 - 4", "3"),
        ("(1 + 2) * 3", "9"),
        ("10 / 4", "2.5"),
        ("7 % 4", "3"),
        ("1.5 * 60", "90"),
        ("2 < 3 && !false", "true"),
        ("1 == 1.0", "true"),
        ('"a" != "b"', "true"),
        ("false || var.on", "true"),
        ("var.on ? 1 : 2", "1"),
        ("var.open ? 3 : 3", "3"),
        ("null", None),
        ("local.port", "8080"),
        ('"p${local.port}-x"', "p8080-x"),
        ('"${local.port}"', "8080"),
        ('"$${literal}"', "${literal}"),
        ("local.tiers.big", "9"),
        ('local.tiers["small"]', "1"),
        ("local.names[1]", "b"),
        ("local.names.0", "a"),
        ("local.rows[*].size", ["3", "4"]),
        ("local.rows.*.id", ["x", "y"]),
        ("[for r in local.rows : r.size * 10]", ["30", "40"]),
        ("[for i, n in local.names : \"${i}${n}\"]", ["0a", "1b"]),
        ("{ for k, v in local.tiers : k => v + 1 if v > 1 }", {"big": "10"}),
        ("{ for r in local.rows : r.id => r }", {"x": {"id": "x", "size": "3"}, "y": {"id": "y", "size": "4"}}),
        ("[for n in [] : n]", []),
        ('merge({ a = 1 }, { a = 2, b = 3 })', {"a": "2", "b": "3"}),
        ("concat([1], [2, 3])", ["1", "2", "3"]),
        ("flatten([[1, [2]], 3])", ["1", "2", "3"]),
        ('lookup(local.tiers, "none", 7)', "7"),
        ("try(local.tiers.none, 5)", "5"),
        ('coalesce(null, "", "z")', "z"),
        ("max(3, 11, 7)", "11"),
        ("min([4, 2]...)", "2"),
        ("ceil(1.2) + floor(1.8)", "3"),
        ('join("-", local.names)', "a-b"),
        ('split(",", "x,y")', ["x", "y"]),
        ('format("%s:%d", "h", 80)', "h:80"),
        ("length(local.names)", "2"),
        ("keys(local.tiers)", ["big", "small"]),
        ('contains(local.names, "a")', "true"),
        ("element(local.names, 3)", "b"),
        ("one([])", None),
        ("tonumber(\"30\")", "30"),
        ("aws_sqs_queue.q.delay_seconds", "4"),
        ("path.module", "."),
    ],
)  # fmt: skip
def test_known(expression: str, expected: object) -> None:
    assert shown(value(expression)) == expected


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("var.open", "variable open has no value in these files"),
        ("var.open + 1", "variable open has no value in these files"),
        ('"x-${var.open}"', "variable open has no value in these files"),
        ("var.none", "variable none has no value in these files"),
        ("local.none", "there is no local.none"),
        ("local.me", "local.me goes in a circle or too deep"),
        ("local.tiers.none", "there is no none"),
        ("local.names[5]", "there is no element 5"),
        ("uuid()", "uuid() is not read"),
        ("1 / 0", "/ of what is not known here"),
        ('"a" + 1', "+ of what is not known here"),
        ('format("%1000000000s", "x")', "format of what is not known here"),
        ("data.aws_vpc.main.id", "data.aws_vpc.main is looked up when it is applied"),
        ("aws_sqs_queue.q.arn", "aws_sqs_queue.q.arn is known once it is applied"),
        ("aws_sqs_queue.none.arn", "there is no aws_sqs_queue.none"),
        ("module.none.x", "there is no module none"),
        ("[for x in var.open : x]", "a loop over what is not known here"),
        ("1 +", "an expression that is not read: nothing there"),
        ("a ~ b", "an expression of a form that is not read"),
        ("<<EOT\n%{ if var.on }yes%{ endif }\nEOT", "a template with directives"),
    ],
)  # fmt: skip
def test_unknown(expression: str, reason: str) -> None:
    found = value(expression)
    assert (found.kind, found.reason) == ("unknown", reason)


@pytest.mark.parametrize(
    ("expression", "path", "place"),
    [
        ("60", "main.tf", "2:7-9"),
        ("local.port", "shared.tf", "3:11-15"),
        ("var.on ? local.tiers.big : 2", "shared.tf", "4:30-31"),
        ("1 + 2", "main.tf", "2:7-12"),
        ("  local.port + 1", "main.tf", "2:9-23"),
        ('"p${local.port}"', "main.tf", "2:7-23"),
        ("var.open", "main.tf", "2:7-15"),
        ('lookup({ a = 5 }, "a", 6)', "main.tf", "2:20-21"),
    ],
)
def test_place_of_what_decides(expression: str, path: str, place: str) -> None:
    found = value(expression)
    assert (found.span.path, at(found.span)) == (path, place)


@pytest.mark.parametrize(
    "expression",
    [
        "aws_sqs_queue.q.arn",
        '"${aws_sqs_queue.q.arn}/x"',
        'join(":", ["a", aws_sqs_queue.q.arn])',
        "[aws_sqs_queue.q.arn]",
        "var.open ? aws_sqs_queue.q.arn : 1",
        "{ for k in [1] : k => aws_sqs_queue.q.id }",
        "unheard_of(aws_sqs_queue.q.url)",
        "aws_sqs_queue.q[0].arn",
        "aws_sqs_queue.q[*].arn",
        "aws_sqs_queue.q",
    ],
)
def test_mentions_survive(expression: str) -> None:
    assert {ref.key for ref in value(expression).mentioned()} == {"tf:|aws_sqs_queue.q"}
