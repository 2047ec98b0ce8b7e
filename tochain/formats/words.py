"""What the formats of words have in common: lines of words with places, and the blocks that braces open.

A format gives a regular expression whose named groups are the kinds of its tokens, and says what each kind does; this
module knows how words, lines and open blocks are kept and what is wrong when they do not end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tochain.formats.template import Masked, mask
from tochain.model.span import SourceFile, Span

__all__ = ["Builder", "Line", "Parsed", "Text", "Token", "Word"]


@dataclass(frozen=True, slots=True)
class Word:
    """One word, string or sign: `text` without its quotes, `span` with them."""

    text: str
    span: Span
    quoted: bool = False


@dataclass(slots=True)
class Line:
    """The words of a line or statement, and the lines of the block it opens (None: it opens none)."""

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
class Parsed:
    """A parsed file: its top lines in order, what is wrong with it (message, place), and its first template action."""

    lines: list[Line] = field(default_factory=list)
    problems: list[tuple[str, Span]] = field(default_factory=list)
    template: Span | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: its kind, where it stands, and the match (None: a character no token begins with)."""

    kind: str
    start: int
    stop: int
    match: re.Match[str] | None


class Text:
    """A source as tokens; template actions are masked, so that they never end a word."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self._masked: Masked = mask(source.text)

    def parsed(self) -> Parsed:
        """An empty result that knows the first template action."""
        starts, ends = self._masked.starts, self._masked.ends
        return Parsed(template=self.source.span(starts[0], ends[0]) if starts else None)

    def tokens(self, pattern: re.Pattern[str], otherwise: str) -> Iterator[Token]:
        """Every token in order; a character that begins none is one of the kind `otherwise`."""
        text = self._masked.text
        at, end = 0, len(text)
        while at < end:
            found = pattern.match(text, at)
            kind = (found.lastgroup if found else None) or otherwise
            stop = found.end() if found else at + 1
            yield Token(kind, at, stop, found)
            at = stop

    def string(self, token: Token, quote: str = "") -> Word:
        """A quoted word: what the token's group holds, with the format's escaped quote read as a quote."""
        assert token.match is not None
        start, stop = token.match.span(token.kind)
        text = self._text(token)[start:stop]
        return Word(text.replace(quote, '"') if quote else text, self.source.span(token.start, token.stop), True)

    def word(self, token: Token) -> Word:
        """A bare word or sign."""
        return Word(self._text(token)[token.start : token.stop], self.source.span(token.start, token.stop))

    def _text(self, token: Token) -> str:
        """The text a token is cut from: the one as written where a template action touches it."""
        return self.source.text if self._masked.touches(token.start, token.stop) else self._masked.text


class Builder:
    """Collects words into lines, and lines into the blocks that are open."""

    def __init__(self, source: SourceFile, out: Parsed) -> None:
        self.words: list[Word] = []
        self.lines = out.lines
        self.out = out
        self._source = source
        self._open: list[tuple[list[Line], Span]] = []

    def end_line(self) -> None:
        """The words so far are a line."""
        if self.words:
            self.lines.append(Line(tuple(self.words)))
            self.words = []

    def open(self, token: Token) -> None:
        """An opening brace: the words so far, if only an empty one, get a block."""
        line = Line(tuple(self.words) or (Word("", self._source.span(token.start, token.stop)),))
        self.lines.append(line)
        self.words = []
        self.enter(line, token)

    def enter(self, line: Line, token: Token) -> None:
        """What follows stands in the block of a line."""
        line.block = []
        self._open.append((self.lines, self._source.span(token.start, token.stop)))
        self.lines = line.block

    def close(self, token: Token) -> None:
        """A closing brace."""
        self.end_line()
        if self._open:
            self.lines, _ = self._open.pop()
        else:
            place = self._source.span(token.start, token.stop)
            self.out.problems.append(("closing brace without an opening one", place))

    def end(self) -> None:
        """The end of the file."""
        self.end_line()
        for _, span in self._open:
            self.out.problems.append(("this block is never closed", span))
