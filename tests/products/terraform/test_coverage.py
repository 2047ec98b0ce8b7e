"""Coverage of Terraform files, broken ones and those of other tools included."""

from __future__ import annotations

import pytest

from tests.products.clouds.runs import run


@pytest.mark.parametrize(
    ("path", "text", "status"),
    [
        ("main.tf", 'resource "aws_lb" "x" {}\n', "understood"),
        ("main.tf", "# nothing yet\n", "understood"),
        ("main.tf", 'resource "aws_lb" "x" {\n', "failed"),
        ("main.tf.json", '{"resource": {"aws_lb": {"x": {}}}}', "understood"),
        ("prod.tfvars", "a = 1\n", "understood"),
        ("plan.json", '{"planned_values": {"root_module": {"resources": []}}}', "understood"),
        ("package.json", '{"name": "x", "module": {"a": 1}}', "unrecognised"),
    ],
)
def test_status(path: str, text: str, status: str) -> None:
    found = run({path: text})
    assert [(report.path, report.status) for report in found.reports.values()] == [(path, status)]
