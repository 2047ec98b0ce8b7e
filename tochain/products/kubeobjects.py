"""Kubernetes manifests as objects: every document of every file, lists opened, with the little that all readers ask of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tochain.formats import yamlfile
from tochain.formats.tree import Node
from tochain.model.component import Word
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context

__all__ = ["CLUSTER", "KubeObject", "notes", "objects", "scope", "selects", "setting", "word"]

CLUSTER = "default"
"""The namespace of objects that name none."""
NO_MANIFEST = (".tf", ".tf.json", ".tfvars")
"""Files of products that read other things besides."""


@dataclass(frozen=True, slots=True)
class KubeObject:
    """One object: `api` is the group and version as written, `node` its whole mapping."""

    api: str
    kind: str
    namespace: str
    name: str
    node: Node
    source: SourceFile
    span: Span

    @property
    def group(self) -> str:
        """The API group; "" for the core."""
        return self.api.rpartition("/")[0]

    def labels(self, *path: str) -> dict[str, str]:
        """A mapping of texts under a path, such as metadata.labels."""
        return {key.text: value.text for key, value in self.node.pairs(*path) if value.kind == "scalar"}


def objects(ctx: Context, *kinds: str) -> list[KubeObject]:
    """The objects of these kinds (of all without any) in the files the product wants, lists opened; coverage is recorded."""
    found = []
    for source in ctx.files:
        if source.path.endswith(NO_MANIFEST):
            continue
        document = ctx.parsed(source, yamlfile.parse)
        mine = [o for root in document.roots for o in _open(root, source)]
        if not mine:
            continue
        wanted = [o for o in mine if not kinds or o.kind in kinds]
        if wanted:
            ctx.understood(source.path, "kubernetes")
            for message, span, failed in document.problems:
                ctx.problem(span, message, "failed" if failed else "partly")
        found += wanted
    return found


def _open(root: Node, source: SourceFile) -> Iterable[KubeObject]:
    waiting = [root]
    while waiting:
        node = waiting.pop(0)
        kind, api = node.value("kind"), node.value("apiVersion")
        if node.kind != "mapping" or not kind or not api:
            continue
        items = node.get("items")
        if kind.endswith("List") and items is not None:
            waiting = [*items.elements, *waiting]
            continue
        name = node.get("metadata", "name")
        text = name.text if name is not None and name.kind == "scalar" else node.value("metadata", "generateName").rstrip("-")
        place = name.span if name is not None and name.kind == "scalar" else node.span
        yield KubeObject(api, kind, node.value("metadata", "namespace") or CLUSTER, text or kind.lower(), node, source, place)


def scope(namespace: str) -> str:
    """The scope of names of a namespace."""
    return f"k8s:{namespace}"


def notes(thing: KubeObject) -> dict[str, Node]:
    """The annotations of an object with their places."""
    return {key.text: value for key, value in thing.node.pairs("metadata", "annotations") if value.kind == "scalar"}


def selects(selector: dict[str, str], labels: dict[str, str]) -> bool:
    """Whether a selector that is not empty matches the labels."""
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def setting(name: str, node: Node, text: str | None = None, scope: str = "") -> Settings:
    """One setting written at a scalar node."""
    return {name: (Setting(name, node.text if text is None else text, node.span, scope=scope),)}


def word(node: Node) -> Word:
    """A scalar as a word."""
    return Word(node.text, node.span)
