"""Configurations of words, lines and braces: keepalived.conf, and BIG-IP's bigip.conf and tmsh commands.

Spec: keepalived.conf(5); the "tmsh" reference of BIG-IP. A line ends at its line end, an opening brace starts the block
of the words before it (also of the line before, when it stands alone), a closing brace ends it wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tochain.formats.template import Masked, mask
from tochain.model.span import SourceFile, Span

__all__ = ["Blocks", "Line", "Word", "parse_bigip", "parse_keepalived"]

_SHAPE = (
    r"(?P<line>\r?\n)|(?P<space>(?:[^\S\n]|\\\r?\n)+)|(?P<comment>{comment}[^\n]*)|(?P<open>{{)|(?P<close>}})"
    r'|"(?P<quoted>(?:\\.|[^"\\\n])*)"|(?P<word>(?:\\(?!\r?\n)|[^\s{{}}\\])+)'
)
_KEEPALIVED = re.compile(_SHAPE.format(comment="[#!]"))
_BIGIP = re.compile(_SHAPE.format(comment="#"))


@dataclass(frozen=True, slots=True)
class Word:
    """One word: `text` without its quotes, `span` with them."""

    text: str
    span: Span


@dataclass(slots=True)
class Line:
    """The words of a line, and the lines of the block it opens (None: it opens none)."""

    words: tuple[Word, ...]
    block: list[Line] | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The words' texts."""
        return tuple(word.text for word in self.words)

    @property
    def name(self) -> str:
        """The first word; empty for a block without a name."""
        return self.words[0].text if self.words else ""

    @property
    def span(self) -> Span:
        """From the first word to the last."""
        return Span(self.words[0].span.path, self.words[0].span.start, self.words[-1].span.end)

    def inside(self, name: str) -> Iterator[Line]:
        """The lines of the block that begin with a word."""
        return (line for line in self.block or () if line.name == name)

    def value(self, name: str) -> Word | None:
        """The first argument of the last line of a name."""
        found = [line.words[1] for line in self.inside(name) if len(line.words) > 1]
        return found[-1] if found else None


@dataclass(slots=True)
class Blocks:
    """A parsed file: its top lines, and what is wrong with it (message, place)."""

    lines: list[Line] = field(default_factory=list)
    problems: list[tuple[str, Span]] = field(default_factory=list)
    template: Span | None = None


def parse_keepalived(source: SourceFile) -> Blocks:
    """The lines of a keepalived.conf; `#` and `!` begin comments."""
    return _parse(source, _KEEPALIVED)


def parse_bigip(source: SourceFile) -> Blocks:
    """The lines of a bigip.conf or of tmsh commands; `#` begins a comment."""
    return _parse(source, _BIGIP)


def _parse(source: SourceFile, token: re.Pattern[str]) -> Blocks:
    out = Blocks()
    masked = mask(source.text)
    if masked.starts:
        out.template = source.span(masked.starts[0], masked.ends[0])
    builder = _Builder(source, out)
    at, end = 0, len(masked.text)
    while at < end:
        found = token.match(masked.text, at)
        kind = found.lastgroup if found else "word"
        stop = found.end() if found else at + 1
        match kind:
            case "line":
                builder.end_line()
            case "open":
                builder.open(at, stop)
            case "close":
                builder.close(at, stop)
            case "word" | "quoted":
                builder.word(_word(source, masked, at, stop, quoted=kind == "quoted"))
            case _:
                pass
        at = stop
    builder.end()
    return out


def _word(source: SourceFile, masked: Masked, start: int, stop: int, *, quoted: bool) -> Word:
    text = source.text if masked.touches(start, stop) else masked.text
    inner = text[start + 1 : stop - 1].replace('\\"', '"') if quoted else text[start:stop]
    return Word(inner, source.span(start, stop))


class _Builder:
    """Lines and the blocks that are open."""

    def __init__(self, source: SourceFile, out: Blocks) -> None:
        self._source = source
        self._out = out
        self._words: list[Word] = []
        self._open: list[tuple[list[Line], Span]] = []
        self._lines = out.lines

    def word(self, word: Word) -> None:
        self._words.append(word)

    def end_line(self) -> None:
        if self._words:
            self._lines.append(Line(tuple(self._words)))
            self._words = []

    def open(self, start: int, stop: int) -> None:
        span = self._source.span(start, stop)
        if not self._words and self._lines and self._lines[-1].block is None:
            line = self._lines[-1]
        else:
            line = Line(tuple(self._words) or (Word("", span),))
            self._lines.append(line)
            self._words = []
        line.block = []
        self._open.append((self._lines, span))
        self._lines = line.block

    def close(self, start: int, stop: int) -> None:
        self.end_line()
        if not self._open:
            self._out.problems.append(("closing brace without an opening one", self._source.span(start, stop)))
            return
        self._lines, _ = self._open.pop()

    def end(self) -> None:
        self.end_line()
        for _, span in self._open:
            self._out.problems.append(("this block is never closed", span))
