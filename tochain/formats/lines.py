"""Files of command lines, words with places: squid.conf and NetScaler's ns.conf.

Spec: the head of squid.conf.documented; the CLI conventions of NetScaler. `#` begins a comment where a word begins,
double quotes keep blanks together, a backslash before the line end joins two lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tochain.formats.template import mask
from tochain.model.span import SourceFile, Span

__all__ = ["Line", "Lines", "Word", "parse"]

_TOKEN = re.compile(
    r"""(?P<line>\r?\n)
      | (?P<space>(?:[^\S\n]|\\\r?\n)+)
      | (?P<comment>\#[^\n]*)
      | "(?P<quoted>(?:\\.|[^"\\\n])*)"(?=\s|\Z)
      | (?P<word>(?:"(?:\\.|[^"\\\n])*"|\\(?!\r?\n)|[^\s\\])+)""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word: `text` without the quotes around it, `span` with them."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Line:
    """The words of one line."""

    words: tuple[Word, ...]

    @property
    def name(self) -> str:
        """The first word."""
        return self.words[0].text

    @property
    def texts(self) -> tuple[str, ...]:
        """All words as text."""
        return tuple(word.text for word in self.words)

    @property
    def span(self) -> Span:
        """From the first word to the last."""
        return Span(self.words[0].span.path, self.words[0].span.start, self.words[-1].span.end)


@dataclass(slots=True)
class Lines:
    """A parsed file: its lines in order, and the first template action."""

    lines: list[Line] = field(default_factory=list)
    template: Span | None = None


def parse(source: SourceFile) -> Lines:
    """The words of every line that has any; no text is wrong."""
    out = Lines()
    masked = mask(source.text)
    if masked.starts:
        out.template = source.span(masked.starts[0], masked.ends[0])
    words: list[Word] = []
    at, end = 0, len(masked.text)
    while at < end:
        found = _TOKEN.match(masked.text, at)
        kind = found.lastgroup if found else "word"
        stop = found.end() if found else at + 1
        if kind == "line":
            if words:
                out.lines.append(Line(tuple(words)))
                words = []
        elif kind in ("word", "quoted"):
            text = (source.text if masked.touches(at, stop) else masked.text)[at:stop]
            words.append(Word(text[1:-1].replace('\\"', '"') if kind == "quoted" else text, source.span(at, stop)))
        at = stop
    if words:
        out.lines.append(Line(tuple(words)))
    return out
