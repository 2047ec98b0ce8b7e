"""One shape for options in files, flags, labels or properties: paths of lower-case names to texts with places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tochain.formats.tree import Node
from tochain.model.component import Word
from tochain.model.fact import Setting, Settings
from tochain.model.span import Span
from tochain.products.programs import flags

__all__ = ["Flat", "Item", "Path", "dotted", "from_flags", "from_node"]

Path = tuple[str, ...]
_INDEX = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Item:
    """A text and its place."""

    text: str
    span: Span


class Flat:
    """Options by path, with the questions the readers ask."""

    def __init__(self, items: dict[Path, Item] | None = None) -> None:
        self.items = items or {}
        self._below: dict[Path, dict[str, None]] | None = None

    def get(self, *path: str) -> Item | None:
        """The option at a path."""
        return self.items.get(path)

    def text(self, *path: str) -> str:
        """The text at a path; empty where there is none."""
        found = self.items.get(path)
        return found.text if found is not None else ""

    def names(self, *path: str) -> list[str]:
        """The names directly below a path, in order."""
        if self._below is None:
            self._below = {}
            for item in self.items:
                for at in range(len(item)):
                    self._below.setdefault(item[:at], {}).setdefault(item[at])
        return list(self._below.get(path, ()))

    def each(self, *path: str) -> list[Item]:
        """The texts of a list, or of one text separated by commas."""
        single = self.items.get(path)
        if single is not None:
            return [Item(part.strip(), single.span) for part in single.text.split(",") if part.strip()]
        return [found for name in self.names(*path) if (found := self.items.get((*path, name))) is not None]

    def place(self, *path: str) -> Span | None:
        """The place of the first option at or below a path."""
        return next((item.span for key, item in self.items.items() if key[: len(path)] == path), None)

    def settings(self, path: Path, names: dict[str, str], scope: str = "") -> Settings:
        """Settings under the facts' names, for a table of dotted paths below `path` to such names."""
        found: Settings = {}
        for below, name in names.items():
            item = self.items.get((*path, *below.lower().split(".")))
            if item is not None:
                found[name] = (Setting(name, item.text, item.span, scope=scope),)
        return found

    def over(self, other: Flat) -> Flat:
        """These options, and those of `other` that these do not set."""
        return Flat({**other.items, **self.items})


def from_node(root: Node, *prefix: str, plain: Callable[[str], str] = str.lower) -> Flat:
    """The scalars of a tree by path: elements of a sequence by their index, keys by what `plain` makes of them."""
    items: dict[Path, Item] = {}
    stack: list[tuple[Path, Node, Span]] = [(prefix, root, root.span)]
    while stack:
        path, node, start = stack.pop()
        if node.kind == "scalar":
            items.setdefault(path, Item(node.text, Span(start.path, start.start, node.span.end)))
        elif not node.entries and not node.elements and path:
            # An empty block still says that something is there.
            items.setdefault(path, Item("", start))
        stack += [((*path, str(at)), element, element.span) for at, element in reversed(list(enumerate(node.elements)))]
        stack += [((*path, plain(key.text).lower()), value, key.span) for key, value in reversed(node.entries)]
    return Flat(items)


def from_flags(command: Iterable[Word]) -> Flat:
    """The flags of a command line; one without a value is true."""
    items = {}
    for name, word in flags(command).items():
        if name.startswith("--"):
            items[dotted(name[2:])] = Item(word.text or "true", word.span)
    return Flat(items)


def dotted(name: str) -> Path:
    """The path a dotted name stands for; `servers[0].url` has the index as a name of its own."""
    return tuple(part for part in _INDEX.sub(r".\1", name.lower()).split(".") if part)
