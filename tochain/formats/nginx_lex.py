"""Tokens of nginx configuration text: statements with offsets, Lua code, and templates blanked out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tochain.model.span import SourceFile, Span

__all__ = [
    "CONTROL_TAG",
    "PLAIN_LEAF",
    "Arg",
    "Statement",
    "first_column",
    "lua_end",
    "mask_templates",
    "next_statement",
]

Complain = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Arg:
    """One argument: its text without quotes, its offsets (quotes included), and whether it was quoted."""

    text: str
    start: int
    end: int
    quoted: bool
    source: SourceFile

    @property
    def span(self) -> Span:
        """Where it stands, quotes included."""
        return self.source.span(self.start, self.end)


@dataclass(slots=True)
class Statement:
    """A name with arguments up to `;`, `{`, `}` or the end of the text, or a lone `}`.

    `next` is where reading goes on, `stop` where the statement ends for people. `chunk` bounds plain arguments that are
    not cut up yet, `args` are those that are. `lines` tells whether it runs over several lines, `lone` marks the `}`.
    """

    kind: str
    name: str
    start: int
    stop: int
    next: int
    chunk: tuple[int, int] | None = None
    args: tuple[Arg, ...] | None = None
    lines: bool = False
    plain: bool = True
    lone: bool = False


_SKIP: Final = r"(?:\s++|\#[^\n]*+)*+"
_PLAIN: Final = r"[^\s;{}\"'\\#$]"
_STATEMENT: Final = re.compile(
    _SKIP + rf"(?:({_PLAIN}++)((?:[^;{{}}\"'\\#$]++|\$(?!\{{))*+)([;{{])|(\}}))",
)
PLAIN_LEAF: Final = re.compile(_SKIP + rf"({_PLAIN}++)(?:[^;{{}}\"'\\#$\n]++|\$(?!\{{))*+;")
"""A directive on one line that ends in `;`, with nothing quoted, escaped or in braces."""
_SKIP_ONLY: Final = re.compile(r"(?:\s++|\#[^\n]*+)*+")
_TOKEN: Final = re.compile(
    r"""
      "(?P<double>(?:[^"\\]++|\\.)*+)"
    | '(?P<single>(?:[^'\\]++|\\.)*+)'
    | (?P<sign>[;{}])
    | (?P<bare>(?!["'])(?:[^\s;{}\\$]++|\\.|\$\{[^}\s]*+\}?|\$)++)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPED: Final = {'"': '\\"', "'": "\\'"}


def next_statement(source: SourceFile, text: str, at: int, end: int, complain: Complain) -> Statement | None:
    """The next statement at or behind an offset; None at the end. `text` is the source with templates blanked out."""
    found = _STATEMENT.match(text, at, end)
    if found is None:
        return _slow(source, text, at, end, complain)
    if found[4]:
        return Statement("}", "", found.end() - 1, found.end(), found.end(), lone=True)
    name, kind = found[1], found[3]
    start, after = found.span(1)
    chunk = found.span(2)
    lines = "\n" in found[2]
    stop = found.end() if kind == ";" else after + len(found[2].rstrip())
    return Statement(kind, name, start, stop, found.end(), chunk, None, lines)


def _slow(source: SourceFile, text: str, at: int, end: int, complain: Complain) -> Statement | None:
    args: list[Arg] = []
    kind = ""
    while True:
        skipped = _SKIP_ONLY.match(text, at, end)
        assert skipped is not None
        at = skipped.end()
        if at >= end:
            break
        found = _TOKEN.match(text, at, end)
        if found is None or _runs_away(text, found, end):
            args.append(_unterminated(source, text, at, end, complain))
            at = args[-1].end
            continue
        at = found.end()
        if found["sign"] is not None:
            kind = found["sign"]
            if args or kind == "}":
                break
            complain(at - 1, at, f'unexpected "{kind}": expected the name of a directive')
            continue
        args.append(_arg(source, text, found, complain, end))
    return _statement(args, kind, at, end, complain)


def _statement(args: list[Arg], kind: str, at: int, end: int, complain: Complain) -> Statement | None:
    if not args:
        return Statement("}", "", at - 1, at, at, lone=True) if kind == "}" else None
    name, rest = args[0], tuple(args[1:])
    stop = at if kind == ";" else args[-1].end
    if kind == "":
        complain(name.start, args[-1].end, f'{name.text} is cut off: expected ";" or "{{" before the end of the file')
        if args[-1].end >= end:
            return None
    # A `}` in place of `;` ends the directive and is read again as the end of the block.
    after = args[-1].end if kind == "}" else at
    lines = bool(rest)
    return Statement(kind, name.text, name.start, stop, after, None, rest, lines, plain=False)


def _arg(source: SourceFile, text: str, found: re.Match[str], complain: Complain, end: int) -> Arg:
    start, stop = found.span()
    if found["bare"] is not None:
        return Arg(source.text[start:stop], start, stop, False, source)
    quote = text[start]
    inside = source.text[start + 1 : stop - 1].replace(_ESCAPED[quote], quote)
    if stop < end and not text[stop].isspace() and text[stop] not in ";{})":
        complain(stop, stop + 1, f'unexpected {text[stop]!r} behind a closing quote; expected white space, ";" or "{{"')
    return Arg(inside, start, stop, True, source)


def _runs_away(text: str, found: re.Match[str], end: int) -> bool:
    """Whether a quoted text most likely lacks its closing quote: it runs over lines and ends inside a word."""
    start, stop = found.span()
    if text[start] not in "\"'" or "\n" not in text[start:stop]:
        return False
    return stop < end and not text[stop].isspace() and text[stop] not in ";{})"


def _unterminated(source: SourceFile, text: str, at: int, end: int, complain: Complain) -> Arg:
    """The rest of the line as an argument, for a quote nobody closed (or a lone backslash at the very end)."""
    quote = text[at]
    stop = text.find("\n", at, end)
    stop = end if stop == -1 else stop
    line = text[at:stop].rstrip()
    if line.endswith((";", "{")) and len(line) > 1:
        line = line[:-1].rstrip()
    stop = at + max(len(line), 1)
    complain(at, at + 1, f"expected a closing {quote} for the quote opened here")
    return Arg(source.text[at + 1 : stop], at, stop, True, source)


_LUA: Final = re.compile(
    r"""
      (?P<long>(?:--)?\[(?P<level>=*+)\[)
    | --[^\n]*+
    | "(?:[^"\\\n]++|\\.)*+"
    | '(?:[^'\\\n]++|\\.)*+'
    | (?P<brace>[{}])
    """,
    re.VERBOSE | re.DOTALL,
)


def lua_end(text: str, at: int, end: int) -> int | None:
    """The offset of the `}` that ends Lua code beginning at `at`; None when there is none."""
    depth = 1
    while (found := _LUA.search(text, at, end)) is not None:
        at = found.end()
        if found["long"]:
            close = text.find(f"]{found['level']}]", at, end)
            if close == -1:
                return None
            at = close + len(found["level"]) + 2
        elif found["brace"]:
            depth += 1 if found["brace"] == "{" else -1
            if depth == 0:
                return found.start()
    return None


_OPENER: Final = re.compile(r"\{\{|\{%|<%|\{#|(?<!\$)\{(?=[A-Z][A-Z0-9_]*\})")
_CLOSER: Final = {"{{": "}}", "{%": "%}", "<%": "%>", "{#": "#}", "{": "}"}
CONTROL_TAG: Final = re.compile(
    r"\{%|\{#|<%(?![=])|\{\{-?\s*(?:/\*|(?:if|else|end|range|with|define|template|block|include|comment|tpl)\b|\$\w+\s*:?=)"
)
_VISIBLE: Final = re.compile(r"[^\n]")
_FILLED: Final = "\ue000"


def mask_templates(source: SourceFile, start: int, end: int) -> tuple[str, Span | None]:
    """The text with template tags blanked out at equal length, and the place of the first tag (None: no template).

    A tag that stands for a value becomes one word; a control tag, or one alone on its line, becomes white space. Lua
    tables look like tags, so in a file with Lua code only control tags prove it a template.
    """
    text = source.text
    if not _OPENER.search(text, start, end) or ("_by_lua_block" in text and not CONTROL_TAG.search(text, start, end)):
        return text, None
    tags = _tags(text, start, end)
    if not tags:
        return text, None
    pieces, at = [], 0
    for first, last in tags:
        pieces += [text[at:first], _blank(text, first, last)]
        at = last
    return "".join(pieces) + text[at:], source.span(*tags[0])


def _tags(text: str, start: int, end: int) -> list[tuple[int, int]]:
    found, at = [], start
    unclosed: set[str] = set()
    while (opener := _OPENER.search(text, at, end)) is not None:
        at = opener.end()
        close = -1 if opener[0] in unclosed else text.find(_CLOSER[opener[0]], at, end)
        if close == -1:
            unclosed.add(opener[0])
            continue
        at = close + len(_CLOSER[opener[0]])
        found.append((opener.start(), at))
    return found


def _blank(text: str, start: int, end: int) -> str:
    tag = text[start:end]
    if CONTROL_TAG.match(tag) or (tag[1] in "{%#" and _alone(text, start, end)):
        return _VISIBLE.sub(" ", tag)
    return _FILLED * len(tag)


def _alone(text: str, start: int, end: int) -> bool:
    while end < len(text) and text[end] in " \t\r":
        end += 1
    return first_column(text, start) > 0 and (end == len(text) or text[end] == "\n")


def first_column(text: str, at: int) -> int:
    """The column of an offset when nothing but white space stands before it on its line, else 0."""
    before = at - 1
    while before >= 0 and text[before] in " \t\ufeff":
        before -= 1
    return at - before if before < 0 or text[before] == "\n" else 0
