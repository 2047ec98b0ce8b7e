"""CloudFormation, SAM and Serverless Framework: resources into the view, container definitions to workloads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tochain.formats import jsonfile, yamlfile
from tochain.formats.tree import Document, Node
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, Value, View, view
from tochain.products.clouddb import databases
from tochain.products.cloudformation.intrinsic import Template
from tochain.products.cloudformation.names import KINDS, translated
from tochain.products.cloudformation.sam import further, with_globals
from tochain.products.cloudformation.serverless import is_service, take_service
from tochain.products.cloudformation.stacks import joined
from tochain.products.ecs import workloads
from tochain.products.machines import machines

__all__ = ["read"]

_INIT = "AWS::CloudFormation::Init"


def read(ctx: Context) -> Extract:
    """Fills the view with the resources of every template, and hands on what containers start."""
    found = view(ctx)
    templates: dict[str, Template] = {}
    services: dict[str, Node] = {}
    for source in ctx.files:
        document = _parsed(ctx, source)
        root = next((root for root in document.roots if _is_template(root) or is_service(root)), None)
        if root is None:
            continue
        service = root if is_service(root) else None
        root = root.get("resources") or Node("mapping", root.span) if service is not None else root
        ctx.understood(source.path)
        for message, span, failed in document.problems:
            ctx.problem(span, message, "failed" if failed else "partly")
        templates[source.path] = Template(root, f"cfn:{source.path}", source)
        if service is not None:
            services[source.path] = service
    joined(templates)
    for template in templates.values():
        _take(template, found)
    for path, service in services.items():
        take_service(service, templates[path], found)
    booted = machines(ctx, found, "cfn:")
    return Extract(databases(found, "cfn:"), [*workloads(ctx, found, "cfn:"), *booted.workloads], booted.carried)


def _parsed(ctx: Context, source: SourceFile) -> Document:
    is_json = source.path.endswith(".json") or source.text.lstrip().startswith("{")
    return ctx.parsed(source, jsonfile.parse_json if is_json else yamlfile.parse)


def _is_template(root: Node) -> bool:
    if root.kind != "mapping":
        return False
    return any("::" in node.value("Type") for _, node in root.pairs("Resources") if node.kind == "mapping")


def _take(template: Template, found: View) -> None:
    written = list(_resources(template.root))
    template.resources |= {name.text for name, _, _ in written}
    for name, kind, node in written:
        condition = node.value("Condition")
        if condition and template.condition(condition) is False:
            continue
        properties = node.get("Properties") or Node("mapping", node.span)
        neutral = KINDS.get(kind, "")
        evaluate = (
            _evaluated(template, neutral, kind, properties, node.get("Metadata", _INIT))
            if neutral
            else _plain(template, properties)
        )
        found.add(Resource(neutral or kind, name.text, template.where, name.span, evaluate))
        if neutral and kind.startswith("AWS::Serverless::"):
            for extra in further(template, name, kind, properties, template.where):
                found.add(extra)


def _resources(root: Node) -> Iterator[tuple[Node, str, Node]]:
    for name, node in root.pairs("Resources"):
        if node.kind == "mapping" and node.value("Type"):
            yield name, node.value("Type"), node


def _plain(template: Template, properties: Node) -> Callable[[], Value]:
    return lambda: template.value(properties)


def _evaluated(
    template: Template, neutral: str, kind: str, properties: Node, init: Node | None
) -> Callable[[], Value]:  # fmt: skip
    def evaluate() -> Value:
        value = translated(neutral, with_globals(template, kind, template.value(properties), template.root))
        if init is None:
            return value
        return replace(value, entries={**value.entries, "cloudformation_init": template.value(init)})

    return evaluate
