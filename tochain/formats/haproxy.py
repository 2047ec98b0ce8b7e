"""HAProxy's configuration: sections of keyword lines, words quoted as in a shell, `.if` blocks as marks on lines.

Spec: "Configuration file format", "Quoting and escaping", "Environment variables" and "Conditional blocks" of the
HAProxy configuration manual. Nothing is evaluated; template actions count as one word each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tochain.formats.template import Masked, mask
from tochain.model.span import SourceFile, Span

__all__ = ["Haproxy", "Line", "Section", "Word", "parse"]

SECTIONS = frozenset({
    "global", "defaults", "frontend", "backend", "listen", "resolvers", "peers", "ring", "log-forward", "log-profile",
    "cache", "program", "traces", "mailers", "userlist", "http-errors", "fcgi-app", "crt-store", "acme",
})  # fmt: skip
"""Keywords that begin a section."""

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", " ": " ", "#": "#", "\\": "\\", '"': '"', "'": "'", "$": "$"}
_PLAIN = re.compile(r"[^\s\"'\\#]+")


@dataclass(frozen=True, slots=True)
class Word:
    """One word: `text` with quotes and escapes undone, `span` with them; `expands` when a variable stands in it."""

    text: str
    span: Span
    expands: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One keyword line; `conditions` are the `.if` conditions it stands under, outermost first."""

    words: tuple[Word, ...]
    conditions: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The first word."""
        return self.words[0].text

    @property
    def args(self) -> tuple[Word, ...]:
        """The words after the first."""
        return self.words[1:]

    @property
    def span(self) -> Span:
        """From the first word to the last."""
        return Span(self.words[0].span.path, self.words[0].span.start, self.words[-1].span.end)

    def texts(self, count: int) -> tuple[str, ...]:
        """The first `count` words as text, fewer where the line is shorter."""
        return tuple(word.text for word in self.words[:count])


@dataclass(slots=True)
class Section:
    """A section: its header line, the name behind the keyword ("" when it has none) and its lines."""

    kind: str
    header: Line
    lines: list[Line] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The section's own name."""
        args = self.header.args
        return args[0].text if args and args[0].text != "from" else ""

    @property
    def base(self) -> Word | None:
        """The name behind `from`."""
        args = self.header.args
        for at, word in enumerate(args[:-1]):
            if word.text == "from":
                return args[at + 1]
        return None


@dataclass(slots=True)
class Haproxy:
    """A parsed file: sections in order, and what is wrong with it (message, place)."""

    sections: list[Section] = field(default_factory=list)
    problems: list[tuple[str, Span]] = field(default_factory=list)
    template: Span | None = None


def parse(source: SourceFile) -> Haproxy:
    """The sections of a file; what is broken is said and the rest is still there."""
    out = Haproxy()
    masked = mask(source.text)
    if masked.starts:
        out.template = source.span(masked.starts[0], masked.ends[0])
    conditions = _Conditions()
    for words in _lines(source, masked, out):
        if words[0].text.startswith("."):
            conditions.take(words, out)
            continue
        _place(Line(words, conditions.now()), out)
    conditions.end(out)
    return out


def _place(line: Line, out: Haproxy) -> None:
    if line.name in SECTIONS:
        out.sections.append(Section(line.name, line))
    elif out.sections:
        out.sections[-1].lines.append(line)
    else:
        out.problems.append((f"{line.name!r} stands before any section", line.span))


