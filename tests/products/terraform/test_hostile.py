"""Terraform that means harm: deep, circular, growing without end, or no Terraform at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tochain.discover import Files
from tochain.model.coverage import FileReport
from tochain.model.span import SourceFile
from tochain.products.base import Context
from tochain.products.cloud import View, view
from tochain.products.terraform import extract


def read(texts: dict[str, str]) -> View:
    """The view after reading some files, every resource evaluated."""
    reports: dict[str, FileReport] = {}
    files = Files({}, reports, texts)
    sources = [SourceFile(path, text) for path, text in texts.items()]
    context = Context("terraform", sources, (), reports, files, {}, files.text)
    extract.read(context)
    found = view(context)
    for resource in found.everything():
        list(resource.value.mentioned())
    return found


def chain(first: str, step: str, count: int) -> str:
    """Locals that each build on the one before, and a queue that takes the last."""
    lines = [f"  l0 = {first}", *(f"  l{n} = {step.replace('@', f'local.l{n - 1}')}" for n in range(1, count))]
    queue = f'resource "aws_sqs_queue" "q" {{\n  delay_seconds = local.l{count - 1}\n}}\n'
    return "locals {\n" + "\n".join(lines) + "\n}\n" + queue


@pytest.mark.parametrize(
    "text",
    [
        chain('"ab"', '"${@}${@}"', 80),
        chain("[1]", "concat(@, @)", 80),
        chain("[1]", "[@, @]", 80),
        chain("1", "@ * 99999999999999999", 80),
        chain("1", "@ + 1", 5000),
        'locals {\n  x = ' + "(" * 5000 + "1" + ")" * 5000 + "\n}\n" + chain("local.x", "@", 2),
        'locals {\n  x = ' + "!" * 20000 + "true\n}\n" + chain("local.x", "@", 2),
        'locals {\n  x = ' + "1 + " * 20000 + "1\n}\n" + chain("local.x", "@", 2),
        'locals {\n  x = "' + "${" * 3000 + "1" + "}" * 3000 + '"\n}\n' + chain("local.x", "@", 2),
        'locals {\n  x = [for a in range : [for b in a : [for c in b : c]]]\n}\n' + chain("local.x", "@", 2),
        f"locals {{\n  n = [{'1,' * 200}]\n"
        + "  x = [for a in local.n : [for b in local.n : [for c in local.n : c]]]\n}\n"
        + chain("local.x", "@", 2),
        'module "self" {\n  source = "./."\n}\n',
        'module "a" {\n  source = "./a"\n}\n',
    ],
    ids=range(13),
)  # fmt: skip
def test_comes_to_an_end(text: str) -> None:
    read({"main.tf": text, "a/main.tf": 'module "b" {\n  source = "../a"\n}\nmodule "c" {\n  source = "../a"\n}\n'})


def test_modules_that_multiply() -> None:
    texts = {
        f"m{n}/main.tf": "".join(f'module "x{k}" {{\n  source = "../m{n + 1}"\n}}\n' for k in range(8))
        for n in range(12)
    }
    texts["m12/main.tf"] = 'resource "aws_sqs_queue" "q" {}\n'
    assert len(read(texts).of("aws_sqs_queue")) <= 20_000


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='abl.var"${}[]()?:=<>!&|+-*/% \n\\0123456789,_#', max_size=120))
def test_any_expression(text: str) -> None:
    read({"main.tf": f'locals {{\n  a = 1\n}}\nresource "aws_sqs_queue" "q" {{\n  x = {text}\n}}\n'})


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_file(text: str) -> None:
    read({"main.tf": text, "x.tf.json": text, "x.tfvars": text, "plan.json": '{"planned_values": ' + text})
