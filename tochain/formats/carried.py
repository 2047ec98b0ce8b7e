"""A file that stands inside others: its text as it will be, and for each stretch of it where that is written.

A heredoc, a template with values filled in, a block of YAML inside that: each line knows its place to the column where it
stands there as it is, and the place of what makes it where it does not.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from tochain.model.component import INSIDE
from tochain.model.span import Pos, SourceFile, Span

__all__ = ["Carried", "CarriedFile", "Piece", "carried_path", "joined", "written"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text and its place; an `exact` one stands there character by character, in one line."""

    text: str
    span: Span
    exact: bool = False

    def place(self, start: int, end: int) -> Span:
        """The place of a part of it."""
        if not self.exact:
            return self.span
        line, column = self.span.start
        width = self.span.end.column - column  # the line end is no part of the place
        return Span(self.span.path, Pos(line, column + min(start, width)), Pos(line, column + min(end, width)))

    def part(self, start: int, end: int) -> Piece:
        """A part of it as a piece."""
        return Piece(self.text[start:end], self.place(start, end), self.exact)


@dataclass(frozen=True)
class Carried:
    """The pieces of a text in order."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The whole text."""
        return "".join(piece.text for piece in self.pieces)

    def span(self, start: int, end: int) -> Span | None:
        """From the place of the first character to that of the last, in the file of the first; None in an empty text.

        It is at least one column wide, as a place is to be seen.
        """
        inside = self.cut(start, max(end, start + 1)).pieces or self.pieces[-1:]
        if not inside:
            return None
        first = inside[0].span
        last = max(piece.span.end for piece in inside if piece.span.path == first.path)
        return Span(first.path, first.start, max(last, Pos(first.start.line, first.start.column + 1)))

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(len(piece.text) for piece in self.pieces))

    def cut(self, start: int, end: int) -> Carried:
        """The text between two offsets."""
        done = []
        for at in range(bisect_right(self._ends, start), len(self.pieces)):
            piece = self.pieces[at]
            begin = self._ends[at] - len(piece.text)
            if begin >= end:
                break
            done.append(piece.part(max(start - begin, 0), min(end - begin, len(piece.text))))
        return Carried(tuple(done))

    def lines(self) -> Iterator[Carried]:
        """Its lines, each with its line end; in one pass, for a script may have thousands."""
        here: list[Piece] = []
        for piece in self.pieces:
            at = 0
            while (end := piece.text.find("\n", at) + 1) > 0:
                yield Carried((*here, piece.part(at, end)))
                here, at = [], end
            if at < len(piece.text):
                here.append(piece.part(at, len(piece.text)))
        if here:
            yield Carried(tuple(here))

    def dedented(self, width: int) -> Carried:
        """The text with so much taken off in front of each line that is written there; what a value brings stays."""
        return joined(
            line.cut(min(width, len(line.text.rstrip("\r\n"))), len(line.text)) if line.pieces[0].exact else line
            for line in self.lines()
        )

    def inner(self, source: SourceFile, part: Carried) -> Carried:
        """A text that stands in this one, which `source` is as a file, by the places of this one."""
        done: list[Piece] = []
        for piece in part.pieces:
            start, end = source.offset(piece.span.start), source.offset(piece.span.end)
            if piece.exact and self.cut(start, start + len(piece.text)).text == piece.text:
                done += self.cut(start, start + len(piece.text)).pieces
            elif (place := self.span(start, end)) is not None:
                done.append(Piece(piece.text, place))
        return Carried(tuple(done))


@dataclass(frozen=True)
class CarriedFile:
    """A file others carry: the path it has in a run, its content, and what the machine it is on is called and goes out through."""

    path: str
    content: Carried
    machine: tuple[str, ...] = ()
    out: tuple[str, ...] = ()

    @cached_property
    def source(self) -> SourceFile:
        """It as a file of its own."""
        return SourceFile(self.path, self.content.text)

    @property
    def whole(self) -> str:
        """The file that it is the whole of, with values filled in; "" where it is put together."""
        paths = {piece.span.path for piece in self.content.pieces}
        return paths.pop() if len(paths) == 1 else ""

    def span(self, span: Span) -> Span | None:
        """A place in it as a place in the files that carry it."""
        return self.content.span(self.source.offset(span.start), self.source.offset(span.end))


def joined(parts: Iterable[Carried]) -> Carried:
    """Several texts as one."""
    return Carried(tuple(piece for part in parts for piece in part.pieces))


def carried_path(outer: str, name: str, path: str) -> str:
    """What a file is called that another one carries for something of a name."""
    plain = "".join(c if c.isalnum() or c in "._-" else "-" for c in name)
    return f"{outer}{INSIDE}{plain}/{path.lstrip('/')}"


def _lines(text: str) -> list[str]:
    """The lines of a text, split where files are."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _lines_at(text: str, source: SourceFile, start: int) -> Carried:
    """A text that stands in a file as it is, from an offset on."""
    pieces, at = [], start
    for line in _lines(text):
        pieces.append(Piece(line, source.span(at, at + len(line.rstrip("\r\n"))), exact=True))
        at += len(line)
    return Carried(tuple(pieces))


def written(text: str, span: Span, source: SourceFile | None) -> Carried:
    """The text of a value by where it is written: a whole file, in quotes, a block of YAML, a heredoc of HCL."""
    if source is None or not text:
        return Carried((Piece(text, span),) if text else ())
    raw, start = source.slice(span), source.offset(span.start)
    if raw == text:
        return _lines_at(text, source, start)
    if raw[1:-1] == text and raw[:1] in ("'", '"'):
        return _lines_at(text, source, start + 1)
    if raw.startswith(("|", ">", "<<")):
        return _beneath(text, span, source)
    return Carried((Piece(text, span),))


def _beneath(text: str, span: Span, source: SourceFile) -> Carried:
    """The lines of a block, which stand below its head and farther to the right."""
    pieces = []
    for number, line in enumerate(_lines(text), span.start.line + 1):
        bare, raw = line.rstrip("\r\n"), source.line(number)
        if number > span.end.line or not raw.endswith(bare):
            # Folded or otherwise rewritten: the block as a whole is the place.
            return Carried((Piece(text, span),))
        column = len(raw) - len(bare) + 1
        pieces.append(Piece(line, Span(span.path, Pos(number, column), Pos(number, column + len(bare))), exact=True))
    return Carried(tuple(pieces))
