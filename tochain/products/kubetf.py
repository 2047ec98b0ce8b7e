"""Kubernetes objects that Terraform's kubernetes provider makes, as the manifests they come to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tochain.formats.tree import Node
from tochain.products.base import Context
from tochain.products.cloud import Resource, Value, view
from tochain.products.kubeobject import KubeObject, opened

__all__ = ["terraform_objects"]

_KINDS = {
    "deployment": ("apps/v1", "Deployment"),
    "stateful_set": ("apps/v1", "StatefulSet"),
    "daemonset": ("apps/v1", "DaemonSet"),
    "daemon_set": ("apps/v1", "DaemonSet"),
    "pod": ("v1", "Pod"),
    "job": ("batch/v1", "Job"),
    "cron_job": ("batch/v1", "CronJob"),
    "service": ("v1", "Service"),
    "config_map": ("v1", "ConfigMap"),
    "ingress": ("networking.k8s.io/v1", "Ingress"),
}
"""Resources by their names without the prefix and a version at the end."""
_TYPES = tuple(f"kubernetes_{name}{version}" for name in _KINDS for version in ("", "_v1"))
_MANIFEST = "kubernetes_manifest"
_PLURAL = {
    "container": "containers", "init_container": "initContainers", "volume": "volumes", "volume_mount": "volumeMounts",
    "rule": "rules", "toleration": "tolerations", "sysctl": "sysctls", "port": "ports", "path": "paths", "env": "env",
    "env_from": "envFrom", "tls": "tls", "http_header": "httpHeaders", "items": "items",
}  # fmt: skip
"""Blocks that stand once for each element of a list."""
_PARENTS = {"port": ("container", "init_container", "spec"), "path": ("http",)}
"""Blocks that are such only there, and one block elsewhere."""
_FREE = frozenset({
    "labels", "annotations", "match_labels", "data", "binary_data", "node_selector", "limits", "requests",
})  # fmt: skip
"""Maps whose keys are somebody's own words."""
_SNAKE = re.compile(r"_([a-z0-9])")
_DEPTH = 32


def terraform_objects(ctx: Context) -> Iterator[tuple[str, list[KubeObject]]]:
    """The objects of each file with the path they stand in; what Terraform does not know yet stays as it is written."""
    found: dict[str, list[KubeObject]] = {}
    for resource in view(ctx).of(_MANIFEST, *_TYPES):
        source = ctx.file(resource.span.path)
        node = _manifest(resource) if source is not None else None
        if node is not None and source is not None:
            made = opened([node], source)
            found.setdefault(resource.span.path, []).extend(_at(thing, resource) for thing in made)
    yield from found.items()


def _at(thing: KubeObject, resource: Resource) -> KubeObject:
    return KubeObject(
        thing.api, thing.kind, thing.namespace, thing.name, thing.node, thing.source, resource.span, made=True
    )


def _manifest(resource: Resource) -> Node | None:
    if resource.kind == _MANIFEST:
        manifest = resource.value.get("manifest")
        return _node(manifest, "labels", _DEPTH) if manifest is not None else None
    api, kind = _KINDS[resource.kind.removeprefix("kubernetes_").removesuffix("_v1")]
    if kind == "Ingress" and not resource.kind.endswith("_v1"):
        api = "networking.k8s.io/v1beta1"
    node = _node(resource.value, "", _DEPTH)
    said = [(_scalar(name, resource), _scalar(text, resource)) for name, text in (("apiVersion", api), ("kind", kind))]
    return Node("mapping", node.span, entries=[*said, *node.entries]) if node.kind == "mapping" else None


def _scalar(text: str, resource: Resource) -> Node:
    return Node("scalar", resource.span, text)


def _node(value: Value, name: str, left: int) -> Node:
    """A value as the manifest has it; blocks that stand once are no lists there."""
    if value.kind == "mapping" and left:
        return Node("mapping", value.span, entries=[_entry(key, below, name, left) for key, below in _known(value)])
    if value.kind == "sequence" and left:
        return Node("sequence", value.span, elements=[_node(element, name, left - 1) for element in value.elements])
    text = value.text if value.kind == "scalar" or "${" in value.text else f"${{{value.text}}}"
    return Node("scalar", value.span, text, quoted=True)


def _known(value: Value) -> list[tuple[str, Value]]:
    """What is set; a namespace that is filled in later is the one of those that name none."""
    return [
        (key, below)
        for key, below in value.entries.items()
        if below.kind != "null" and not (key == "namespace" and below.kind == "unknown")
    ]


def _entry(key: str, below: Value, parent: str, left: int) -> tuple[Node, Node]:
    free = parent in _FREE
    blocks = below.kind == "sequence" and all(element.kind == "mapping" for element in below.elements)
    plural = key in _PLURAL and blocks and parent in _PARENTS.get(key, (parent,))
    text = key if free else _PLURAL[key] if plural else _SNAKE.sub(lambda found: found[1].upper(), key)
    if blocks and not free and not plural and len(below.elements) == 1:
        below = below.elements[0]
    inner = parent if free else "labels" if (parent, key) == ("spec", "selector") and not _blocks(below) else key
    return Node("scalar", below.span, text), _node(below, inner, left - 1)


def _blocks(value: Value) -> bool:
    """Whether a selector is that of a workload, whose labels stand in a map of their own."""
    return "match_labels" in value.entries or "match_expressions" in value.entries
