"""Configurations of words, lines and braces: keepalived.conf, and BIG-IP's bigip.conf and tmsh commands.

Spec: keepalived.conf(5); the "tmsh" reference of BIG-IP. A line ends at its line end, an opening brace starts the block
of the words before it (also of the line before, when it stands alone), a closing brace ends it wherever it stands.
"""

from __future__ import annotations

import re

from tochain.formats.words import Builder, Parsed, Text, Token
from tochain.model.span import SourceFile

__all__ = ["parse_bigip", "parse_keepalived"]

_SHAPE = (
    r"(?P<line>\r?\n)|(?P<space>(?:[^\S\n]|\\\r?\n)+)|(?P<comment>{comment}[^\n]*)|(?P<open>{{)|(?P<close>}})"
    r'|"(?P<quoted>(?:\\.|[^"\\\n])*)"|(?P<word>(?:\\(?!\r?\n)|[^\s{{}}\\])+)'
)
_KEEPALIVED = re.compile(_SHAPE.format(comment="[#!]"))
_BIGIP = re.compile(_SHAPE.format(comment="#"))


def parse_keepalived(source: SourceFile) -> Parsed:
    """The lines of a keepalived.conf; `#` and `!` begin comments."""
    return _parse(source, _KEEPALIVED)


def parse_bigip(source: SourceFile) -> Parsed:
    """The lines of a bigip.conf or of tmsh commands; `#` begins a comment."""
    return _parse(source, _BIGIP)


def _parse(source: SourceFile, pattern: re.Pattern[str]) -> Parsed:
    text = Text(source)
    builder = _Builder(source, text.parsed())
    for token in text.tokens(pattern, "word"):
        match token.kind:
            case "line":
                builder.end_line()
            case "open":
                builder.open(token)
            case "close":
                builder.close(token)
            case "word":
                builder.words.append(text.word(token))
            case "quoted":
                builder.words.append(text.string(token, '\\"'))
            case _:
                pass
    builder.end()
    return builder.out


class _Builder(Builder):
    """A brace that stands alone opens the block of the line before it."""

    def open(self, token: Token) -> None:
        if not self.words and self.lines and self.lines[-1].block is None:
            self.enter(self.lines[-1], token)
        else:
            super().open(token)
