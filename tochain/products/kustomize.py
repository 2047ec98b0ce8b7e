"""Kustomizations: an overlay is what its bases hold, with its patches, names, images and generators applied."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from tochain.formats import yamlfile
from tochain.formats.embed import embedded
from tochain.formats.overlay import NoSuchPathError, merged, operated
from tochain.formats.tree import Node
from tochain.model.span import Pos, Span
from tochain.products.base import Context
from tochain.products.kubeobject import CLUSTER, KubeObject, opened
from tochain.products.kustomized import is_core, transformed

__all__ = ["FILE", "Kustomizations", "is_kustomization"]

FILE = "!file"
"""The tag of a ConfigMap's value that is a file of its own."""
_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_REMOTE = re.compile(r"://|^git@|^github\.com/|\?ref=|^[\w.-]+\.(?:com|org|io)/")
_PLAIN = re.compile(r"[\w.|-]*(?:\.\*)?")
Objects = list[KubeObject]


def is_kustomization(path: str) -> bool:
    """Whether a path is that of a kustomization."""
    return path.rpartition("/")[2] in _NAMES


@dataclass(slots=True)
class Kustomizations:
    """The kustomizations of a run: `used` are the files they take, `inner` the folders others build on."""

    ctx: Context
    paths: frozenset[str]
    used: set[str] = field(default_factory=set)
    inner: set[str] = field(default_factory=set)
    done: dict[str, Objects] = field(default_factory=dict)

    def tops(self) -> list[tuple[str, Objects]]:
        """The folders of the kustomizations nobody builds on, with what they come to; a base is not among them."""
        files = sorted(path for path in self.paths if is_kustomization(path))
        for path in files:
            self._render(path, ())
        return [
            (folder, self.done[path])
            for path in files
            if (folder := posixpath.dirname(path)) not in self.inner and self._root(path).value("kind") != "Component"
        ]

    def _root(self, path: str) -> Node:
        source = self.ctx.file(path)
        empty = Node("mapping", Span(path, Pos(1, 1), Pos(1, 1)))
        if source is None:
            return empty
        document = self.ctx.parsed(source, yamlfile.parse)
        for message, span, failed in document.problems:
            self.ctx.problem(span, message, "failed" if failed else "partly")
        return next((root for root in document.roots if root.kind == "mapping"), empty)

    def _render(self, path: str, above: tuple[str, ...]) -> Objects:
        if path not in self.done:
            self.done[path] = self._component(path, [], above)
        return self.done[path]

    def _component(self, path: str, given: Objects, above: tuple[str, ...]) -> Objects:
        root, folder = self._root(path), posixpath.dirname(path)
        self.ctx.understood(path, "kubernetes")
        self.used.add(path)
        found = _unique([*given, *self._resources(root, folder, (*above, path)), *self._generated(root, folder)])
        for node in root.each("components"):
            inner = self._kustomization(node, folder, (*above, path))
            if inner:
                found = self._component(inner, found, (*above, path))
        for patch in self._patches(root, folder):
            found = patch(found)
        return transformed(root, found)

    def _resources(self, root: Node, folder: str, above: tuple[str, ...]) -> Iterable[KubeObject]:
        for node in (*root.each("resources"), *root.each("bases"), *root.each("crds")):
            if node.kind != "scalar" or not node.text:
                continue
            path = _joined(folder, node.text)
            if path in self.paths and not is_kustomization(path):
                yield from self._file(path)
            else:
                inner = self._kustomization(node, folder, above)
                if inner:
                    yield from self._render(inner, above)

    def _kustomization(self, node: Node, folder: str, above: tuple[str, ...]) -> str:
        """The kustomization a folder's name leads to; "" and a problem where there is none to read."""
        if node.kind != "scalar":
            return ""
        if _REMOTE.search(node.text):
            self.ctx.problem(node.span, f"{node.text} is not in these files")
            return ""
        target = _joined(folder, node.text)
        path = next((p for name in _NAMES if (p := _joined(target, name)) in self.paths), "")
        if path in above:
            self.ctx.problem(node.span, f"{node.text} leads back to this kustomization")
            return ""
        if not path:
            self.ctx.problem(node.span, f"{node.text} was not found")
            return ""
        self.inner.add("" if target == "." else target)
        return path

    def _file(self, path: str) -> Iterable[KubeObject]:
        self.used.add(path)
        source = self.ctx.file(path)
        return opened(self.ctx.parsed(source, yamlfile.parse).roots, source) if source is not None else ()

    def _patches(self, root: Node, folder: str) -> Iterable[Callable[[Objects], Objects]]:
        for node in root.each("patchesStrategicMerge"):
            yield self._patch(self._patch_roots(node, folder, root), None)
        for node in (*root.each("patches"), *root.each("patchesJson6902")):
            text = node.get("path") or node.get("patch")
            if text is not None:
                yield self._patch(
                    self._patch_roots(text, folder, root, inline=node.get("path") is None), node.get("target")
                )

    def _patch_roots(self, node: Node, folder: str, root: Node, *, inline: bool = False) -> list[Node]:
        """The documents of a patch: a file's, or those that stand in the kustomization itself."""
        if node.kind != "scalar":
            return [node] if node.kind == "mapping" else []
        if inline or "\n" in node.text:
            source = self.ctx.file(root.span.path)
            inner = embedded(source, node) if source is not None else None
            return yamlfile.parse(inner).roots if inner is not None else []
        path = _joined(folder, node.text)
        source = self.ctx.file(path) if path in self.paths else None
        if source is None:
            self.ctx.problem(node.span, f"{node.text} was not found")
            return []
        self.used.add(path)
        self.ctx.understood(path, "kubernetes")
        return self.ctx.parsed(source, yamlfile.parse).roots

    def _patch(self, roots: list[Node], target: Node | None) -> Callable[[Objects], Objects]:
        def apply(found: Objects) -> Objects:
            for root in roots:
                done: Objects = []
                for thing in found:
                    done += self._one(thing, root) if _meant(thing, root, target) else [thing]
                found = done
            return found

        return apply

    def _one(self, thing: KubeObject, patch: Node) -> Objects:
        if patch.kind == "sequence":
            node = thing.node
            for operation in patch.elements:
                try:
                    node = operated(node, operation)
                except NoSuchPathError as error:
                    self.ctx.problem(operation.span, str(error))
            return [replace(thing, node=node)]
        if patch.value("$patch") == "delete":
            return []
        return [replace(thing, node=merged(thing.node, patch, core=is_core(thing)))]

    def _generated(self, root: Node, folder: str) -> Iterable[KubeObject]:
        """ConfigMaps made of files and literals."""
        source = self.ctx.file(root.span.path)
        for item in root.each("configMapGenerator"):
            name = item.get("name")
            if source is None or name is None or name.kind != "scalar":
                continue
            data = Node("mapping", item.span, entries=[*self._literals(item), *self._files(item, folder)])
            node = Node("mapping", item.span, entries=[(Node("scalar", item.span, "data"), data)])
            space = item.value("namespace") or CLUSTER
            yield KubeObject("v1", "ConfigMap", space, name.text, node, source, name.span, made=True)

    def _literals(self, item: Node) -> Iterable[tuple[Node, Node]]:
        for node in item.each("literals"):
            key, equals, value = node.text.partition("=")
            if equals:
                yield Node("scalar", node.span, key), Node("scalar", node.span, value.strip("\"'"))

    def _files(self, item: Node, folder: str) -> Iterable[tuple[Node, Node]]:
        for node in item.each("files"):
            key, equals, text = node.text.rpartition("=")
            path = _joined(folder, text)
            source = self.ctx.file(path) if node.kind == "scalar" and path in self.paths else None
            if source is not None:
                name = key if equals else path.rpartition("/")[2]
                whole = source.span(0, len(source.text))
                yield Node("scalar", node.span, name), Node("scalar", whole, source.text, tag=FILE)


