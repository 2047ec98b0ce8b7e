"""The tree that YAML, JSON, TOML, HCL and XML readers share: mappings, sequences and scalars that know their place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from tochain.model.span import Span

__all__ = ["MAX_PROBLEMS", "Document", "Node", "Problems"]

MAX_PROBLEMS = 100
"""How many problems of one file are listed; more of them tell nobody anything."""


@dataclass(slots=True)
class Node:
    """A value in a file.

    A scalar has `text` as written (quotes removed, nothing converted) and `quoted` (in quotes, a YAML block or an HCL
    heredoc); its span covers the quotes. A mapping has `entries` in file order, keys being scalars; where a key
    stands twice, the last one counts. `tag` keeps an explicit YAML tag such as "!Ref", the HCL block type or the XML
    element name; `expression` marks text that is code (an HCL expression, a template action) and not a literal.
    A YAML alias and its anchor are one and the same node, so nodes are not to be changed after parsing.
    """

    kind: Literal["mapping", "sequence", "scalar"]
    span: Span
    text: str = ""
    quoted: bool = False
    tag: str = ""
    expression: bool = False
    entries: list[tuple[Node, Node]] = field(default_factory=list)
    elements: list[Node] = field(default_factory=list)

    def get(self, *path: str | int) -> Node | None:
        """The node under a path of keys and indices; None where something on the way is missing."""
        node: Node | None = self
        for step in path:
            if node is None:
                return None
            node = node._step(step)
        return node

    def _step(self, step: str | int) -> Node | None:
        if isinstance(step, int):
            return self.elements[step] if -len(self.elements) <= step < len(self.elements) else None
        return next((value for key, value in reversed(self.entries) if key.text == step), None)

    def key(self, name: str) -> Node | None:
        """The key node itself, for its place."""
        return next((key for key, _ in reversed(self.entries) if key.text == name), None)

    def all(self, name: str) -> list[Node]:
        """The values of every entry of that name, for what may stand several times: HCL blocks, XML elements."""
        return [value for key, value in self.entries if key.text == name]

    def value(self, *path: str | int, default: str = "") -> str:
        """The text of the scalar under a path; `default` where there is none."""
        node = self.get(*path)
        return node.text if node is not None and node.kind == "scalar" else default

    def each(self, *path: str | int) -> list[Node]:
        """The elements of the sequence under a path; anything else there counts as one element, nothing as none."""
        node = self.get(*path)
        if node is None:
            return []
        return node.elements if node.kind == "sequence" else [node]

    def pairs(self, *path: str | int) -> list[tuple[Node, Node]]:
        """The entries of the mapping under a path; empty when there is none."""
        node = self.get(*path)
        return node.entries if node is not None else []

    def walk(self) -> Iterator[tuple[tuple[str | int, ...], Node]]:
        """Every scalar below with its path, in file order, without recursion."""
        stack: list[tuple[tuple[str | int, ...], Node]] = [((), self)]
        while stack:
            path, node = stack.pop()
            if node.kind == "scalar":
                yield path, node
            below: list[tuple[str | int, Node]] = [(key.text, value) for key, value in node.entries]
            below += list(enumerate(node.elements))
            stack.extend(((*path, step), child) for step, child in reversed(below))


class Problems:
    """Something with `problems`: (message, place, whether the file as a whole counts as failed)."""

    __slots__ = ()
    problems: list[tuple[str, Span, bool]]

    def note(self, message: str, span: Span, *, failed: bool = False) -> None:
        """Adds a problem; the one after the last that is listed only says that there are more."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append((message, span, failed))
        elif len(self.problems) == MAX_PROBLEMS:
            self.problems.append(("further problems are not listed", span, failed))
        elif failed and not self.problems[-1][2]:
            self.problems[-1] = (*self.problems[-1][:2], True)


@dataclass(slots=True)
class Document(Problems):
    """One parsed file: its top nodes (several for a YAML stream) and what could not be read."""

    roots: list[Node] = field(default_factory=list)
    problems: list[tuple[str, Span, bool]] = field(default_factory=list)