class _Conditions:
    """The `.if` blocks that are open, each as the condition of its present branch."""

    def __init__(self) -> None:
        self._open: list[tuple[str, list[str], Span]] = []

    def now(self) -> tuple[str, ...]:
        return tuple(text for text, _, _ in self._open)

    def take(self, words: tuple[Word, ...], out: Haproxy) -> None:
        name = words[0].text
        rest = " ".join(word.text for word in words[1:])
        if name == ".if":
            self._open.append((rest, [rest], words[0].span))
        elif name in (".elif", ".else", ".endif"):
            self._branch(name, rest, words[0].span, out)
        elif name not in (".alert", ".warning", ".notice", ".diag"):
            out.problems.append((f"unknown directive {name}", words[0].span))

    def _branch(self, name: str, rest: str, span: Span, out: Haproxy) -> None:
        if not self._open:
            out.problems.append((f"{name} without .if", span))
            return
        _, before, opened = self._open.pop()
        if name != ".endif":
            text = rest if name == ".elif" else "not " + " and not ".join(before)
            self._open.append((text, [*before, rest], opened))

    def end(self, out: Haproxy) -> None:
        for _, _, span in self._open:
            out.problems.append(("this .if is never closed by .endif", span))


def _lines(source: SourceFile, masked: Masked, out: Haproxy) -> Iterator[tuple[Word, ...]]:
    """The words of each line that has any; a backslash at the end of a line goes on with the next one."""
    text = masked.text
    at, end = 0, len(text)
    words: list[Word] = []
    while at < end:
        char = text[at]
        if char == "\n":
            if words:
                yield tuple(words)
                words = []
            at += 1
        elif char == "#":
            at = _line_end(text, at)
        elif char.isspace() or char == "\ufeff":
            at += 1
        elif char == "\\" and (joined := _joins(text, at)):
            at = joined
        else:
            word, at = _word(source, masked, at, out)
            words.append(word)
    if words:
        yield tuple(words)


def _joins(text: str, at: int) -> int:
    """Where to go on behind a backslash that joins two lines; 0 when it does not."""
    match text[at + 1 : at + 3]:
        case "\r\n":
            return at + 3
        case other if other.startswith("\n"):
            return at + 2
        case _:
            return 0


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end == -1 else end


def _word(source: SourceFile, masked: Masked, start: int, out: Haproxy) -> tuple[Word, int]:
    text = masked.text
    at, end = start, len(text)
    parts: list[str] = []
    expands = False
    while at < end and not text[at].isspace() and text[at] != "#":
        char = text[at]
        if char == "\\":
            if _joins(text, at):
                break
            part, at = _escape(text, at)
            parts.append(part)
        elif char in "\"'":
            part, at, found = _quoted(source, text, at, out)
            parts.append(part)
            expands = expands or found
        else:
            plain = _PLAIN.match(text, at)
            stop = plain.end() if plain else at + 1
            parts.append(text[at:stop])
            at = stop
    if masked.touches(start, at):
        return Word(source.text[start:at], source.span(start, at), True), at
    return Word("".join(parts), source.span(start, at), expands), at


def _escape(text: str, at: int) -> tuple[str, int]:
    """What a backslash and the character behind it stand for."""
    following = text[at + 1 : at + 2]
    if following in ("", "\r"):
        return "\\", at + 1
    if following == "x" and re.fullmatch(r"[0-9a-fA-F]{2}", text[at + 2 : at + 4]):
        return chr(int(text[at + 2 : at + 4], 16)), at + 4
    return _ESCAPES.get(following, "\\" + following), at + 2


def _quoted(source: SourceFile, text: str, start: int, out: Haproxy) -> tuple[str, int, bool]:
    """The text of a quoted part, where it ends, and whether a variable stands in it (double quotes only)."""
    quote = text[start]
    at, expands = start + 1, False
    parts: list[str] = []
    while at < len(text) and text[at] not in (quote, "\n"):
        if text[at] == "\\" and (joined := _joins(text, at)):
            at = joined
            continue
        if text[at] == "\\" and quote == '"':
            part, at = _escape(text, at)
            parts.append(part)
            continue
        expands = expands or (quote == '"' and text[at] == "$")
        parts.append(text[at])
        at += 1
    if at >= len(text) or text[at] == "\n":
        out.problems.append((f"expected a closing {quote} for the quote opened here", source.span(start, start + 1)))
        return "".join(parts), at, expands
    return "".join(parts), at + 1, expands