def _joined(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))


def _unique(found: Objects) -> Objects:
    kept: dict[tuple[str, str, str, str], KubeObject] = {}
    for thing in found:
        kept.setdefault((thing.group, thing.kind, thing.namespace, thing.name), thing)
    return list(kept.values())


def _meant(thing: KubeObject, patch: Node, target: Node | None) -> bool:
    names = {thing.name, thing.node.value("metadata", "name")}
    if target is None:
        at = patch.value("metadata", "namespace")
        return (
            patch.value("kind") == thing.kind
            and patch.value("metadata", "name") in names
            and (not at or at in (thing.namespace, thing.node.value("metadata", "namespace", default=CLUSTER)))
        )
    wanted = {key: target.value(key) for key in ("group", "kind", "name", "namespace")}
    labels = thing.labels("metadata", "labels")
    return (
        _like(wanted["kind"], {thing.kind})
        and _like(wanted["name"], names)
        and (not wanted["group"] or wanted["group"] == thing.group.partition("/")[0])
        and (not wanted["namespace"] or wanted["namespace"] == thing.namespace)
        and all(
            labels.get(k) == v
            for k, _, v in (part.partition("=") for part in target.value("labelSelector").split(",") if part)
        )
    )


def _like(pattern: str, names: set[str]) -> bool:
    """Whether an anchored expression fits one of the names; only what cannot run long is read as an expression."""
    if not pattern:
        return True
    if not _PLAIN.fullmatch(pattern) or len(pattern) > 200:
        return pattern in names
    return any(re.fullmatch(pattern, name) for name in names)
