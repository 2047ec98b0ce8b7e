"""The Caddyfile: tokens with places, lines as directives, blocks nested without recursion.

Spec: the Caddyfile concepts page of the Caddy documentation (caddyserver.com/docs/caddyfile/concepts).
Imports, snippets and environment placeholders are left to the product; nothing is replaced here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from tochain.model.span import SourceFile, Span

__all__ = ["Caddyfile", "Directive", "Site", "Token", "parse"]

_HEREDOC = re.compile(r"<<([A-Za-z0-9_-]+)$")
_QUOTES = '"`'


@dataclass(frozen=True, slots=True)
class Token:
    """One word: `text` without its quotes, `span` with them."""

    text: str
    span: Span
    quoted: bool = False


@dataclass(slots=True)
class Directive:
    """One line and the block it opens; `block` is None where the line opens none."""

    words: list[Token]
    block: list[Directive] | None = None

    @property
    def name(self) -> str:
        """The first word."""
        return self.words[0].text

    @property
    def args(self) -> list[Token]:
        """The words after the first."""
        return self.words[1:]

    @property
    def span(self) -> Span:
        """From the first word to the last one of the line."""
        return Span(self.words[0].span.path, self.words[0].span.start, self.words[-1].span.end)


@dataclass(slots=True)
class Site:
    """A block at the top: the words before its brace and the lines inside.

    `kind` tells a site from the global options (no words), a snippet "(name)" and a named route "&(name)"; `name`
    is the snippet's or route's own. `bare` marks a file that is one site without braces around it.
    """

    keys: list[Token]
    body: list[Directive]
    span: Span
    kind: Literal["site", "global", "snippet", "route"] = "site"
    name: str = ""
    bare: bool = False


@dataclass(slots=True)
class Caddyfile:
    """A parsed file: its blocks in order, imports at the top, and what is wrong with it (message, place)."""

    sites: list[Site] = field(default_factory=list)
    imports: list[Directive] = field(default_factory=list)
    problems: list[tuple[str, Span]] = field(default_factory=list)


def parse(source: SourceFile) -> Caddyfile:
    """The blocks of a Caddyfile; what is broken is said and the rest is still there."""
    out = Caddyfile()
    lines = _lines(source, out)
    if _bare(lines):
        body = _block(lines[1:], out)
        keys = _keys(lines[0])
        out.sites.append(Site(keys, body, _cover(lines[0]), bare=True))
        return out
    for top in _block(_joined(lines), out):
        _top(top, out)
    return out


def _top(line: Directive, out: Caddyfile) -> None:
    if line.block is None:
        if line.name == "import":
            out.imports.append(line)
        else:
            out.problems.append((f"expected a block after {line.name!r}", line.span))
        return
    keys = [word for word in _keys(line.words) if word.text != "{"]
    site = Site(keys, line.block, line.span)
    if not keys:
        site.kind = "global"
    elif len(keys) == 1 and not keys[0].quoted:
        named = re.fullmatch(r"(&?)\((.+)\)", keys[0].text)
        if named:
            site.kind, site.name = ("route" if named[1] else "snippet"), named[2]
    out.sites.append(site)


def _bare(lines: list[list[Token]]) -> bool:
    """Whether the file is one site without braces around it."""
    if not lines or _opens(lines[0]) or lines[0][0].text == "import":
        return False
    return not any(line[-1].text.endswith(",") and not line[-1].quoted for line in lines[:1])


def _keys(words: list[Token]) -> list[Token]:
    """Addresses, their commas taken off."""
    out = []
    for word in words:
        text = word.text.rstrip(",") if not word.quoted else word.text
        if text:
            out.append(word if text == word.text else Token(text, word.span))
    return out


def _joined(lines: list[list[Token]]) -> list[list[Token]]:
    """Lines of addresses that end in a comma joined with what follows; only at the top."""
    out: list[list[Token]] = []
    depth = 0
    for line in lines:
        last = out[-1][-1] if out else None
        if depth == 0 and last is not None and not last.quoted and last.text.endswith(","):
            out[-1] = [*out[-1], *line]
        else:
            out.append(line)
        depth += _opens(line) - _closes(line)
    return out


def _opens(line: list[Token]) -> bool:
    return line[-1].text == "{" and not line[-1].quoted


def _closes(line: list[Token]) -> bool:
    return line[0].text == "}" and not line[0].quoted


def _block(lines: list[list[Token]], out: Caddyfile) -> list[Directive]:
    """Lines to nested directives; braces that do not match are said."""
    top: list[Directive] = []
    stack: list[list[Directive]] = [top]
    opened: list[Token] = []
    for line in lines:
        if _closes(line):
            _close(line, stack, opened, out)
            continue
        opens = _opens(line)
        words = line[:-1] if opens and len(line) > 1 else line
        directive = Directive(words, [] if opens else None)
        stack[-1].append(directive)
        if directive.block is not None:
            stack.append(directive.block)
            opened.append(line[-1])
    for brace in opened:
        out.problems.append(("this block is never closed", brace.span))
    return top


def _close(line: list[Token], stack: list[list[Directive]], opened: list[Token], out: Caddyfile) -> None:
    if not opened:
        out.problems.append(("closing brace without an opening one", line[0].span))
        return
    stack.pop()
    opened.pop()
    if len(line) > 1:
        out.problems.append(("expected a new line after the closing brace", line[1].span))


def _cover(line: list[Token]) -> Span:
    return Span(line[0].span.path, line[0].span.start, line[-1].span.end)


def _lines(source: SourceFile, out: Caddyfile) -> list[list[Token]]:
    """The words of each line that has any; a backslash before the line end joins two lines."""
    text = source.text
    lines: list[list[Token]] = []
    line: list[Token] = []
    at, end = 0, len(text)
    while at < end:
        char = text[at]
        if char == "\n":
            if line:
                lines.append(line)
                line = []
            at += 1
        elif char.isspace() or char == "\ufeff":
            at += 1
        elif char == "\\" and text[at + 1 : at + 3].lstrip("\r")[:1] == "\n":
            at = text.index("\n", at) + 1
        elif char == "#":
            at = _line_end(text, at)
        else:
            token, at = _word(source, at, out)
            line.append(token)
    if line:
        lines.append(line)
    return lines


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end == -1 else end


def _word(source: SourceFile, at: int, out: Caddyfile) -> tuple[Token, int]:
    text = source.text
    if text[at] in _QUOTES:
        return _quoted(source, at, out)
    end = at
    while end < len(text) and not text[end].isspace():
        end += 2 if text[end] == "\\" and text[end + 1 : end + 2] not in ("", "\n", "\r") else 1
    end = min(end, len(text))
    word = text[at:end]
    heredoc = _HEREDOC.search(word)
    if heredoc and heredoc.start() == 0:
        return _heredoc(source, at, end, heredoc[1], out)
    return Token(word, source.span(at, end)), end


def _quoted(source: SourceFile, at: int, out: Caddyfile) -> tuple[Token, int]:
    text, quote = source.text, source.text[at]
    end = at + 1
    while end < len(text) and text[end] != quote:
        end += 2 if quote == '"' and text[end] == "\\" else 1
    if end >= len(text):
        out.problems.append(("this quote is never closed", source.span(at, at + 1)))
        end = _line_end(text, at)
        return Token(text[at + 1 : end].rstrip(), source.span(at, end), True), end
    inner = text[at + 1 : end]
    return Token(inner.replace('\\"', '"') if quote == '"' else inner, source.span(at, end + 1), True), end + 1


def _heredoc(source: SourceFile, at: int, begin: int, marker: str, out: Caddyfile) -> tuple[Token, int]:
    text = source.text
    found = re.compile(rf"^[ \t]*{re.escape(marker)}\b", re.MULTILINE).search(text, _line_end(text, begin))
    if found is None:
        out.problems.append((f"this text is never closed by {marker}", source.span(at, begin)))
        return Token(text[at:begin], source.span(at, begin)), begin
    inner = text[_line_end(text, begin) + 1 : found.start()]
    return Token(inner.rstrip("\n"), source.span(at, found.end()), True), found.end()
