"""The comments of a file, whatever it is written in; strings that look like comments are none."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tochain.model.component import Word
from tochain.model.span import SourceFile

__all__ = ["comments", "syntax_of"]

# What never ends is taken to reach the end of its line or file, so that no text is searched twice.
_LINE_STRINGS = (
    r'"[^"\\\n]*(?:\\.[^"\\\n]*)*(?:"|(?=\n|\Z|\\\Z|\\\n))'
    r"|(?<!\w)'[^'\\\n]*(?:\\.[^'\\\n]*)*(?:'|(?=\n|\Z|\\\Z|\\\n))"
)
_TEMPLATE = r"\{\{-?\s*/\*[\s\S]*?(?:\*/\s*-?\}\}|\Z)|\{\#[\s\S]*?(?:\#\}|\Z)"
_PYTHON_STRINGS = r'"""[\s\S]*?(?:"""|\Z)|' + r"'''[\s\S]*?(?:'''|\Z)|" + _LINE_STRINGS.replace(r"(?<!\w)", "")
_BLOCK = r"/\*[\s\S]*?(?:\*/|\Z)"
# What is meant for us cannot be anything else: by any mark, where a file's name does not tell what its comments look like
# (php-fpm.conf has `;`, HOCON `//`, Erlang `%`, q `/`).
_OURS = r"(?<!\S)(?:;+|//+|%+|/|!+|--)[ \t]*tochain:[^\n]*"
# Each syntax: what to step over, and what a comment is.
_SYNTAXES: dict[str, tuple[str, str]] = {
    "hash": (_LINE_STRINGS, rf"(?<!\S)\#[^\n]*|{_TEMPLATE}|{_OURS}"),
    "python": (_PYTHON_STRINGS, r"\#[^\n]*"),
    "slash": (_LINE_STRINGS + r"|`[^`\\]*(?:\\[\s\S][^`\\]*)*(?:`|\Z|\\\Z)", rf"//[^\n]*|{_BLOCK}"),
    "hcl": (_LINE_STRINGS, rf"\#[^\n]*|//[^\n]*|{_BLOCK}"),
    "ini": (_LINE_STRINGS, rf"(?<!\S)[\#;][^\n]*|{_TEMPLATE}"),
    "properties": (r"\A(?!)", r"(?:(?<=\n)|\A)[ \t]*[\#!][^\n]*"),
    "dash": (_LINE_STRINGS, rf"--[^\n]*|{_BLOCK}"),
    "xml": (r"\A(?!)", rf"<!--[\s\S]*?(?:-->|\Z)|{_OURS}"),
}
_PATTERNS = {
    name: (re.compile(f"(?P<string>{strings})|(?P<comment>{comment})"), re.compile(f"(?P<comment>{comment})"))
    for name, (strings, comment) in _SYNTAXES.items()
}
_ENDINGS = {
    "python": "py rb sh bash pl r",
    "slash": "js mjs cjs ts mts cts jsx tsx go java kt kts cs scala groovy gradle rs c h cpp hpp swift proto"
    " json jsonc json5 prisma jsonnet libsonnet bicep",
    "hcl": "tf tfvars hcl nomad vcl php",
    "ini": "ini cnf cfg service timer socket mount target",
    "properties": "properties",
    "dash": "sql lua hs",
    "xml": "xml config html htm xhtml svg md csproj",
}
_BY_ENDING = {ending: name for name, endings in _ENDINGS.items() for ending in endings.split()}
_TEMPLATE_ENDINGS = {
    ".j2",
    ".jinja",
    ".jinja2",
    ".tpl",
    ".tmpl",
    ".erb",
    ".template",
    ".dist",
    ".example",
    ".in",
    ".sample",
}
_MARKS = re.compile(r"^(?:\{\{-?\s*/\*|\{#|<!--|/\*+|//+|--+|#+|;+|%+|/|!+)\s*|\s*(?:\*/\s*-?\}\}|#\}|-->|\*/)$")


def syntax_of(path: str) -> str:
    """The comment syntax of a file by its name: hash, python, slash, hcl, ini, properties, dash or xml."""
    name = PurePosixPath(path)
    while name.suffix in _TEMPLATE_ENDINGS:
        name = name.with_suffix("")
    return _BY_ENDING.get(name.suffix[1:].lower(), "hash")


def comments(source: SourceFile, syntax: str | None = None) -> list[Word]:
    """Every comment of a file: its text without the marks, and the span of the whole.

    `syntax` is one of those of `syntax_of`, which decides by the file's name when it is not given.
    """
    pattern, comment = _PATTERNS[syntax or syntax_of(source.path)]
    out = []
    for found in pattern.finditer(source.text):
        if found.lastgroup == "comment":
            out.append(_word(source, *found.span()))
        elif len(found[0]) < 2 or found[0][-1] != found[0][0]:
            # A quote that is not closed in its line opens no string, and a comment may follow it.
            later = comment.search(source.text, *found.span())
            if later:
                out.append(_word(source, *later.span()))
    return out


def _word(source: SourceFile, start: int, end: int) -> Word:
    written = source.text[start:end]
    start += len(written) - len(written.lstrip())
    end -= len(written) - len(written.rstrip())
    return Word(_MARKS.sub("", source.text[start:end]).strip(), source.span(start, max(start, end)))
