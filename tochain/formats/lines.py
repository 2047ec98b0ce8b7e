"""Files of command lines, words with places: squid.conf and NetScaler's ns.conf.

Spec: the head of squid.conf.documented; the CLI conventions of NetScaler. `#` begins a comment where a word begins,
double quotes keep blanks together, a backslash before the line end joins two lines.
"""

from __future__ import annotations

import re

from tochain.formats.words import Builder, Parsed, Text
from tochain.model.span import SourceFile

__all__ = ["parse"]

_TOKEN = re.compile(
    r"""(?P<line>\r?\n)
      | (?P<space>(?:[^\S\n]|\\\r?\n)+)
      | (?P<comment>\#[^\n]*)
      | "(?P<quoted>(?:\\.|[^"\\\n])*)"(?=\s|\Z)
      | (?P<word>(?:"(?:\\.|[^"\\\n])*"|\\(?!\r?\n)|[^\s\\])+)""",
    re.VERBOSE,
)


def parse(source: SourceFile) -> Parsed:
    """The words of every line that has any; no text is wrong."""
    text = Text(source)
    builder = Builder(source, text.parsed())
    for token in text.tokens(_TOKEN, "word"):
        if token.kind == "line":
            builder.end_line()
        elif token.kind == "word":
            builder.words.append(text.word(token))
        elif token.kind == "quoted":
            builder.words.append(text.string(token, '\\"'))
    builder.end()
    return builder.out
