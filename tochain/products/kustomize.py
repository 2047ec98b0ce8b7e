"""Kustomizations: an overlay is what its bases hold, with its patches, names, images and generators applied."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tochain.formats import yamlfile
from tochain.formats.embed import embedded
from tochain.formats.overlay import NoSuchPathError, merged, operated
from tochain.formats.tree import Node
from tochain.model.span import Pos, Span
from tochain.products.base import Context
from tochain.products.charts import chart_objects
from tochain.products.kubeobject import CLUSTER, KubeObject, opened
from tochain.products.kustomized import is_core, transformed

__all__ = ["FILE", "Kustomizations", "is_kustomization"]

FILE = "!file"
"""The tag of a ConfigMap's value that is a file of its own."""
_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_REMOTE = re.compile(r"://|^git@|^github\.com/|\?ref=|^[\w.-]+\.(?:com|org|io)/")
_UNREAD = ("generators", "transformers", "replacements", "vars", "helmChartInflationGenerator")
"""What changes manifests in ways that are not followed."""
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
        components = [path for path in files if self._root(path).value("kind") == "Component"]
        for path in files:
            if path not in components:
                self._render(path, ())
        for path in components:
            if posixpath.dirname(path) not in self.inner:
                self._unused(path)
        return [
            (folder, self.done[path])
            for path in files
            if (folder := posixpath.dirname(path)) not in self.inner and path not in components
        ]

    def _unused(self, path: str) -> None:
        """A component that nobody here takes in: its patches are for manifests of others."""
        root = self._root(path)
        self._component(path, [], (), alone=True)
        kind = root.key("kind")
        self.ctx.problem(kind.span if kind is not None else root.span, "no kustomization here uses this component")

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

    def _component(self, path: str, given: Objects, above: tuple[str, ...], *, alone: bool = False) -> Objects:
        root, folder = self._root(path), posixpath.dirname(path)
        self.ctx.understood(path, "kubernetes")
        self.used.add(path)
        for name in _UNREAD:
            if (key := root.key(name)) is not None:
                self.ctx.problem(key.span, f"{name} is not read")
        inside = (
            *self._resources(root, folder, (*above, path)),
            *self._charts(root, folder),
            *self._generated(root, folder),
        )
        found = _unique([*given, *inside])
        for node in root.each("components"):
            inner = self._kustomization(node, folder, (*above, path))
            if inner:
                found = self._component(inner, found, (*above, path))
        for place, roots, target in self._patches(root, folder):
            if not alone:
                self._check(place, roots, target, found)
            found = self._patched(found, roots, target)
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

    def _charts(self, root: Node, folder: str) -> Iterable[KubeObject]:
        """What known charts make of the values that a kustomization gives them."""
        source = self.ctx.file(root.span.path)
        for item in root.each("helmCharts"):
            name, values, own = item.value("name"), item.get("valuesInline"), source
            path = _joined(folder, item.value("valuesFile"))
            if values is None and path in self.paths and (own := self.ctx.file(path)) is not None:
                values = next(iter(self.ctx.parsed(own, yamlfile.parse).roots), None)
            space = item.value("namespace") or CLUSTER
            called = item.value("releaseName") or name
            made = chart_objects(name, values, own, space, called) if values is not None and own is not None else None
            if made is None:
                self.ctx.problem(item.span, f"the chart {name} is not rendered")
                continue
            self.used |= {own.path} if own is not None else set()
            self.ctx.understood(values.span.path if values is not None else root.span.path, "helm")
            yield from made

    def _patches(self, root: Node, folder: str) -> Iterable[tuple[Node, list[Node], Node | None]]:
        """Each patch: where the kustomization names it, its documents, and what it is for where that is said apart."""
        for node in root.each("patchesStrategicMerge"):
            yield node, self._patch_roots(node, folder, root), None
        for node in (*root.each("patches"), *root.each("patchesJson6902")):
            text = node.get("path") or node.get("patch")
            if text is not None:
                inline = node.get("path") is None
                yield text, self._patch_roots(text, folder, root, inline=inline), node.get("target")

    def _check(self, place: Node, roots: list[Node], target: Node | None, found: Objects) -> None:
        """Says what a patch is for that is not here: its settings hold in a cluster, and nobody sees them."""
        for patch in roots:
            kind = target.value("kind") if target is not None else patch.value("kind")
            name = target.value("name") if target is not None else patch.value("metadata", "name")
            # One for every object of a kind may well find none.
            if name and not any(_meant(thing, patch, target) for thing in found):
                self.ctx.problem(place.span, f"it patches {kind or 'something'} {name}, which is not in these files")

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

    def _patched(self, found: Objects, roots: list[Node], target: Node | None) -> Objects:
        for root in roots:
            done: Objects = []
            for thing in found:
                done += self._one(thing, root) if _meant(thing, root, target) else [thing]
            found = done
        return found

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
