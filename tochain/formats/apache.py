"""Apache httpd's configuration: one directive a line, `<Section> ... </Section>`, a backslash joins lines.

Spec: "Configuration Files" and "Configuration Sections" of the httpd 2.4 manual. Names keep the case they are written
in; compare them without it. Includes, conditions and variables are left to the product.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tochain.formats.template import Masked, mask
from tochain.model.span import SourceFile, Span

__all__ = ["Apache", "Arg", "Directive", "parse"]

_TOKEN = re.compile(
    r"""(?P<space>(?:\s|\\\r?\n)+)
      | "(?P<double>(?:\\.|[^"\\])*)"
      | '(?P<single>(?:\\.|[^'\\])*)'
      | (?P<bare>(?!["'])(?:\\(?!\r?\n)|[^\s\\])+)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument: `text` without its quotes, `span` with them."""

    text: str
    span: Span


@dataclass(slots=True)
class Directive:
    """A directive, or a section with the directives of its `block` (None: it is no section).

    `span` covers the line itself, that of a section its opening line.
    """

    name: str
    args: tuple[Arg, ...]
    span: Span
    block: list[Directive] | None = None

    @property
    def low(self) -> str:
        """The name in small letters."""
        return self.name.lower()

    @property
    def texts(self) -> tuple[str, ...]:
        """The arguments' texts."""
        return tuple(arg.text for arg in self.args)


@dataclass(slots=True)
class Apache:
    """A parsed file: its directives in order, and what is wrong with it (message, place)."""

    directives: list[Directive] = field(default_factory=list)
    problems: list[tuple[str, Span]] = field(default_factory=list)
    template: Span | None = None


def parse(source: SourceFile) -> Apache:
    """The directives of a file; what is broken is said and the rest is still there."""
    out = Apache()
    masked = mask(source.text)
    if masked.starts:
        out.template = source.span(masked.starts[0], masked.ends[0])
    stack = _Stack(out)
    for start, end in _lines(masked.text):
        if masked.text.startswith("</", start):
            name = masked.text[start + 2 : end].rstrip("> \t\r").strip()
            stack.close(name, source.span(start, end))
        else:
            stack.add(_directive(source, masked, start, end, out))
    stack.end()
    return out


class _Stack:
    """The sections that are open."""

    def __init__(self, out: Apache) -> None:
        self._out = out
        self._open: list[Directive] = []
        self._names: Counter[str] = Counter()

    def add(self, directive: Directive) -> None:
        block = self._open[-1].block if self._open else self._out.directives
        assert block is not None
        block.append(directive)
        if directive.block is not None:
            self._open.append(directive)
            self._names[directive.low] += 1

    def close(self, name: str, span: Span) -> None:
        if not self._names[name.lower()]:
            self._out.problems.append((f"</{name}> closes a section that is not open", span))
            return
        section = self._pop()
        while section.low != name.lower():
            self._out.problems.append((f"<{section.name}> is never closed", section.span))
            section = self._pop()

    def _pop(self) -> Directive:
        section = self._open.pop()
        self._names[section.low] -= 1
        return section

    def end(self) -> None:
        for section in self._open:
            self._out.problems.append((f"<{section.name}> is never closed", section.span))


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """Where each line that says something begins and ends, lines joined by a backslash counting as one."""
    at, end = 0, len(text)
    while at < end:
        stop = _stop(text, at)
        line = text[at:stop]
        start = at + len(line) - len(line.lstrip(" \t\r\n\f\v\ufeff"))
        said = line.strip()
        if said and said[0] != "#":
            yield start, at + len(line.rstrip())
        at = stop + 1


def _stop(text: str, at: int) -> int:
    """The offset of the line end that ends a logical line."""
    while True:
        stop = text.find("\n", at)
        if stop == -1:
            return len(text)
        before = stop - 1 if text[stop - 1 : stop] == "\r" else stop
        if before == 0 or text[before - 1] != "\\":
            return stop
        at = stop + 1


def _directive(source: SourceFile, masked: Masked, start: int, end: int, out: Apache) -> Directive:
    text = masked.text
    section = text[start] == "<"
    inner = end
    if section and text[end - 1] == ">":
        inner = end - 1
    elif section:
        out.problems.append(("expected > at the end of this line", source.span(end - 1, end)))
    args = list(_args(source, masked, start + 1 if section else start, inner, out))
    name = args.pop(0).text if args else ""
    if not name:
        out.problems.append(("expected a directive's name", source.span(start, end)))
    return Directive(name, tuple(args), source.span(start, end), [] if section else None)


def _args(source: SourceFile, masked: Masked, start: int, end: int, out: Apache) -> Iterator[Arg]:
    text = masked.text
    at = start
    while at < end:
        found = _TOKEN.match(text, at, end)
        if found is None:
            if text[at] in "\"'":
                out.problems.append(
                    (f"expected a closing {text[at]} for the quote opened here", source.span(at, at + 1))
                )
            yield Arg(source.text[at + 1 : end], source.span(at, end))
            return
        at = found.end()
        if found["space"] is None:
            yield Arg(_text(source, masked, found), source.span(found.start(), found.end()))


def _text(source: SourceFile, masked: Masked, found: re.Match[str]) -> str:
    kind = found.lastgroup or "bare"
    if masked.touches(found.start(), found.end()):
        return source.text[found.start(kind) : found.end(kind)]
    if kind == "bare":
        return found["bare"]
    quote = '"' if kind == "double" else "'"
    return found[kind].replace(f"\\{quote}", quote)
