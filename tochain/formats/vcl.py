"""Varnish's VCL as statements of words with places: declarations, attributes, blocks; nothing is evaluated.

Spec: the VCL reference (vcl(7)) of Varnish Cache. Comments and inline C are left out; `{"..."}` and three quotes make
long strings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tochain.formats.template import Masked, mask
from tochain.model.span import SourceFile, Span

__all__ = ["Statement", "Vcl", "Word", "parse"]

_TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*|//[^\n]*|/\*.*?(?:\*/|\Z)|C\{.*?(?:\}C|\Z))
      | "{3}(?P<triple>.*?)(?:"{3}|\Z)
      | \{"(?P<long>.*?)(?:"\}|\Z)
      | "(?P<string>[^"\n]*)"
      | (?P<word>[A-Za-z_.][\w.-]*|\d[\w.]*|TEMPLATE-*)
      | (?P<open>\{) | (?P<close>\}) | (?P<end>;)
      | (?P<sign>[^\s\w])""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word, string or sign: `text` without quotes, `span` with them."""

    text: str
    span: Span
    quoted: bool = False


@dataclass(slots=True)
class Statement:
    """The words up to a semicolon or an opening brace; `block` is what stands between the braces."""

    words: tuple[Word, ...]
    block: list[Statement] | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The words' texts."""
        return tuple(word.text for word in self.words)

    @property
    def span(self) -> Span:
        """From the first word to the last."""
        return Span(self.words[0].span.path, self.words[0].span.start, self.words[-1].span.end)


@dataclass(slots=True)
class Vcl:
    """A parsed file: its statements in order, and what is wrong with it (message, place)."""

    statements: list[Statement] = field(default_factory=list)
    problems: list[tuple[str, Span]] = field(default_factory=list)
    template: Span | None = None


def parse(source: SourceFile) -> Vcl:
    """The statements of a file; what is broken is said and the rest is still there."""
    out = Vcl()
    masked = mask(source.text)
    if masked.starts:
        out.template = source.span(masked.starts[0], masked.ends[0])
    builder = _Builder(source, out)
    at, end = 0, len(masked.text)
    while at < end:
        found = _TOKEN.match(masked.text, at)
        kind = (found.lastgroup or "sign") if found else "sign"
        stop = found.end() if found else at + 1
        if kind == "open":
            builder.open(at, stop)
        elif kind == "close":
            builder.close(at, stop)
        elif kind == "end":
            builder.end_statement()
        elif kind != "space":
            builder.words.append(_word(source, masked, found, at, stop))
        at = stop
    builder.end()
    return out


def _word(source: SourceFile, masked: Masked, found: re.Match[str] | None, start: int, stop: int) -> Word:
    text = source.text if masked.touches(start, stop) else masked.text
    kind = found.lastgroup if found else None
    if found is not None and kind in ("triple", "long", "string"):
        return Word(text[found.start(kind) : found.end(kind)], source.span(start, stop), True)
    return Word(text[start:stop], source.span(start, stop))


class _Builder:
    """Statements and the blocks that are open."""

    def __init__(self, source: SourceFile, out: Vcl) -> None:
        self.words: list[Word] = []
        self._source = source
        self._out = out
        self._open: list[tuple[list[Statement], Span]] = []
        self._statements = out.statements

    def end_statement(self) -> None:
        if self.words:
            self._statements.append(Statement(tuple(self.words)))
            self.words = []

    def open(self, start: int, stop: int) -> None:
        span = self._source.span(start, stop)
        statement = Statement(tuple(self.words) or (Word("", span),), [])
        self.words = []
        self._statements.append(statement)
        self._open.append((self._statements, span))
        assert statement.block is not None
        self._statements = statement.block

    def close(self, start: int, stop: int) -> None:
        if self.words:
            place = self.words[-1].span
            self._out.problems.append(("expected ; behind this", place))
            self.end_statement()
        if not self._open:
            self._out.problems.append(("closing brace without an opening one", self._source.span(start, stop)))
            return
        self._statements, _ = self._open.pop()

    def end(self) -> None:
        if self.words:
            self._out.problems.append(("expected ; behind this", self.words[-1].span))
        self.end_statement()
        for _, span in self._open:
            self._out.problems.append(("this block is never closed", span))
