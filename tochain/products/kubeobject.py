"""One object of Kubernetes, and the documents of a file as objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tochain.formats.tree import Node
from tochain.model.span import SourceFile, Span

__all__ = ["CLUSTER", "WORLD", "KubeObject", "opened"]

CLUSTER = "default"
"""The namespace of objects that name none."""
WORLD = "@"
"""Between a namespace and the copy of the cluster it belongs to, where the files hold several: "shop@overlays/prod"."""
NO_TEXT = frozenset({"", "null", "~"})
_ACTION = re.compile(r"\{\{.{0,1000}?\}\}", re.DOTALL)
_SAME_EVERYWHERE = re.compile(
    r"\{\{-?\s*(?:(?:include|template)\s+\"[^\"{}]+\"\s+[.$]|[$]?\.(?:Values|Release|Chart)\.[\w.]+)\s*(?:\|[^{}]*)?-?\}\}"
)
"""What comes to the same text wherever it stands in one chart."""


@dataclass(frozen=True, slots=True)
class KubeObject:
    """One object: `api` is the group and version as written, `node` its whole mapping.

    `namespace` tells copies of one cluster apart (a base rendered for two environments), `home` is its name inside.
    `made` marks what no manifest says: what a chart makes of its values.
    """

    api: str
    kind: str
    namespace: str
    name: str
    node: Node
    source: SourceFile
    span: Span
    made: bool = False

    @property
    def group(self) -> str:
        """The API group; "" for the core."""
        return self.api.rpartition("/")[0]

    @property
    def home(self) -> str:
        """The namespace as the cluster knows it."""
        return self.namespace.partition(WORLD)[0]

    @property
    def world(self) -> str:
        """Which copy of the cluster it belongs to; "" where there is one."""
        return self.namespace.partition(WORLD)[2]

    def labels(self, *path: str) -> dict[str, str]:
        """A mapping of texts under a path, such as metadata.labels."""
        return {key.text: value.text for key, value in self.node.pairs(*path) if value.kind == "scalar"}

    def beside(self, namespace: str) -> str:
        """Another namespace of the same copy of the cluster, as its objects have it."""
        return f"{namespace}{WORLD}{self.world}" if self.world else namespace


def opened(roots: list[Node], source: SourceFile) -> Iterator[KubeObject]:
    """The objects of a file's documents, lists opened; of several with one name the last counts, as for the cluster."""
    found: dict[tuple[str, str, str, str], KubeObject] = {}
    for thing in _listed(roots, source):
        key = (thing.group, thing.kind, thing.namespace, thing.name)
        if thing.node.value("metadata", "name") == "":
            key = (*key[:3], f"{thing.name} {thing.span}")
        found.pop(key, None)
        found[key] = thing
    yield from found.values()


def _listed(roots: list[Node], source: SourceFile) -> Iterator[KubeObject]:
    waiting = list(reversed(roots))
    while waiting:
        node = waiting.pop()
        kind, api = node.value("kind"), node.value("apiVersion")
        if node.kind != "mapping" or not kind or not api:
            continue
        items = node.get("items")
        if kind.endswith("List") and items is not None:
            waiting += reversed(items.elements)
            continue
        yield _one(api, kind, node, source)


def _one(api: str, kind: str, node: Node, source: SourceFile) -> KubeObject:
    name, space = node.get("metadata", "name"), node.get("metadata", "namespace")
    named = name is not None and name.kind == "scalar" and name.text not in NO_TEXT
    place = name.span if named and name is not None else node.span
    text = name.text if named and name is not None else node.value("metadata", "generateName").rstrip("-")
    if "{{" in text and not all(_SAME_EVERYWHERE.fullmatch(action[0]) for action in _ACTION.finditer(text)):
        text = f"{text} in {place}"  # inside a loop the same words name different things
    # The namespace of a template is the one it is installed to, as of an object that names none.
    plain = space is not None and space.kind == "scalar" and "{{" not in space.text and space.text not in NO_TEXT
    namespace = space.text.replace(WORLD, "-") if plain and space is not None else CLUSTER
    return KubeObject(api, kind, namespace, text or kind.lower(), node, source, place)
