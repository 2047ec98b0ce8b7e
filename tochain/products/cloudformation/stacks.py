"""Templates that belong together: nested stacks with their parameters and outputs, and exports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from tochain.formats.tree import Node
from tochain.products.cloudformation.intrinsic import Template, export_name

__all__ = ["joined"]

_NESTED = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}


def joined(templates: dict[str, Template]) -> None:
    """Gives each template its resources' names, its parent, its nested stacks and everybody's exports."""
    exports: dict[str, list[tuple[Template, Node]]] = {}
    for path, template in templates.items():
        template.resources = {name.text for name, node in template.root.pairs("Resources") if node.value("Type")}
        template.exports = exports
        for name, value in _exported(template.root):
            exports.setdefault(name, []).append((template, value))
        for name, url, parameters in _nested(template.root):
            child = _file(templates, path, url)
            if child is None or child is template:
                continue
            template.stacks[name] = child
            if child.parent is None:
                child.parent, child.given = template, parameters


def _exported(root: Node) -> Iterator[tuple[str, Node]]:
    for _, output in root.pairs("Outputs"):
        name, value = output.get("Export", "Name"), output.get("Value")
        if name is not None and name.kind == "mapping" and len(name.entries) == 1:
            name = name.entries[0][1]
        if name is not None and name.kind == "scalar" and value is not None:
            yield export_name(name.text), value


def _nested(root: Node) -> Iterator[tuple[str, str, dict[str, Node]]]:
    for name, node in root.pairs("Resources"):
        attribute = _NESTED.get(node.value("Type"))
        url = node.get("Properties", attribute) if attribute else None
        if url is not None and url.kind == "mapping" and len(url.entries) == 1:
            url = url.entries[0][1]
        text = url.text if url is not None and url.kind == "scalar" else url.value(0) if url is not None else ""
        if text:
            yield name.text, text, {key.text: value for key, value in node.pairs("Properties", "Parameters")}


def _file(templates: dict[str, Template], path: str, url: str) -> Template | None:
    """The template a URL means: of those with the file's name, the one whose folders agree furthest."""
    wanted = [part for part in url.partition("?")[0].split("/") if part not in ("", ".", "..")]
    best: list[tuple[int, Template]] = []
    for other, template in templates.items():
        parts = PurePosixPath(other).parts
        same = 0
        while same < min(len(parts), len(wanted)) and parts[-1 - same] == wanted[-1 - same]:
            same += 1
        if same and other != path:
            best.append((same, template))
    top = max((same for same, _ in best), default=0)
    found = [template for same, template in best if same == top]
    return found[0] if len(found) == 1 else None
