"""YAML to trees: texts instead of values, places to the column, and bounds on what a file may ask for.

Built on the parser's events, never on its loader: `010`, `1:30` and `on` stay what is written, and no input, however
deep, is walked by recursion.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

import yaml
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

from tochain.formats.template import Masked, read_template, restore
from tochain.formats.tree import Document, Node
from tochain.model.span import SourceFile

try:
    from yaml._yaml import CParser
except ImportError:  # PyYAML built without libyaml
    CParser = None  # type: ignore[assignment,misc]

__all__ = ["MAX_DEPTH", "MAX_EXPANDED", "parse"]

MAX_DEPTH = 200
MAX_EXPANDED = 200_000
"""How many nodes the aliases of one document may add up to; written nodes are not counted."""
_MAX_RESUMES = 100
_NEXT_DOCUMENT = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_PROPERTIES = re.compile(r"(?:!<[^>\n]*>|[!&][^\s,\[\]{}]*|#[^\n]*|\s+)*")
_MERGE = "<<"
_TOO_DEEP = f"nested too deeply: at most {MAX_DEPTH} levels are read"
_NO_KEY = "a key that is no plain text"


class _PureParser(Reader, Scanner, Parser):
    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


class _RefusedError(Exception):
    """The document asks for too much; carries the message and the offset."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.message, self.at = message, at


