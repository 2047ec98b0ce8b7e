"""Plans as `terraform show -json` prints them: concrete values, with the references of the configuration as edges."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from tochain.formats import jsonfile
from tochain.formats.tree import Node
from tochain.model.span import SourceFile
from tochain.products.base import Context
from tochain.products.cloud import ALIASES, Ref, Resource, Value, View, with_refs
from tochain.products.terraform.functions import scalar, unknown

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
    written = dict(_configured(root.get("configuration", "root_module"), ""))
    for node in _planned(values):
        resource = _resource(node, written, where)
        if not found.find(Ref(resource.key)):
            found.add(resource)


def _planned(module: Node) -> Iterator[Node]:
    waiting = [module]
    while waiting:
        here = waiting.pop(0)
        yield from (node for node in here.each("resources") if node.value("mode", default="managed") == "managed")
        waiting += here.each("child_modules")


def _configured(module: Node | None, prefix: str) -> Iterator[tuple[str, tuple[Node, str]]]:
    """The expressions of each resource block by its plain address, with the prefix of its module."""
    waiting = [(module, prefix)]
    while waiting:
        here, prefix = waiting.pop(0)
        if here is None:
            continue
        for node in here.each("resources"):
            expressions = node.get("expressions")
            if expressions is not None:
                yield f"{prefix}{node.value('address')}", (expressions, prefix)
        for name, call in here.pairs("module_calls"):
            waiting.append((call.get("module"), f"{prefix}module.{name.text}."))


def _resource(node: Node, written: dict[str, tuple[Node, str]], where: str) -> Resource:
    address = node.value("address")
    kind = node.value("type")
    plain = "".join(part if at == 0 else part.partition("]")[2] for at, part in enumerate(address.split("[")))
    name = node.get("address") or node
    shown = address.removesuffix("[0]")

    def evaluate() -> Value:
        value = _value(node.get("values"), 0) or Value("mapping", node.span)
        expressions, prefix = written.get(plain, (None, ""))
        return _joined(value, expressions, where, prefix, 0)

    return Resource(ALIASES.get(kind, kind), shown, where, name.span, evaluate)


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


def _joined(value: Value, expressions: Node | None, where: str, prefix: str, level: int) -> Value:
    """The value with the resources its expressions refer to."""
    if expressions is None or level > MAX_LEVELS:
        return value
    if expressions.kind == "sequence":
        blocks = [
            _joined(v, e, where, prefix, level + 1) for v, e in zip(value.elements, expressions.elements, strict=False)
        ]
        value.elements = [*blocks, *value.elements[len(blocks) :]]
        return value
    references = expressions.get("references")
    if references is not None:
        return with_refs(value, _refs(references, where, prefix))
    for key, expression in expressions.entries:
        if key.text == "constant_value":
            continue
        inside = value.entries.get(key.text)
        if inside is None or inside.kind == "null":
            if expression.get("references") is None:
                continue
            inside = unknown(expression.span, "", "known once it is applied")
        value.entries[key.text] = _joined(inside, expression, where, prefix, level + 1)
    return value


def _refs(references: Node, where: str, prefix: str) -> list[Ref]:
    found = []
    for node in references.elements:
        parts = node.text.split(".")
        if len(parts) < 2 or parts[0] in _SKIP:
            continue
        address = f"{prefix}{parts[0]}.{parts[1]}".partition("[")[0]
        found.append(Ref(f"{where}|{address}", parts[2] if len(parts) > 2 else ""))
    return found
