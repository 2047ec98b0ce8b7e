"""JSON to trees, with the comments and trailing commas that editors' own files have."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from tochain.formats.template import Masked, read_template, restore
from tochain.formats.tree import Document, Node
from tochain.model.span import SourceFile

__all__ = ["MAX_DEPTH", "parse_json"]

MAX_DEPTH = 200
_TOKEN = re.compile(
    r"""(?P<space>(?:\s+|//[^\n]*|/\*[\s\S]*?\*/|\#[^\n]*)+)
      |(?P<string>"[^"\\\n]*(?:\\.[^"\\\n]*)*")
      |(?P<word>[\w.+-]+)
      |(?P<mark>[{}\[\],:])""",
    re.VERBOSE,
)
_WORD = re.compile(r"true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


class _FaultError(Exception):
    """What was wrong, and where."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message, self.start, self.end = message, start, end


@dataclass(slots=True)
class _Open:
    """An object or array whose end has not come yet."""

    node: Node
    start: int
    key: Node | None = None
    seen: dict[str, Node] = field(default_factory=dict)
    after: str = ""
    """What came last: "" at the beginning, else "," ":" "key" or "value"."""


def parse_json(source: SourceFile) -> Document:
    """The values of a JSON file; there may be several, one after the other.

    Comments (`//`, `/* */`, `#`) and trailing commas are read over. A fault drops the value it stands in and ends the
    reading; it counts as failed, in a template as understood in part.
    """
    document = _Reader(source, source.text, None).run()
    if any(failed for _, _, failed in document.problems):
        return read_template(source, lambda text, masked: _Reader(source, text, masked).run()) or document
    return document


class _Reader:
    def __init__(self, source: SourceFile, text: str, masked: Masked | None) -> None:
        self._source, self._text, self._masked = source, text, masked
        self._out = Document()
        self._open: list[_Open] = []

    def run(self) -> Document:
        try:
            at = 0
            while at < len(self._text):
                found = _TOKEN.match(self._text, at)
                if found is None:
                    raise self._stray(at)
                at = found.end()
                match found.lastgroup:
                    case "string" | "word":
                        self._scalar(found)
                    case "mark":
                        self._mark(found[0], found.start())
            if self._open:
                raise _FaultError(f"{self._begun()} never ends", at, at)
        except _FaultError as fault:
            self._out.note(fault.message, self._source.span(fault.start, fault.end), failed=True)
        return self._out

    def _stray(self, at: int) -> _FaultError:
        if self._text[at] == '"':
            return _FaultError("a string that does not end in its line", at, at + 1)
        return _FaultError(f"unexpected {self._text[at]!r}", at, at + 1)

    def _begun(self) -> str:
        inner = self._open[-1]
        what = "the object" if inner.node.kind == "mapping" else "the array"
        return f"{what} that begins in line {inner.node.span.start.line}"

    def _scalar(self, found: re.Match[str]) -> None:
        start, end = found.span()
        quoted = found.lastgroup == "string"
        node = Node("scalar", self._source.span(start, end), found[0], quoted)
        if self._masked and self._masked.touches(start, end):
            restore(node, self._source, start, end)
        elif quoted:
            node.text = self._unquote(found[0], start)
        elif not _WORD.fullmatch(node.text):
            raise _FaultError(f"expected a value, got {node.text[:40]!r}", start, end)
        if self._open and self._open[-1].node.kind == "mapping" and self._open[-1].after in ("", ","):
            self._key(node, start, end)
        else:
            self._value(node, start, end)

    def _unquote(self, raw: str, start: int) -> str:
        if "\\" not in raw:
            return raw[1:-1]
        try:
            text = str(json.loads(raw, strict=False))
        except json.JSONDecodeError as error:
            raise _FaultError("a backslash that begins no escape", start + error.pos, start + error.pos + 1) from None
        # Half a surrogate pair can be written but not printed.
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def _key(self, node: Node, start: int, end: int) -> None:
        inner = self._open[-1]
        if not (node.quoted or node.expression):
            raise _FaultError(f"expected a key in double quotes, got {node.text[:40]!r}", start, end)
        first = inner.seen.setdefault(node.text, node)
        if first is not node:
            place = first.span.start
            text = f"duplicate key {node.text!r}, first at {place.line}:{place.column}; the last one counts"
            self._out.note(text, node.span)
        inner.key, inner.after = node, "key"

    def _value(self, node: Node, start: int, end: int) -> None:
        if not self._open:
            self._out.roots.append(node)
            return
        inner = self._open[-1]
        if inner.node.kind == "mapping":
            if inner.after != ":" or inner.key is None:
                wanted = {"key": "':'", "value": "',' or '}'"}.get(inner.after, "a key in double quotes or '}'")
                raise _FaultError(f"expected {wanted} in {self._begun()}", start, end)
            inner.node.entries.append((inner.key, node))
        else:
            if inner.after not in ("", ","):
                raise _FaultError(f"expected ',' or ']' in {self._begun()}", start, end)
            inner.node.elements.append(node)
        inner.after = "value"

    def _mark(self, mark: str, at: int) -> None:
        if mark in "{[":
            if len(self._open) >= MAX_DEPTH:
                raise _FaultError(f"nested too deeply: at most {MAX_DEPTH} levels are read", at, at + 1)
            kind = "mapping" if mark == "{" else "sequence"
            self._open.append(_Open(Node(kind, self._source.span(at, at + 1)), at))  # type: ignore[arg-type]
            return
        inner = self._open[-1] if self._open else None
        if mark in "}]":
            if inner is None or (inner.node.kind == "mapping") != (mark == "}") or inner.after in ("key", ":"):
                raise _FaultError(f"unexpected {mark!r}" + (f" in {self._begun()}" if inner else ""), at, at + 1)
            self._open.pop()
            inner.node.span = self._source.span(inner.start, at + 1)
            self._value(inner.node, inner.start, at + 1)
        elif inner is None or inner.after != ("key" if mark == ":" else "value"):
            raise _FaultError(f"unexpected {mark!r}" + (f" in {self._begun()}" if inner else ""), at, at + 1)
        else:
            inner.after = mark
