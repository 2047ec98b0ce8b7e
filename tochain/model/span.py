"""Places in files: one-based lines and columns, end exclusive."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

__all__ = ["Pos", "SourceFile", "Span"]


class Pos(NamedTuple):
    """A place in a file: line and column, both counted from 1, columns in characters."""

    line: int
    column: int


class Span(NamedTuple):
    """A stretch of a file, `end` exclusive."""

    path: str
    start: Pos
    end: Pos

    def __str__(self) -> str:
        return f"{self.path}:{self.start.line}:{self.start.column}"


@dataclass(frozen=True)
class SourceFile:
    """A decoded file: `path` as the user will read it, `text` with line ends kept as written."""

    path: str
    text: str

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        find = self.text.find
        at = find("\n")
        while at != -1:
            starts.append(at + 1)
            at = find("\n", at + 1)
        return starts

    @property
    def line_count(self) -> int:
        """How many lines the file has; a file without a line end has one."""
        return len(self._starts)

    def pos(self, offset: int) -> Pos:
        """The place of a character offset."""
        row = bisect_right(self._starts, offset)
        return Pos(row, offset - self._starts[row - 1] + 1)

    def span(self, start: int, end: int) -> Span:
        """The span between two character offsets."""
        first = self.pos(start)
        if first.line == len(self._starts) or end < self._starts[first.line]:
            return Span(self.path, first, Pos(first.line, first.column + end - start))
        return Span(self.path, first, self.pos(end))

    def offset(self, pos: Pos) -> int:
        """The character offset of a place, kept within the file."""
        row = min(max(pos.line, 1), len(self._starts))
        return min(self._starts[row - 1] + pos.column - 1, len(self.text))

    def line(self, number: int) -> str:
        """Line `number` without its line end; empty past the end of the file."""
        if not 1 <= number <= len(self._starts):
            return ""
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def slice(self, span: Span) -> str:
        """The text a span covers."""
        return self.text[self.offset(span.start) : self.offset(span.end)]

    def whole_line(self, number: int) -> Span:
        """The span of the written part of a line, at least one column wide."""
        text = self.line(number)
        lead = len(text) - len(text.lstrip())
        body = text.strip()
        return Span(self.path, Pos(number, lead + 1), Pos(number, lead + 1 + max(len(body), 1)))
