"""Plans as `terraform show -json` prints them: concrete values, with the references of the configuration as edges."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from tochain.formats import jsonfile
from tochain.formats.tree import Node
from tochain.model.span import SourceFile
from tochain.products.base import Context
from tochain.products.cloud import ALIASES, Ref, Resource, Value, View, with_refs
from tochain.products.terraform.scalars import scalar, unknown

__all__ = ["read_plan"]

MAX_LEVELS = 60
_SKIP = ("var", "local", "each", "count", "path", "data", "module", "terraform", "self")


def read_plan(ctx: Context, source: SourceFile, found: View) -> None:
    """Adds the resources of a plan or state; of what is not known before it is applied, the references stay."""
    document = ctx.parsed(source, jsonfile.parse_json)
    root = document.roots[0] if document.roots else None
    if root is None or root.kind != "mapping":
        return
    values = root.get("planned_values", "root_module") or root.get("values", "root_module")
    if values is None:
        return
    ctx.understood(source.path)
    folder = str(PurePosixPath(source.path).parent)
    where = f"tf:{'' if folder == '.' else folder}"
    plan = _configured(root.get("configuration", "root_module"), where)
    for node in _planned(values):
        resource = _resource(node, plan)
        if not found.find(Ref(resource.key)):
            found.add(resource)


@dataclass(slots=True)
class _Configuration:
    """The expressions of a plan's configuration: of resources, of outputs, of arguments, by address."""

    where: str
    resources: dict[str, tuple[Node, str]] = field(default_factory=dict)
    outputs: dict[str, tuple[Node, str]] = field(default_factory=dict)
    arguments: dict[str, tuple[Node, str]] = field(default_factory=dict)

    def refs(self, references: Node, prefix: str) -> list[Ref]:
        """The resources some references mean, through outputs and arguments of modules."""
        found: dict[Ref, None] = {}
        waiting = [(node.text, prefix) for node in references.elements]
        seen = set(waiting)
        while waiting:
            text, here = waiting.pop(0)
            name = re.sub(r"\[[^\]]*\]", "", text)
            parts = name.split(".")
            further = self.outputs.get(f"{here}{name}") or self.arguments.get(f"{here}{name}")
            if further is not None:
                more = [(node.text, further[1]) for node in further[0].each("references")]
                waiting += [item for item in more if item not in seen]
                seen.update(more)
            elif len(parts) > 1 and parts[0] not in _SKIP:
                found[Ref(f"{self.where}|{here}{parts[0]}.{parts[1]}", parts[2] if len(parts) > 2 else "")] = None
        return list(found)


def _planned(module: Node) -> Iterator[Node]:
    waiting = [module]
    while waiting:
        here = waiting.pop(0)
        yield from (node for node in here.each("resources") if node.value("mode", default="managed") == "managed")
        waiting += here.each("child_modules")


def _configured(module: Node | None, where: str) -> _Configuration:
    plan = _Configuration(where)
    waiting = [(module, "")]
    while waiting:
        here, prefix = waiting.pop(0)
        if here is None:
            continue
        for node in here.each("resources"):
            expressions = node.get("expressions")
            if expressions is not None:
                plan.resources[f"{prefix}{node.value('address')}"] = (expressions, prefix)
        for name, call in here.pairs("module_calls"):
            inner = f"{prefix}module.{name.text}."
            waiting.append((call.get("module"), inner))
            for output, node in call.pairs("module", "outputs"):
                plan.outputs[f"{inner}{output.text}"] = (node.get("expression") or node, inner)
            for argument, node in call.pairs("expressions"):
                plan.arguments[f"{inner}var.{argument.text}"] = (node, prefix)
    return plan


def _resource(node: Node, plan: _Configuration) -> Resource:
    address = node.value("address")
    kind = node.value("type")
    plain = "".join(part if at == 0 else part.partition("]")[2] for at, part in enumerate(address.split("[")))
    name = node.get("address") or node
    shown = address.removesuffix("[0]")

    def evaluate() -> Value:
        value = _value(node.get("values"), 0) or Value("mapping", node.span)
        expressions, prefix = plan.resources.get(plain, (None, ""))
        return _joined(value, expressions, plan, prefix, 0)

    return Resource(ALIASES.get(kind, kind), shown, plan.where, name.span, evaluate)


def _value(node: Node | None, level: int) -> Value | None:
    if node is None or level > MAX_LEVELS:
        return None
    if node.kind == "mapping":
        entries = {key.text: made for key, value in node.entries if (made := _value(value, level + 1)) is not None}
        return Value("mapping", node.span, entries=entries)
    if node.kind == "sequence":
        return Value(
            "sequence",
            node.span,
            elements=[made for item in node.elements if (made := _value(item, level + 1)) is not None],
        )
    return Value("null", node.span) if node.text == "null" and not node.quoted else scalar(node.text, node.span)


def _joined(value: Value, expressions: Node | None, plan: _Configuration, prefix: str, level: int) -> Value:
    """The value with the resources its expressions refer to."""
    if expressions is None or level > MAX_LEVELS:
        return value
    if expressions.kind == "sequence":
        blocks = [
            _joined(v, e, plan, prefix, level + 1) for v, e in zip(value.elements, expressions.elements, strict=False)
        ]
        value.elements = [*blocks, *value.elements[len(blocks) :]]
        return value
    references = expressions.get("references")
    if references is not None:
        return with_refs(value, plan.refs(references, prefix))
    for key, expression in expressions.entries:
        if key.text == "constant_value":
            continue
        inside = value.entries.get(key.text)
        if inside is None or inside.kind == "null":
            if expression.get("references") is None:
                continue
            inside = unknown(expression.span, "", "known once it is applied")
        value.entries[key.text] = _joined(inside, expression, plan, prefix, level + 1)
    return value
