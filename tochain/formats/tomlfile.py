"""TOML to trees with the place of every value; an own reader, because the standard library's tells no places."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tochain.formats.template import Masked, read_template, restore
from tochain.formats.tree import Document, Node
from tochain.model.span import SourceFile, Span

__all__ = ["MAX_DEPTH", "parse_toml"]

MAX_DEPTH = 200
_SPACE = re.compile(r"(?:\s+|#[^\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_LINE_END = re.compile(r"[ \t]*(?:#[^\n]*)?\r?(?=\n|\Z)")
_KEY = re.compile(r"""[\w-]+|"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\n]*'""")
_VALUE = re.compile(
    r'''(?P<long>"""[^"\\]*(?:(?:\\[\s\S]|"{1,2}(?!"))[^"\\]*)*"{3,5}|\'\'\'[^']*(?:'{1,2}(?!')[^']*)*'{3,5})
      |(?P<string>"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\n]*')
      |(?P<bare>[-+.:\w]+(?:[ ]\d\d:[\d:.]+[-+Z:\d]*)?)''',
    re.VERBOSE,
)
_BARE = re.compile(
    r"true|false|[-+]?(?:inf|nan|0x[\da-fA-F_]+|0o[0-7_]+|0b[01_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][-+]?\d[\d_]*)?)"
    r"|\d{4}-\d\d-\d\d(?:[Tt ][\d:.]+(?:[Zz]|[-+]\d\d:\d\d)?)?|\d\d:\d\d(?::\d\d)?(?:\.\d+)?"
)
_NEXT = re.compile(r"""^[ \t]*(?:\[|[\w.'" -]+=)""", re.MULTILINE)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[ \t]*\r?\n\s*|([\s\S]))")
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}


class _FaultError(Exception):
    """What was wrong, and where."""

    def __init__(self, message: str, start: int, end: int | None = None) -> None:
        super().__init__(message)
        self.message, self.start, self.end = message, start, start + 1 if end is None else end


@dataclass(slots=True)
class _Open:
    """An array or inline table whose end has not come yet; `keys` is the dotted key that waits for its value."""

    node: Node
    start: int
    closer: str
    keys: list[Node] = field(default_factory=list)


def parse_toml(source: SourceFile) -> Document:
    """The one root of a TOML file; tables are mappings, arrays of tables sequences of mappings.

    A table's span reaches from its head to the end of its last own entry. A fault drops the entry it stands in and
    counts as failed; in a template, whose actions are masked, as understood in part.
    """
    document = _Reader(source, source.text, None).run()
    if any(failed for _, _, failed in document.problems):
        return read_template(source, lambda text, masked: _Reader(source, text, masked).run()) or document
    return document


