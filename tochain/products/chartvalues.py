"""Values of Helm charts that templates use as they are: `{{ .Values.keepalive }}`, `{{- toYaml .Values.annotations }}`.

What a release may set otherwise is not known here: the chart's own values are what it comes with.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice

from tochain.formats.tree import Node
from tochain.model.span import SourceFile

__all__ = ["filled"]

_PATH = r"\$?\.Values(?P<path>(?:\.\w+)+)"
_VALUE = re.compile(
    r"\{\{-?\s*(?:(?:quote|int|int64|toString|default\s+(?P<first>[^\s|}()]+))\s+)?" + _PATH
    + r"(?:\s*\|\s*(?:quote|squote|int|int64|toString|default\s+(?P<other>[^\s|}()]+)))*\s*-?\}\}"
)  # fmt: skip
_BLOCK = re.compile(
    r"\{\{-?\s*(?:toYaml\s+(?P<before>\$?\.[\w.]*)|(?P<piped>\$?\.[\w.]*)\s*\|\s*toYaml)\s*(?:\|\s*n?indent\s+\d+\s*)?-?\}\}"
)
_OPEN = re.compile(r"\{\{-?\s*(with|if|range|define|block|end)\b\s*([^}]*?)\s*-?\}\}")
_KEY = re.compile(r"(?:^|\n)([ \t-]*[^\s#][^\n]*?:)[ \t]*$")

_MOST, _NEAR = 100, 2_000
"""How many blocks of one template are looked for, and how far above each its key may stand."""


def filled(root: Node, source: SourceFile, values: Node) -> Node:
    """A document of a template with the values in their places; the same node where it uses none."""
    return _Filler(values, _blocks(source)).node(root)


def _blocks(source: SourceFile) -> dict[int, str]:
    """By the line of a key without a value of its own: which values, as a block, are put behind it."""
    found: dict[int, str] = {}
    for action in islice(_BLOCK.finditer(source.text), _MOST):
        path = (action["before"] or action["piped"]).removeprefix("$")
        path = _around(source.text, action.start()) if path == "." else path
        start = max(0, action.start() - _NEAR)
        before = re.sub(r"\{\{[^}]*\}\}", lambda a: " " * len(a[0]), source.text[start : action.start()]).rstrip()
        key = _KEY.search(before)
        if path.startswith(".Values.") and key is not None:
            at = start + key.end(1)
            found[source.span(at - 1, at).start.line] = path.removeprefix(".Values")
    return found


def _around(text: str, at: int) -> str:
    """What the dot stands for: the path of the innermost `with` that is still open."""
    open_: list[str] = []
    for action in _OPEN.finditer(text, 0, at):
        if action[1] != "end":
            open_.append(action[2].removeprefix("$") if action[1] == "with" else "" if action[1] == "range" else "=")
        elif open_:
            open_.pop()
    return next((path for path in reversed(open_) if path != "="), "")


class _Filler:
    """Puts values into a tree; nodes are not changed, those that hold a value are made anew."""

    def __init__(self, values: Node, blocks: dict[int, str]) -> None:
        self._values = values
        self._blocks = blocks
        self._done: dict[int, Node] = {}

    def node(self, node: Node) -> Node:
        """A node with the values in it; trees are no deeper than their parser lets them be."""
        if id(node) not in self._done:
            self._done[id(node)] = self._made(node)
        return self._done[id(node)]

    def _made(self, node: Node) -> Node:
        if node.kind == "scalar":
            return self._scalar(node) if "{{" in node.text else node
        if node.kind == "sequence":
            elements = [self.node(element) for element in node.elements]
            return (
                node
                if all(a is b for a, b in zip(elements, node.elements, strict=True))
                else replace(node, elements=elements)
            )
        entries = [(self.node(key), self._value(key, value)) for key, value in node.entries]
        same = all(a is c and b is d for (a, b), (c, d) in zip(entries, node.entries, strict=True))
        return node if same else replace(node, entries=entries)

    def _value(self, key: Node, value: Node) -> Node:
        path = self._blocks.get(key.span.start.line)
        if path is not None and value.kind == "scalar" and (not value.text or _BLOCK.fullmatch(value.text.strip())):
            return self._at(path) or value
        return self.node(value)

    def _at(self, path: str) -> Node | None:
        return self._values.get(*path.strip(".").split("."))

    def _scalar(self, node: Node) -> Node:
        whole = _VALUE.fullmatch(node.text.strip())
        if whole is not None:
            given = self._at(whole["path"])
            if given is not None and given.kind == "scalar" and given.text:
                return given
            usual = self._usual(whole) if given is None or given.kind == "scalar" else None
            return node if usual is None else replace(node, text=usual, expression=False)
        text = _VALUE.sub(self._inserted, node.text)
        return node if text == node.text else replace(node, text=text, expression="{{" in text)

    def _inserted(self, found: re.Match[str]) -> str:
        given = self._at(found["path"])
        if given is not None and given.kind != "scalar":
            return found[0]
        usual = self._usual(found)
        return given.text if given is not None and given.text else found[0] if usual is None else usual

    @staticmethod
    def _usual(found: re.Match[str]) -> str | None:
        """What `default` names, where it is a plain word."""
        word = found["first"] or found["other"]
        return word.strip("\"'") if word and not word.startswith((".", "$")) else None
