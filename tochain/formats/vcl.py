"""Varnish's VCL as statements of words with places: declarations, attributes, blocks; nothing is evaluated.

Spec: the VCL reference (vcl(7)) of Varnish Cache. Comments and inline C are left out; `{"..."}` and three quotes make
long strings.
"""

from __future__ import annotations

import re

from tochain.formats.words import Builder, Parsed, Text, Token
from tochain.model.span import SourceFile

__all__ = ["parse"]

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


def parse(source: SourceFile) -> Parsed:
    """The statements of a file; what is broken is said and the rest is still there."""
    text = Text(source)
    builder = _Builder(source, text.parsed())
    for token in text.tokens(_TOKEN, "sign"):
        match token.kind:
            case "open":
                builder.open(token)
            case "close":
                builder.close(token)
            case "end":
                builder.end_line()
            case "space":
                pass
            case "triple" | "long" | "string":
                builder.words.append(text.string(token))
            case _:
                builder.words.append(text.word(token))
    builder.end()
    return builder.out


class _Builder(Builder):
    """A statement ends with a semicolon; one without is said."""

    def close(self, token: Token) -> None:
        self._expect_end()
        super().close(token)

    def end(self) -> None:
        self._expect_end()
        super().end()

    def _expect_end(self) -> None:
        if self.words:
            self.out.problems.append(("expected ; behind this", self.words[-1].span))