@dataclass(slots=True)
class _Sized:
    """A finished node, and what walking it costs."""

    node: Node
    size: int = 1
    height: int = 1


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet; `end` is where its last child ended."""

    node: Node
    start: int
    end: int
    anchor: str | None
    key: Node | None = None
    size: int = 1
    height: int = 1


def parse(source: SourceFile) -> Document:
    """The documents of a YAML file.

    A document with a fault is left out, those before and after it are kept, and the fault is a problem that counts as
    failed. A template that is no YAML is read with its actions masked: the scalars they touch keep their text and are
    marked as expressions, and the document says so as a problem.
    """
    done = _Composer(source, source.text, None).run()
    if any(failed or message == _NO_KEY for message, _, failed in done.problems):
        return read_template(source, lambda text, masked: _Composer(source, text, masked).run()) or done
    return done


class _Composer:
    """Events of one stream to nodes; `text` is what is parsed, `source` what is pointed at."""

    def __init__(self, source: SourceFile, text: str, masked: Masked | None) -> None:
        self._source, self._text, self._masked = source, text, masked
        self._out = Document()
        self._open: list[_Open] = []
        self._anchors: dict[str, _Sized | None] = {}
        self._expanded = 0
        self._root: Node | None = None
        self._base = 0
        self._at = 0
        self._handlers: dict[type[yaml.Event], Callable[[Any, int, int], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._start,
            yaml.SequenceStartEvent: self._start,
            yaml.MappingEndEvent: self._finish,
            yaml.SequenceEndEvent: self._finish,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._begin_document,
            yaml.DocumentEndEvent: self._end_document,
        }

    def run(self) -> Document:
        for _ in range(_MAX_RESUMES):
            at = self._from_base()
            following = None if at is None else _NEXT_DOCUMENT.search(self._text, max(at, self._base + 1))
            if following is None:
                return self._out
            self._base = following.start()
        return self._out

    def _from_base(self) -> int | None:
        """Reads until the end or the first fault; gives the fault's offset."""
        self._at = self._base
        try:
            for event in _events(self._text[self._base :] if self._base else self._text):
                self._take(event)
        except _RefusedError as refused:
            return self._fault(refused.message, refused.at)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            return self._fault(self._message(error), self._base + mark.index if mark else self._at)
        except yaml.reader.ReaderError as error:
            return self._fault(f"character {_code(error.character)} is not allowed in YAML", self._unreadable(error))
        return None

    def _unreadable(self, error: yaml.reader.ReaderError) -> int:
        # libyaml counts bytes of UTF-8, the Python reader characters.
        position = int(error.position)
        if CParser is None:
            return self._base + position
        return self._base + len(
            self._text[self._base :].encode("utf-8", "replace")[:position].decode("utf-8", "ignore")
        )

    def _message(self, error: yaml.MarkedYAMLError) -> str:
        """The parser's own sentence, with the line where what it was reading began."""
        if error.problem == "exceeded maximum nesting depth":  # libyaml's own limit, noticed while it looks for a key
            return _TOO_DEEP
        text = " ".join(part for part in (error.problem or "not YAML", error.context) if part)
        begun, noticed = error.context_mark, error.problem_mark
        if begun and noticed and begun.line != noticed.line:
            text += f" that begins in line {self._source.pos(self._base + begun.index).line}"
        return text

    def _fault(self, message: str, at: int) -> int:
        self._problem(message, at, failed=True)
        self._open.clear()
        return at

    def _problem(self, message: str, start: int, end: int | None = None, *, failed: bool = False) -> None:
        stop = min(start + 1, len(self._text)) if end is None else end
        self._out.note(message, self._source.span(min(start, len(self._text)), stop), failed=failed)

    def _take(self, event: yaml.Event) -> None:
        handle = self._handlers.get(type(event))
        if handle is not None:
            assert event.start_mark is not None and event.end_mark is not None, "both parsers mark every event"
            self._at = start = self._base + event.start_mark.index
            handle(event, start, self._base + event.end_mark.index)

    def _begin_document(self, _event: Any, _start: int, _end: int) -> None:
        self._anchors, self._expanded, self._root = {}, 0, None

    def _end_document(self, _event: Any, _start: int, _end: int) -> None:
        root = self._root
        if root is not None and (root.kind != "scalar" or root.text or root.quoted):
            self._out.roots.append(root)

    def _scalar(self, event: yaml.ScalarEvent, start: int, end: int) -> None:
        if event.anchor or event.tag:
            start = self._skip_properties(start, end)
        if event.style in ("|", ">"):
            end = start + len(self._text[start:end].rstrip())
        quoted = bool(event.style)
        node = Node("scalar", self._source.span(start, end), event.value, quoted, event.tag or "")
        if self._masked and self._masked.touches(start, end):
            restore(node, self._source, start, end)
            if event.style in ("|", ">"):
                node.text = dedent(self._source.text[start:end].partition("\n")[2])
        sized = _Sized(node)
        if event.anchor:
            self._anchors[event.anchor] = sized
        self._add(sized, start, end)

    def _skip_properties(self, start: int, end: int) -> int:
        found = _PROPERTIES.match(self._text, start, end)
        return found.end() if found else start

    def _start(self, event: yaml.CollectionStartEvent, start: int, end: int) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise _RefusedError(_TOO_DEEP, start)
        if event.anchor:
            self._anchors[event.anchor] = None
        if event.anchor or event.tag:
            start = self._skip_properties(start, len(self._text))
        kind = "mapping" if isinstance(event, yaml.MappingStartEvent) else "sequence"
        node = Node(kind, self._source.span(start, start), tag=event.tag or "")  # type: ignore[arg-type]
        self._open.append(_Open(node, start, max(start, end), event.anchor))

    def _finish(self, _event: yaml.CollectionEndEvent, start: int, end: int) -> None:
        done = self._open.pop()
        # The end of a block collection is empty and stands where the next thing begins.
        stop = end if end > start else done.end
        done.node.span = self._source.span(done.start, stop)
        if done.node.kind == "mapping":
            self._check_keys(done.node)
        sized = _Sized(done.node, done.size, done.height)
        if done.anchor:
            self._anchors[done.anchor] = sized
        self._add(sized, done.start, stop)

    def _alias(self, event: yaml.AliasEvent, start: int, end: int) -> None:
        name = event.anchor or ""
        if name not in self._anchors:
            raise _RefusedError(f"alias *{name} names no anchor before it", start)
        target = self._anchors[name]
        if target is None:
            raise _RefusedError(f"alias *{name} stands inside what it names", start)
        self._expanded += target.size
        if self._expanded > MAX_EXPANDED:
            raise _RefusedError(f"alias bomb: aliases expand to more than {MAX_EXPANDED:,} nodes", start)
        if len(self._open) + target.height > MAX_DEPTH:
            raise _RefusedError(f"nested too deeply: alias *{name} leads below {MAX_DEPTH} levels", start)
        self._add(target, start, end)

    def _add(self, sized: _Sized, start: int, end: int) -> None:
        if not self._open:
            self._root = sized.node
            return
        parent = self._open[-1]
        parent.end = max(parent.end, end)
        parent.size += sized.size
        parent.height = max(parent.height, sized.height + 1)
        if parent.node.kind == "sequence":
            parent.node.elements.append(sized.node)
        elif parent.key is None:
            parent.key = self._key(sized.node, start, end)
        else:
            parent.node.entries.append((parent.key, sized.node))
            parent.key = None

    def _key(self, node: Node, start: int, end: int) -> Node:
        if node.kind == "scalar":
            return node
        self._problem(_NO_KEY, start, end)
        return Node("scalar", self._source.span(start, end), self._source.text[start:end], expression=True)

    def _check_keys(self, node: Node) -> None:
        if any(key.text == _MERGE and not key.quoted for key, _ in node.entries):
            self._merge(node)
        if len({key.text for key, _ in node.entries}) == len(node.entries):
            return
        first: dict[str, Node] = {}
        for key, _ in node.entries:
            if first.setdefault(key.text, key) is not key:
                place = first[key.text].span.start
                text = f"duplicate key {key.text!r}, first at {place.line}:{place.column}; the last one counts"
                self._out.note(text, key.span)

    def _merge(self, node: Node) -> None:
        """Puts what `<<` names in front of the mapping's own entries, which win; of several the first named wins."""
        own = [entry for entry in node.entries if entry[0].text != _MERGE or entry[0].quoted]
        taken = {key.text for key, _ in own}
        merged: list[tuple[Node, Node]] = []
        for key, value in node.entries:
            if key.text != _MERGE or key.quoted:
                continue
            for other in value.elements if value.kind == "sequence" else [value]:
                if other.kind != "mapping":
                    self._out.note("<< names something that is no mapping", key.span)
                new = {name.text: (name, child) for name, child in other.entries if name.text not in taken}
                merged += new.values()
                taken |= new.keys()
        node.entries = merged + own


def _events(text: str) -> Iterator[yaml.Event]:
    parser = _parser(text)
    while (event := parser.get_event()) is not None:
        yield event
        if isinstance(event, yaml.StreamEndEvent):
            return


def _parser(text: str) -> CParser | _PureParser:
    if CParser is None:
        return _PureParser(text)
    try:
        return CParser(text)
    except UnicodeEncodeError:  # half a surrogate pair, which only a caller's own text can hold
        return CParser(text.encode("utf-8", "replace").decode("utf-8"))


def _code(character: int | str | bytes) -> str:
    number = character if isinstance(character, int) else ord(character)
    return f"U+{number:04X}"
