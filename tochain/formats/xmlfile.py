"""XML to trees with the place of every element and attribute; own entities are refused, nothing is loaded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat

from tochain.formats.template import Masked, read_template, restore
from tochain.formats.tree import Document, Node
from tochain.model.span import SourceFile

__all__ = ["MAX_DEPTH", "parse_xml"]

MAX_DEPTH = 200
_ATTRIBUTE = re.compile(r"""\s+(?P<name>[^\s=<>"'/]+)\s*=\s*(?P<value>"[^"]*"|'[^']*')""")
_NAME = re.compile(r"<[^\s/>]+")


class _RefusedError(Exception):
    """The file holds what is not read; carries the message and the offset."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message, self.at = message, at


@dataclass(slots=True)
class _Open:
    """An element whose end has not come yet; `inner` is where its content begins."""

    node: Node
    key: Node
    start: int
    inner: int
    text: list[str] = field(default_factory=list)


def parse_xml(source: SourceFile) -> Document:
    """The root element of an XML file; none when the file has a fault, which counts as failed.

    An element is a mapping with its name as `tag` (name space prefix left out): first its attributes as entries
    "@name", then its children by name; `text` is what text it holds, trimmed. An element with nothing but text is a
    scalar whose span is that of the text. A DOCTYPE is read over, one with declarations of its own is refused.
    """
    document = _Reader(source, source.text, None).run()
    if document.problems:
        return read_template(source, lambda text, masked: _Reader(source, text, masked).run()) or document
    return document


class _Reader:
    def __init__(self, source: SourceFile, text: str, masked: Masked | None) -> None:
        self._source, self._text, self._masked = source, text, masked
        self._bytes = text.encode("utf-8", "replace")
        self._seen = (0, 0)
        self._open: list[_Open] = []
        self._out = Document()
        # The text has been decoded already, so what the file says of its encoding no longer counts.
        self._parser = expat.ParserCreate("utf-8")
        self._parser.ordered_attributes = True
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._doctype

    def run(self) -> Document:
        try:
            self._parser.Parse(self._bytes, True)
        except _RefusedError as refused:
            self._fault(refused.message, refused.at)
        except expat.ExpatError as error:
            self._fault(expat.ErrorString(error.code) or "not XML", self._offset(self._parser.ErrorByteIndex))
        return self._out

    def _fault(self, message: str, at: int) -> None:
        self._out.roots.clear()
        if self._open:
            message += f" in <{self._open[-1].node.tag}> of line {self._open[-1].node.span.start.line}"
        self._out.note(message, self._source.span(at, min(at + 1, len(self._text))), failed=True)

    def _offset(self, index: int) -> int:
        """The character offset of a byte; they are asked for in order, so each byte is counted once."""
        seen, offset = self._seen
        if index < seen:
            seen, offset = 0, 0
        offset += len(self._bytes[seen:index].decode("utf-8", "ignore"))
        self._seen = (index, offset)
        return offset

    def _doctype(self, _name: str, _system: str | None, _public: str | None, has_own: bool) -> None:
        if has_own:
            at = self._offset(self._parser.CurrentByteIndex)
            raise _RefusedError("a DOCTYPE with declarations of its own is not read", at)

    def _characters(self, text: str) -> None:
        if self._open:
            self._open[-1].text.append(text)

    def _start(self, name: str, attributes: list[str]) -> None:
        start = self._offset(self._parser.CurrentByteIndex)
        if len(self._open) >= MAX_DEPTH:
            raise _RefusedError(f"nested too deeply: at most {MAX_DEPTH} levels are read", start)
        local = name.rpartition(":")[2]
        at = self._behind_name(start)
        node = Node("mapping", self._source.span(start, at), tag=local)
        values = dict(zip(attributes[::2], attributes[1::2], strict=True))
        while found := _ATTRIBUTE.match(self._text, at):
            node.entries.append(self._attribute(found, values))
            at = found.end()
        key = Node("scalar", self._source.span(start + 1, self._behind_name(start)), local)
        self._open.append(_Open(node, key, start, self._text.find(">", at) + 1))

    def _behind_name(self, start: int) -> int:
        found = _NAME.match(self._text, start)
        return found.end() if found else start

    def _attribute(self, found: re.Match[str], values: dict[str, str]) -> tuple[Node, Node]:
        name, (start, end) = found["name"], found.span("value")
        value = Node("scalar", self._source.span(start, end), values.get(name, found["value"][1:-1]), quoted=True)
        if self._masked and self._masked.touches(start, end):
            restore(value, self._source, start, end)
        return Node("scalar", self._source.span(*found.span("name")), f"@{name}"), value

    def _end(self, _name: str) -> None:
        # For an empty element expat points behind the tag, else at the end tag.
        at = self._offset(self._parser.CurrentByteIndex)
        closing = self._text.startswith("</", at)
        end = self._text.find(">", at) + 1 if closing else at
        done = self._open.pop()
        node = done.node
        node.text = "".join(done.text).strip()
        node.span = self._source.span(done.start, end)
        if not node.entries:
            node.kind = "scalar"
            self._text_only(done, at if closing else done.inner)
        if self._open:
            self._open[-1].node.entries.append((done.key, node))
        else:
            self._out.roots.append(node)

    def _text_only(self, done: _Open, end: int) -> None:
        raw = self._text[done.inner : end]
        start = done.inner + len(raw) - len(raw.lstrip())
        end = start + len(raw.strip())
        done.node.span = self._source.span(start, end)
        if self._masked and self._masked.touches(start, end):
            restore(done.node, self._source, start, end)
        # A comment, a reference or a CDATA section inside: the text is not what stands there.
        done.node.quoted = done.node.text != self._source.text[start:end]
