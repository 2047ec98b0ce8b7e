"""The steps of a kustomization after its patches: namespace, names, labels, replicas, images."""

from __future__ import annotations

from dataclasses import replace

from tochain.formats.overlay import changed, merged, with_value
from tochain.formats.tree import Node
from tochain.products.kubeobject import WORLD, KubeObject

__all__ = ["is_core", "transformed"]

_CORE = ("apps", "batch", "networking.k8s.io", "autoscaling", "policy", "extensions", "")
_REFERENCES = frozenset({"name", "serviceName"})
_HOLDERS = frozenset({"configMap", "configMapKeyRef", "configMapRef", "service", "backend", "defaultBackend"})
_CLUSTER_WIDE = frozenset(
    {"Namespace", "GatewayClass", "IngressClass", "ClusterRole", "CustomResourceDefinition", "PersistentVolume"}
)
_PREFIXED = frozenset({"Service", "ConfigMap"})
_POD_LABELS = (
    ("spec", "template", "metadata", "labels"),
    ("spec", "jobTemplate", "spec", "template", "metadata", "labels"),
)
Objects = list[KubeObject]


def is_core(thing: KubeObject) -> bool:
    """Whether it is one of the cluster's own kinds, whose lists have keys."""
    return thing.group in _CORE


def transformed(root: Node, found: Objects) -> Objects:
    """The objects after everything a kustomization does besides patches."""
    return _images(root, _replicas(root, _labels(root, _renamed(root, _moved(root, found)))))


def _moved(root: Node, found: Objects) -> Objects:
    """The objects in the overlay's namespace."""
    namespace = root.value("namespace")
    if not namespace:
        return found
    return [
        thing if thing.kind in _CLUSTER_WIDE else replace(thing, namespace=namespace.replace(WORLD, "-"))
        for thing in found
    ]


def _renamed(root: Node, found: Objects) -> Objects:
    """The objects with the overlay's prefix and suffix, in their references to services and ConfigMaps too."""
    prefix, suffix = root.value("namePrefix"), root.value("nameSuffix")
    if not prefix and not suffix:
        return found
    texts = {thing.name: f"{prefix}{thing.name}{suffix}" for thing in found if thing.kind in _PREFIXED}
    done = []
    for thing in found:
        spec = thing.node.get("spec")
        node = thing.node
        if spec is not None and is_core(thing):
            node = with_value(node, "spec", _references(spec, texts))
        name = thing.name if thing.kind in _CLUSTER_WIDE else f"{prefix}{thing.name}{suffix}"
        done.append(replace(thing, name=name, node=node))
    return done


def _references(node: Node, texts: dict[str, str]) -> Node:
    """The tree with the names inside references exchanged; names elsewhere (of containers, ports) stay."""
    if node.kind == "sequence":
        return replace(node, elements=[_references(item, texts) for item in node.elements])
    if node.kind != "mapping":
        return node
    entries = []
    for key, value in node.entries:
        if key.text in _HOLDERS:
            value = changed(value, _REFERENCES, texts)
        elif key.text == "serviceName" and value.kind == "scalar":
            value = replace(value, text=texts.get(value.text, value.text))
        else:
            value = _references(value, texts)
        entries.append((key, value))
    return replace(node, entries=entries)


def _labels(root: Node, found: Objects) -> Objects:
    """The objects with the overlay's labels, in selectors too where they go there."""
    common = root.pairs("commonLabels")
    pairs = [
        pair for item in root.each("labels") if item.value("includeSelectors") == "true" for pair in item.pairs("pairs")
    ]
    entries = [*common, *pairs]
    if not entries:
        return found
    labels = Node("mapping", root.span, entries=entries)
    return [replace(thing, node=_labelled(thing, labels)) for thing in found]


def _labelled(thing: KubeObject, labels: Node) -> Node:
    node = thing.node
    if thing.kind == "Pod":
        return _at(node, ("metadata", "labels"), labels)
    if thing.kind == "Service" and node.get("spec", "selector") is not None:
        return _at(node, ("spec", "selector"), labels)
    for path in _POD_LABELS:
        if node.get(*path[:-2]) is not None:
            node = _at(node, path, labels)
    return node


def _at(node: Node, path: tuple[str, ...], extra: Node) -> Node:
    inner = node.get(path[0])
    if inner is None or inner.kind != "mapping":
        inner = Node("mapping", extra.span)
    return with_value(node, path[0], merged(inner, extra) if len(path) == 1 else _at(inner, path[1:], extra))


def _replicas(root: Node, found: Objects) -> Objects:
    counts = {item.value("name"): item.get("count") for item in root.each("replicas")}
    done = []
    for thing in found:
        count, spec = counts.get(thing.name), thing.node.get("spec")
        if count is not None and spec is not None and spec.kind == "mapping":
            thing = replace(thing, node=with_value(thing.node, "spec", with_value(spec, "replicas", count)))
        done.append(thing)
    return done


def _images(root: Node, found: Objects) -> Objects:
    """The objects with the images the overlay names; each at the place of its new tag or name."""
    texts = {item.value("name"): item for item in root.each("images") if item.value("name")}
    if not texts:
        return found
    return [replace(thing, node=_with_images(thing.node, texts)) for thing in found]


def _with_images(node: Node, texts: dict[str, Node]) -> Node:
    if node.kind == "sequence":
        return replace(node, elements=[_with_images(item, texts) for item in node.elements])
    if node.kind != "mapping":
        return node
    entries = []
    for key, value in node.entries:
        if key.text == "image" and value.kind == "scalar":
            value = _image(value, texts)
        elif value.kind != "scalar":
            value = _with_images(value, texts)
        entries.append((key, value))
    return replace(node, entries=entries)


def _image(value: Node, texts: dict[str, Node]) -> Node:
    name, colon, tag = value.text.partition("@")[0].rpartition(":")
    if "/" in tag or not colon:
        name, tag = value.text.partition("@")[0], ""
    item = texts.get(name)
    if item is None:
        return value
    new, place = item.value("newName") or name, item.get("newTag") or item.get("digest") or item.get("newName")
    digest = item.value("digest")
    end = f"@{digest}" if digest else f":{item.value('newTag') or tag}" if item.value("newTag") or tag else ""
    return replace(value, text=f"{new}{end}", span=place.span if place is not None else value.span)
