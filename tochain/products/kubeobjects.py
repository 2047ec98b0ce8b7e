"""Kubernetes objects for readers: those of the wanted kinds, and the little that all readers ask of them."""

from __future__ import annotations

from tochain.formats import yamlfile
from tochain.formats.tree import Node
from tochain.model.component import Word
from tochain.model.fact import Setting, Settings
from tochain.products.base import Context
from tochain.products.kubeobject import CLUSTER, KubeObject
from tochain.products.kubeworlds import NO_MANIFEST, cluster

__all__ = ["CLUSTER", "KubeObject", "notes", "objects", "scope", "selects", "setting", "word"]


def objects(ctx: Context, *kinds: str) -> list[KubeObject]:
    """The objects of these kinds (of all without any) in the files the product wants; coverage is recorded.

    Lists are opened, kustomizations applied, charts' values are what the chart makes of them; see `kubeworlds`.
    """
    mine = {source.path: source for source in ctx.files}
    found = [o for o in cluster(ctx) if (not kinds or o.kind in kinds) and (o.made or o.source.path in mine)]
    for path in dict.fromkeys(thing.source.path for thing in found):
        ctx.understood(path, "kubernetes")
        if path in mine and not path.endswith(NO_MANIFEST):
            for message, span, failed in ctx.parsed(mine[path], yamlfile.parse).problems:
                ctx.problem(span, message, "failed" if failed else "partly")
    return found


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
    """One setting written at a scalar node; nothing for a node of another kind."""
    if node.kind != "scalar":
        return {}
    return {name: (Setting(name, node.text if text is None else text, node.span, scope=scope),)}


def word(node: Node) -> Word:
    """A scalar as a word."""
    return Word(node.text, node.span)
