"""Command lines to words with exact places: quotes, escapes and comments as a shell has them, nothing expanded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tochain.model.span import SourceFile, Span

__all__ = ["Piece", "commands", "split"]

_TOKEN = re.compile(
    r"""(?P<space>(?:\s|\\\r?\n)+)
      | (?P<op>&&|\|\||;|\||&)
      | (?P<word>(?:\\.|"(?:[^"\\]|\\.)*"|'[^']*'|\$\([^()]*\)|[^\s"'\\;&|]|["'\\])+)""",
    re.VERBOSE | re.DOTALL,
)
_QUOTED = re.compile(r"""\\\r?\n|\\(.)|"((?:[^"\\]|\\.)*)"|'([^']*)'""", re.DOTALL)
_OPERATORS = frozenset({"&&", "||", ";", "|", "&"})
_PREFIXES = frozenset({"exec", "nohup", "time", "tini", "dumb-init", "sudo", "gosu", "su-exec", "--", "then", "do"})


class Piece(NamedTuple):
    """A word with its place; `quoted` words never are operators or options by accident."""

    text: str
    span: Span


def split(source: SourceFile, start: int, end: int) -> Iterator[Piece]:
    """The words between two offsets of a file; operators such as && come as words of their own."""
    for found in _TOKEN.finditer(source.text, start, end):
        if found.lastgroup != "space":
            yield Piece(_unquoted(found[0]), source.span(found.start(), found.end()))


def _unquoted(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        if found[2] is not None:
            return re.sub(r'\\(["\\$`])', r"\1", found[2])
        if found[3] is not None:
            return found[3]
        return found[1] or ""

    return _QUOTED.sub(plain, text) if re.search(r"[\"'\\]", text) else text


def commands(words: Iterable[Piece]) -> list[tuple[Piece, ...]]:
    """The simple commands of a line, `exec`, `env A=b` and other prefixes taken off; `sh -c "..."` is the caller's to open."""
    found: list[list[Piece]] = [[]]
    for word in words:
        if word.text in _OPERATORS:
            found.append([])
        else:
            found[-1].append(word)
    return [trimmed for command in found if (trimmed := _trimmed(tuple(command)))]


def _trimmed(command: tuple[Piece, ...]) -> tuple[Piece, ...]:
    at = 0
    while at < len(command):
        text = command[at].text
        if text in _PREFIXES or text == "env" or re.fullmatch(r"[A-Za-z_]\w*=.*", text, re.DOTALL):
            at += 1
        else:
            break
    return command[at:]
