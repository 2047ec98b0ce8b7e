"""nginx configuration text to a tree of directives that know their places.

A regular expression reads a plain directive in one go; quotes, escapes, `${..}` and comments between arguments take
the slower road token by token. Broken text loses as little as possible: each fault is a problem with its place and
with what was expected, and reading goes on behind it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

from tochain.formats.nginx_lex import (
    CONTROL_TAG,
    PLAIN_LEAF,
    Arg,
    Statement,
    first_column,
    lua_end,
    mask_templates,
    next_statement,
)
from tochain.formats.nginx_repair import cut, suspect
from tochain.formats.nginx_table import BLOCK_HOMES, FREE_BLOCKS, is_leaf, is_lua_block
from tochain.model.coverage import Problem, Status
from tochain.model.span import SourceFile, Span

__all__ = ["DUMP_HEADER", "Arg", "Directive", "NginxFile", "parse"]

DUMP_HEADER = re.compile(r"^# configuration file (\S+):[ \t]*\r?$", re.MULTILINE)
"""What `nginx -T` prints before each file."""


_MOST_PROBLEMS = 200


class Directive:
    """One directive: its name, arguments, place, and the directives of its block (None: it has no block).

    `span` runs from the name to the closing `;`, that of a block to its last argument.
    """

    __slots__ = ("_args", "_chunk", "block", "end", "name", "source", "start")

    def __init__(
        self,
        name: str,
        source: SourceFile,
        start: int,
        end: int,
        chunk: tuple[int, int] | None,
        args: tuple[Arg, ...] | None,
    ) -> None:
        self.name = name
        self.source = source
        self.start = start
        self.end = end
        self.block: list[Directive] | None = None
        self._chunk = chunk
        self._args = args

    @property
    def args(self) -> tuple[Arg, ...]:
        """The arguments, cut out of the text when first asked for."""
        if self._args is None:
            assert self._chunk is not None
            self._args = plain_args(self.source, self.source.text, *self._chunk)
        return self._args

    @property
    def texts(self) -> tuple[str, ...]:
        """The arguments' texts, quotes removed."""
        if self._args is None:
            assert self._chunk is not None
            return tuple(self.source.text[self._chunk[0] : self._chunk[1]].split())
        return tuple(arg.text for arg in self._args)

    @property
    def alternatives(self) -> bool:
        """Whether a template chooses between the arguments: `proxy_buffering {{if .On}}on{{else}}off{{end}};`."""
        return CONTROL_TAG.search(self.source.text, self.start, self.end) is not None

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.source.span(self.start, self.end)

    def __repr__(self) -> str:
        return f"Directive({self.name!r}, {self.texts!r}, {self.span})"


def plain_args(source: SourceFile, text: str, start: int, end: int) -> tuple[Arg, ...]:
    """The arguments in a stretch without quotes, escapes or comments; `text` has templates blanked out."""
    places = (found.span() for found in _WORD.finditer(text, start, end))
    return tuple(Arg(source.text[first:last], first, last, False, source) for first, last in places)


_WORD = re.compile(r"\S+")


@dataclass(slots=True)
class NginxFile:
    """What one file holds: its directives, what could not be read, and the files of an `nginx -T` dump by path."""

    directives: list[Directive] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    parts: dict[str, list[Directive]] = field(default_factory=dict)


def parse(source: SourceFile) -> NginxFile:
    """Reads a whole file; never raises, what is wrong is in `problems`.

    The output of `nginx -T` is cut at its "# configuration file" headers; `directives` are then those of the first
    file, `parts` holds all of them.
    """
    headers = list(DUMP_HEADER.finditer(source.text))
    if not headers:
        return _parse(source, 0, len(source.text))
    out = NginxFile()
    ends = [header.start() for header in headers[1:]] + [len(source.text)]
    for header, end in zip(headers, ends, strict=True):
        part = _parse(source, header.end(), end)
        out.parts.setdefault(header[1], []).extend(part.directives)
        out.problems += part.problems
    out.directives = out.parts[headers[0][1]]
    return out


def _parse(source: SourceFile, start: int, end: int) -> NginxFile:
    text, templated = mask_templates(source, start, end)
    reader = _Reader(source, text, start, end, careful=False)
    reader.run()
    if reader.stack:
        # A brace is missing somewhere. Read again, closing blocks where the next line cannot stand inside them.
        reader = _Reader(source, text, start, end, careful=True)
        reader.run()
    problems = sorted(dict.fromkeys(reader.problems), key=lambda p: (p.span.start, p.message))
    if len(problems) > _MOST_PROBLEMS:
        more = f"and {len(problems) - _MOST_PROBLEMS} more faults in this file"
        problems[_MOST_PROBLEMS:] = [replace(problems[_MOST_PROBLEMS], message=more)]
    if templated:
        problems = [replace(problem, status="partly") for problem in problems]
        problems.insert(0, Problem("a template: what it fills in later is not known", templated, "partly"))
    return NginxFile(reader.top, problems)


@dataclass(slots=True)
class _Open:
    """A block that is being read; `column` is that of its name when it stands first on its line, else 0."""

    directive: Directive
    brace: int
    column: int
    indents: bool | None = None


