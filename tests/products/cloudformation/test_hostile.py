"""Templates that mean harm: deep, circular, or no templates at all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tochain.discover import Files
from tochain.model.coverage import FileReport
from tochain.model.span import SourceFile
from tochain.products.base import Context
from tochain.products.cloud import View, view
from tochain.products.cloudformation import extract


def read(texts: dict[str, str]) -> View:
    """The view after reading some templates, every resource evaluated."""
    reports: dict[str, FileReport] = {}
    files = Files({}, reports, texts)
    sources = [SourceFile(path, text) for path, text in texts.items()]
    context = Context("cloudformation", sources, (), reports, files, {}, files.text)
    extract.read(context)
    found = view(context)
    for resource in found.everything():
        list(resource.value.mentioned())
    return found


def template(value: object, **more: object) -> dict[str, str]:
    """A template with a queue that waits as long as a value says."""
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": value}}
    return {"t.json": json.dumps({"Resources": {"Queue": queue}, **more})}


def nested(depth: int) -> object:
    """An intrinsic inside an intrinsic."""
    value: object = "1"
    for _ in range(depth):
        value = {"Fn::If": ["C", value, "2"]}
    return value


@pytest.mark.parametrize(
    "texts",
    [
        template(nested(60)),
        template(nested(150)),
        template({"Fn::If": ["A", "1", "2"]}, Conditions={"A": {"Condition": "B"}, "B": {"Condition": "A"}}),
        template({"Fn::If": ["A", "1", "2"]}, Conditions={"A": {"Fn::Not": [{"Condition": "A"}]}}),
        template({"Ref": "P"}, Parameters={"P": {"Default": {"Ref": "P"}}}),
        template({"Fn::Sub": "${Queue.Arn}${" * 500}),
        template({"Fn::Join": ["", [{"Ref": "Queue"}] * 5000]}),
        template({"Fn::FindInMap": ["M", {"Ref": "Queue"}, "x"]}, Mappings={"M": []}),
        template({"Fn::Select": ["999999999999", ["a"]]}),
        template({"Fn::GetAtt": []}),
        template({"Fn::Sub": []}),
        template({"Ref": ["x"]}),
        {"t.yaml": "Resources:\n  A:\n    Type: AWS::SQS::Queue\n    Properties: &a\n      VisibilityTimeout: *a\n"},
        {"t.yaml": "Resources:\n  A:\n    Type: AWS::SQS::Queue\n    Properties: !Ref\n"},
        {
            f"{name}.yaml": f"Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n"
            f"      TemplateURL: {other}.yaml\n      Parameters: {{P: !GetAtt S.Outputs.O}}\n"
            "  Q:\n    Type: AWS::SQS::Queue\n    Properties: {VisibilityTimeout: !Ref P}\n"
            "Outputs:\n  O: {Value: !Ref P}\nParameters:\n  P: {Type: String}\n"
            for name, other in (("a", "b"), ("b", "a"))
        },
    ],
)
def test_comes_to_an_end(texts: dict[str, str]) -> None:
    read(texts)


_VALUES = st.recursive(
    st.sampled_from(["Queue", "P", "a.b", "${P}", "1", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["Ref", "Fn::GetAtt", "Fn::Sub", "Fn::If", "Fn::Join", "Fn::Select", "Fn::ImportValue", "x"]
            ),
            inner,
            max_size=2,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(_VALUES, _VALUES)
def test_any_value(value: object, other: object) -> None:
    read(template(value, Parameters={"P": other}, Conditions={"P": other}, Outputs={"O": {"Value": other}}))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_file(text: str) -> None:
    read({"t.yaml": f"Resources:\n  A: {{Type: 'AWS::SQS::Queue', Properties: {text}}}\n", "t.template": text})