class _Reader:
    def __init__(self, source: SourceFile, text: str, masked: Masked | None) -> None:
        self._source, self._text, self._masked = source, text, masked
        self._root = Node("mapping", source.span(0, len(text)))
        self._table = self._root
        self._known: dict[int, tuple[Node, dict[str, Node]]] = {}
        self._heads: set[int] = set()
        self._done = self._root
        self._out = Document([self._root])

    def run(self) -> Document:
        at = self._space(0)
        while at < len(self._text):
            try:
                at = self._head(at) if self._text[at] == "[" else self._setting(at)
                end = _LINE_END.match(self._text, at)
                if end is None:
                    raise _FaultError("expected the end of the line", at)
                at = end.end()
            except _FaultError as fault:
                end_here = self._text[fault.start : fault.start + 1] in ("\r", "\n")
                place = self._span(fault.start, fault.start if end_here else fault.end)
                self._out.note(fault.message, place, failed=True)
                following = _NEXT.search(self._text, self._behind_line(max(at, fault.start)))
                at = following.start() if following else len(self._text)
            at = self._space(at)
        return self._out

    def _behind_line(self, at: int) -> int:
        end = self._text.find("\n", at)
        return len(self._text) if end == -1 else end + 1

    def _space(self, at: int) -> int:
        found = _SPACE.match(self._text, at)
        return found.end() if found else at

    def _blank(self, at: int) -> int:
        found = _BLANK.match(self._text, at)
        return found.end() if found else at

    def _span(self, start: int, end: int) -> Span:
        return self._source.span(min(start, len(self._text)), min(end, len(self._text)))

    def _keys(self, at: int) -> tuple[list[Node], int]:
        """The parts of a dotted key, and where it ends."""
        parts: list[Node] = []
        while True:
            found = _KEY.match(self._text, at)
            if found is None:
                raise _FaultError("expected a key", at)
            if len(parts) >= MAX_DEPTH:
                raise _FaultError(f"nested too deeply: at most {MAX_DEPTH} levels are read", at)
            quoted = found[0][0] in "\"'"
            node = Node("scalar", self._span(*found.span()), self._unquote(found[0]) if quoted else found[0], quoted)
            if self._masked and self._masked.touches(*found.span()):
                restore(node, self._source, *found.span())
            parts.append(node)
            at = self._blank(found.end())
            if self._text[at : at + 1] != ".":
                return parts, at
            at = self._blank(at + 1)

    def _head(self, start: int) -> int:
        brackets = 2 if self._text.startswith("[[", start) else 1
        keys, at = self._keys(self._blank(start + brackets))
        if not self._text.startswith("]" * brackets, at):
            raise _FaultError(f"expected {']' * brackets!r}", at)
        at += brackets
        parent = self._descend(self._root, keys[:-1])
        if brackets == 2:
            self._table = self._new_element(parent, keys[-1], self._span(start, at))
        else:
            self._table = self._descend(parent, keys[-1:])
            if id(self._table) in self._heads:
                self._out.note(f"table {keys[-1].text!r} stands twice", self._span(start, at))
            self._heads.add(id(self._table))
            self._table.span = self._span(start, at)
        return at

    def _index(self, table: Node) -> dict[str, Node]:
        # The table itself is kept too: an id may come back once its owner is gone.
        return self._known.setdefault(id(table), (table, {}))[1]

    def _descend(self, table: Node, keys: list[Node]) -> Node:
        """The table under a path, made where it is missing; of an array of tables the last one."""
        for key in keys:
            child = self._index(table).get(key.text)
            if child is None:
                child = Node("mapping", key.span)
                table.entries.append((key, child))
                self._index(table)[key.text] = child
            if child.kind == "sequence" and child.elements:
                child = child.elements[-1]
            if child.kind != "mapping":
                offset = self._source.offset
                raise _FaultError(f"{key.text!r} is a value, not a table", offset(key.span.start), offset(key.span.end))
            table = child
        return table

    def _new_element(self, parent: Node, key: Node, span: Span) -> Node:
        array = self._index(parent).get(key.text)
        if array is None or array.kind != "sequence":
            array = Node("sequence", span)
            parent.entries.append((key, array))
            self._index(parent)[key.text] = array
        array.elements.append(Node("mapping", span))
        return array.elements[-1]

    def _setting(self, at: int) -> int:
        keys, at = self._keys(at)
        if self._text[at : at + 1] != "=":
            raise _FaultError("expected '='", at)
        value, end = self._value(self._blank(at + 1))
        self._put(self._table, keys, value)
        if self._table is not self._root:
            self._table.span = self._table.span._replace(end=self._source.pos(end))
        return end

    def _put(self, table: Node, keys: list[Node], value: Node) -> None:
        table = self._descend(table, keys[:-1])
        first = self._index(table).setdefault(keys[-1].text, value)
        if first is not value:
            text = f"duplicate key {keys[-1].text!r}; the last one counts"
            self._out.note(text, keys[-1].span)
            self._index(table)[keys[-1].text] = value
        table.entries.append((keys[-1], value))

    def _value(self, at: int) -> tuple[Node, int]:
        """The value that begins here, and where it ends; arrays and inline tables without recursion."""
        stack: list[_Open] = []
        while True:
            mark = self._text[at : at + 1]
            if stack and mark == stack[-1].closer and not stack[-1].keys:
                node, at = self._closed(stack, at)
            elif stack and stack[-1].closer == "}" and not stack[-1].keys:
                stack[-1].keys, at = self._keys(at)
                if self._text[at : at + 1] != "=":
                    raise _FaultError("expected '='", at)
                at = self._space(at + 1)
                continue
            elif mark and mark in "[{":
                self._opened(stack, at)
                at = self._space(at + 1)
                continue
            else:
                node, at = self._scalar(at)
            at = self._finish(stack, node, at)
            if not stack:
                return self._done, at

    def _opened(self, stack: list[_Open], at: int) -> None:
        if len(stack) >= MAX_DEPTH:
            raise _FaultError(f"nested too deeply: at most {MAX_DEPTH} levels are read", at)
        if self._text[at] == "[":
            stack.append(_Open(Node("sequence", self._span(at, at + 1)), at, "]"))
        else:
            stack.append(_Open(Node("mapping", self._span(at, at + 1)), at, "}"))

    def _closed(self, stack: list[_Open], at: int) -> tuple[Node, int]:
        done = stack.pop()
        done.node.span = self._span(done.start, at + 1)
        return done.node, at + 1

    def _finish(self, stack: list[_Open], node: Node, at: int) -> int:
        """Puts a finished value where it belongs, and closes what ends with it; gives where the next value begins."""
        while stack:
            top = stack[-1]
            if top.closer == "]":
                top.node.elements.append(node)
            else:
                self._put(top.node, top.keys, node)
                top.keys = []
            at = self._space(at)
            if self._text.startswith(",", at):
                return self._space(at + 1)
            if not self._text.startswith(top.closer, at):
                raise _FaultError(f"expected ',' or {top.closer!r}", at)
            node, at = self._closed(stack, at)
        self._done = node
        return at

    def _scalar(self, at: int) -> tuple[Node, int]:
        found = _VALUE.match(self._text, at)
        if found is None:
            quote = self._text[at : at + 1] in ('"', "'")
            raise _FaultError("a string that never ends" if quote else "expected a value", at)
        start, end = found.span()
        node = Node("scalar", self._span(start, end), found[0], quoted=found.lastgroup != "bare")
        if self._masked and self._masked.touches(start, end):
            restore(node, self._source, start, end)
        elif node.quoted:
            node.text = self._unquote(found[0])
        elif not _BARE.fullmatch(node.text):
            raise _FaultError(f"expected a value, got {node.text[:40]!r}", start, end)
        return node, end

    def _unquote(self, raw: str) -> str:
        width = 3 if len(raw) >= 6 and raw.startswith(('"""', "'''")) else 1
        text = raw[width:-width]
        if width == 3:
            text = text.removeprefix("\r").removeprefix("\n")
        if raw[0] == "'" or "\\" not in text:
            return text
        return _ESCAPE.sub(_unescaped, text).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _unescaped(escape: re.Match[str]) -> str:
    if escape[3]:
        return _ESCAPED.get(escape[3], escape[3])
    code = escape[1] or escape[2]
    if code is None:
        return ""
    number = int(code, 16)
    return chr(number) if number <= 0x10FFFF else "\ufffd"
