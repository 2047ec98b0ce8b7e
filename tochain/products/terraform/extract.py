"""Terraform configurations: folders to modules, modules to resources, container definitions to workloads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from tochain.formats import jsonfile
from tochain.formats.hclfile import parse_hcl
from tochain.formats.tree import Document, Node
from tochain.model.span import SourceFile
from tochain.products import cloudrun
from tochain.products.base import Context, Extract
from tochain.products.cloud import View, view
from tochain.products.clouddb import databases
from tochain.products.ecs import workloads
from tochain.products.machines import machines
from tochain.products.terraform.bodies import body
from tochain.products.terraform.modules import Folder, Module, Tree, Written, resources
from tochain.products.terraform.plan import read_plan
from tochain.products.terraform.scope import joined

__all__ = ["read"]

PRODUCT = "terraform"
_NAMED = ("variable", "module", "output")


def read(ctx: Context) -> Extract:
    """Fills the view with the resources of every root module and plan, and hands on what containers start."""
    found = view(ctx)
    folders: dict[str, Folder] = {}
    values: dict[str, list[tuple[SourceFile, Node]]] = {}
    for source in ctx.files:
        place = str(PurePosixPath(source.path).parent)
        place = "" if place == "." else place
        if source.path.endswith((".tf", ".tf.json", ".tfvars", ".tfvars.json")):
            document = _parsed(ctx, source)
            if ".tfvars" in source.path:
                values.setdefault(place, []).extend((source, root) for root in document.roots)
            else:
                folder = folders.setdefault(place, Folder(place))
                for root in document.roots:
                    _declare(folder, root, source, ctx)
        else:
            read_plan(ctx, source, found)
    for place in _roots(folders):
        _take(
            Module(
                Tree(f"tf:{place}", folders, ctx.file, ctx.understood),
                _with_values(folders[place], values.get(place, [])),
            ),
            found,
        )
    booted = machines(ctx, found, "tf:")
    started = [*workloads(ctx, found, "tf:"), *cloudrun.workloads(found), *booted.workloads]
    return Extract(databases(found, "tf:"), started, booted.carried)


def _parsed(ctx: Context, source: SourceFile) -> Document:
    document = ctx.parsed(source, jsonfile.parse_json if source.path.endswith(".json") else parse_hcl)
    ctx.understood(source.path)
    for message, span, failed in document.problems:
        ctx.problem(span, message, "failed" if failed else "partly")
    return document


def _declare(folder: Folder, root: Node, source: SourceFile, ctx: Context) -> None:
    for kind, labels, node, name in _blocks(root):
        written = Written(node, source, name)
        if kind == "resource" and len(labels) == 2:
            first = folder.resources.get((labels[0], labels[1]))
            if first is not None and not source.path.endswith(("override.tf", "override.tf.json")):
                ctx.problem(name.span, f"{labels[0]}.{labels[1]} is declared at {first.name.span} already")
            folder.resources[labels[0], labels[1]] = written
        elif kind == "data" and len(labels) == 2:
            folder.data[labels[0], labels[1]] = written
        elif kind == "variable" and labels:
            folder.variables[labels[0]] = written
        elif kind == "module" and labels:
            folder.modules[labels[0]] = written
        elif kind == "output" and labels:
            folder.outputs[labels[0]] = written
        elif kind == "locals":
            for key, value in node.entries:
                folder.locals[key.text] = Written(value, source, key)


def _blocks(root: Node) -> Iterator[tuple[str, tuple[str, ...], Node, Node]]:
    """The blocks of a file, (type, labels, body, the node that names it), from HCL and from its JSON form."""
    for key, value in root.entries:
        if value.tag:
            labels = tuple(v.text for k, v in value.entries if k.text.startswith("@"))
            names = [v for k, v in value.entries if k.text.startswith("@")]
            yield key.text, labels, value, names[-1] if names else key
            continue
        depth = 2 if key.text in ("resource", "data") else 1 if key.text in _NAMED else 0
        for labels, node, name in _labelled(value, depth, key):
            yield key.text, labels, node, name


def _labelled(node: Node, depth: int, name: Node) -> Iterator[tuple[tuple[str, ...], Node, Node]]:
    for item in node.elements if node.kind == "sequence" else [node]:
        if depth == 0:
            yield (), item, name
            continue
        for key, value in item.entries:
            for labels, inner, place in _labelled(value, depth - 1, key):
                yield (key.text, *labels), inner, place


def _roots(folders: dict[str, Folder]) -> list[str]:
    """The folders no other folder calls."""
    called = {
        joined(place, source)
        for place, folder in folders.items()
        for written in folder.modules.values()
        if (source := written.node.value("source")).startswith(".") and joined(place, source) != place
    }
    return [place for place in folders if place not in called]


def _with_values(folder: Folder, files: list[tuple[SourceFile, Node]]) -> Folder:
    """The folder with what its tfvars files give; without one that is loaded by itself, with the only other one."""
    loaded = [
        (s, root)
        for s, root in files
        if PurePosixPath(s.path).name.startswith("terraform.tfvars") or ".auto.tfvars" in s.path
    ]
    names = Module(Tree(f"tf:{folder.path}", {}, lambda path: None), Folder(folder.path)).names()
    for source, root in loaded or (files if len(files) == 1 else []):
        for key, value in root.entries:
            folder.given[key.text] = body(value, source, names)
    return folder


def _take(module: Module, found: View) -> None:
    for resource in resources(module):
        found.add(resource)