class _Reader:
    """One pass over a text. With `careful` blocks nobody closed end where indentation or the next block says so."""

    def __init__(self, source: SourceFile, text: str, start: int, end: int, careful: bool) -> None:
        self.source = source
        self.text = text
        self.at = start + (text[start : start + 1] == "\ufeff")
        self.end = end
        self.careful = careful
        self.top: list[Directive] = []
        self.into = self.top
        self.stack: list[_Open] = []
        self.problems: list[Problem] = []

    def run(self) -> None:
        """Reads to the end of the text."""
        while True:
            if not self.careful and self.text is self.source.text:
                self._plain_leaves()
            statement = next_statement(self.source, self.text, self.at, self.end, self.problem)
            if statement is None:
                break
            self._take(statement)
        for block in self.stack:
            self.problem(
                block.brace,
                block.brace + 1,
                f'"{{" of {block.directive.name} is never closed; expected "}}" before the end of the file',
            )

    def _plain_leaves(self) -> None:
        """The bulk of any file: directives on one line, ended by `;`, nothing quoted. Stops before anything else."""
        match, text, end, source, raw = PLAIN_LEAF.match, self.text, self.end, self.source, self.source.text
        at, into = self.at, self.into
        while (found := match(text, at, end)) is not None:
            start, after = found.span(1)
            at = found.end()
            into.append(Directive(raw[start:after], source, start, at, (after, at - 1), None))
        self.at = at

    def _take(self, statement: Statement) -> None:
        self.at = statement.next
        if statement.lone:
            self._close(statement.start)
        else:
            self._statement(statement)

    def problem(self, start: int, end: int, message: str, status: Status = "failed") -> None:
        """Notes what is wrong between two offsets."""
        self.problems.append(Problem(message, self.source.span(start, end), status))

    def _statement(self, found: Statement) -> None:
        """Takes a statement, or the several it turns out to be where a `;` is missing."""
        inside = self.stack[-1].directive.name if self.stack else ""
        if inside in FREE_BLOCKS or not suspect(found):
            self._directive(found)
            return
        args = found.args if found.args is not None else plain_args(self.source, self.text, *found.chunk or (0, 0))
        pieces = cut(found, args, self._first_column)
        for piece, behind in pairwise(pieces):
            told = f'expected ";" after {piece.name}, got {behind.name} on the next line'
            self.problem(piece.stop, piece.stop + 1, told)
            self._directive(piece)
        last = pieces[-1]
        if last.kind == "{" and is_leaf(last.name):
            self.problem(last.next - 1, last.next, f'{last.name} has no block; expected ";" after it')
        self._directive(last)

    def _directive(self, found: Statement) -> None:
        if self.careful and self.stack:
            self._close_before(found)
        text = self.source.text
        name = text[found.start : found.start + len(found.name)] if found.plain else found.name
        if found.chunk is not None and self.text is not self.source.text:
            found.args = plain_args(self.source, self.text, *found.chunk)
        made = Directive(name, self.source, found.start, found.stop, found.chunk, found.args)
        self.into.append(made)
        if found.kind == "{":
            self._open(made, found)
        elif found.kind == "}":
            self.problem(found.stop, found.stop + 1, f'expected ";" after {name} before "}}"')

    def _open(self, made: Directive, found: Statement) -> None:
        brace = found.next - 1
        if is_lua_block(made.name):
            stop = lua_end(self.source.text, found.next, self.end)
            if stop is None:
                self.problem(brace, brace + 1, f'"{{" of {made.name} is never closed; expected "}}" after its Lua code')
                stop = self.end
            code = Arg(self.source.text[found.next : stop], found.next, stop, True, self.source)
            made._args = (*made.args, code)
            self.at = min(stop + 1, self.end)
            return
        made.block = []
        self.stack.append(_Open(made, brace, self._first_column(found.start)))
        self.into = made.block

    def _close(self, at: int) -> None:
        if self.careful and self.stack:
            column = self._first_column(at)
            if column and any(block.column == column for block in self.stack):
                while self.stack[-1].column > column:
                    self._force(at)
        if not self.stack:
            self.problem(at, at + 1, 'unexpected "}": no block is open here')
            return
        self._pop()

    def _pop(self) -> None:
        self.stack.pop()
        block = self.stack[-1].directive.block if self.stack else self.top
        assert block is not None
        self.into = block

    def _force(self, at: int) -> None:
        block = self.stack[-1]
        line = self.source.pos(at).line
        self.problem(
            block.brace,
            block.brace + 1,
            f'"{{" of {block.directive.name} is not closed; expected "}}" before line {line}',
        )
        self._pop()

    def _close_before(self, found: Statement) -> None:
        column = self._first_column(found.start)
        if column and self.stack[-1].indents is None:
            self.stack[-1].indents = column > self.stack[-1].column > 0
        while self.stack and column and self.stack[-1].indents and column <= self.stack[-1].column:
            self._force(found.start)
        homes = BLOCK_HOMES.get(found.name) if found.kind == "{" else None
        while homes is not None and self.stack and self.stack[-1].directive.name not in homes:
            self._force(found.start)

    def _first_column(self, at: int) -> int:
        """The column of an offset when nothing but white space stands before it on its line, else 0."""
        return first_column(self.source.text, at)
