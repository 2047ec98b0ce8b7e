"""Lines of a Caddyfile with imports followed: snippets, files, named routes, their arguments, environment variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import PurePosixPath
from posixpath import normpath

from tochain.formats.caddyfile import Caddyfile, Directive, Site, Token, parse
from tochain.model.component import Workload
from tochain.model.span import Span
from tochain.products.base import Context

__all__ = ["MAX_LINES", "NOTHING", "Line", "Reader", "filled"]

MAX_DEPTH = 20
MAX_LINES = 50_000
"""How many lines the imports of one file may add up to."""
_PATHS = frozenset({"handle", "handle_path", "route"})
_ARGUMENT = re.compile(r"\{args(?:\[(\d+)\]|\.(\d+))\}")
_VARIABLE = re.compile(r"\{\$(\w+)(?::([^{}]*))?\}|\{env\.(\w+)\}")


@dataclass(frozen=True, slots=True)
class Given:
    """What an import gave its snippet: arguments, the block for `{block}`, and how deep imports are."""

    args: tuple[str, ...] = ()
    block: tuple[Directive, ...] = ()
    outer: Given | None = None
    depth: int = 0


NOTHING = Given()


@dataclass(frozen=True, slots=True)
class Line:
    """One line after imports: its words with arguments filled in, and the block it opens."""

    words: tuple[Token, ...]
    block: tuple[Directive, ...] | None
    given: Given

    @property
    def name(self) -> str:
        """The first word."""
        return self.words[0].text

    @property
    def args(self) -> tuple[Token, ...]:
        """The words after the first."""
        return self.words[1:]


@dataclass(slots=True)
class Reader:
    """A Caddyfile and what it imports."""

    ctx: Context
    path: str
    snippets: dict[str, Site] = field(default_factory=dict)
    routes: dict[str, Site] = field(default_factory=dict)
    imported: set[str] = field(default_factory=set)
    left: int = MAX_LINES
    quiet: bool = False

    def _problem(self, span: Span, message: str) -> None:
        if not self.quiet:
            self.ctx.problem(span, message)

    def sites(self, tree: Caddyfile) -> list[Site]:
        """Site and global blocks in order, with those of imported files; snippets are kept for later."""
        found: list[Site] = []
        waiting = [(tree, self.path, 0)]
        while waiting:
            tree, path, depth = waiting.pop()
            for message, span in tree.problems:
                self._problem(span, message)
            for site in tree.sites:
                if site.kind == "snippet":
                    self.snippets.setdefault(site.name, site)
                elif site.kind == "route":
                    self.routes.setdefault(site.name, site)
                else:
                    found.append(site)
            for line in tree.imports:
                for other in self._files(line.args[:1], path) if depth < MAX_DEPTH else ():
                    waiting.append((self._tree(other), other, depth + 1))
        return found

    def walk(self, block: tuple[Directive, ...] | list[Directive]) -> Iterator[tuple[Line, str]]:
        """Every line below with the path of the handle around it, imports followed, by a stack and not by recursion."""
        stack: list[tuple[Iterator[Line], str]] = [(self.lines(tuple(block), NOTHING), "")]
        while stack:
            lines, path = stack[-1]
            line = next(lines, None)
            if line is None:
                stack.pop()
                continue
            yield line, path
            if line.block is not None:
                own = line.args[0].text if line.name in _PATHS and line.args else path
                stack.append((self.lines(line.block, line.given), own))
            route = self.routes.get(line.args[0].text) if line.name == "invoke" and line.args else None
            if route is not None and line.given.depth < MAX_DEPTH:
                stack.append((self.lines(tuple(route.body), Given(depth=line.given.depth + 1)), path))

    def inside(self, line: Line) -> Iterator[Line]:
        """The lines of the block a line opens, imports followed."""
        return self.lines(line.block or (), line.given)

    def lines(self, block: tuple[Directive, ...], given: Given) -> Iterator[Line]:
        """The lines of one block, imports replaced by what they import."""
        stack = [(iter(block), given)]
        while stack:
            directive = next(stack[-1][0], None)
            if directive is None:
                stack.pop()
                continue
            given = stack[-1][1]
            self.left -= 1
            if self.left < 0:
                return
            if directive.name == "import" and directive.args:
                stack += self._import(directive, given)
            elif directive.name == "{block}" and given.outer is not None:
                stack.append((iter(given.block), given.outer))
            else:
                words = tuple(_with(word, given.args) for word in directive.words)
                yield Line(words, None if directive.block is None else tuple(directive.block), given)

    def _import(self, line: Directive, given: Given) -> list[tuple[Iterator[Directive], Given]]:
        if given.depth >= MAX_DEPTH:
            self._problem(line.span, "imports go in a circle or too deep")
            return []
        name = _with(line.args[0], given.args).text
        args = tuple(_with(word, given.args).text for word in line.args[1:])
        inner = Given(args, tuple(line.block or ()), given, given.depth + 1)
        if name in self.snippets:
            return [(iter(self.snippets[name].body), inner)]
        files = self._files([line.args[0]], line.span.path)
        if not files and not any(mark in name for mark in "*?{"):
            self._problem(line.span, f"no snippet and no file {name!r} to import")
        return [(iter(_everything(self._tree(path))), inner) for path in reversed(files)]

    def _files(self, words: list[Token], path: str) -> list[str]:
        """The files a pattern names, relative to the file it stands in; absolute ones by where they end."""
        if not words:
            return []
        pattern = words[0].text
        if pattern.startswith("/"):
            # Where the file stands on the host is not known; its folder and name are.
            wanted = "*/" + "/".join(pattern.rsplit("/", 2)[-2:]).lstrip("/")
        else:
            wanted = "/" + normpath(PurePosixPath(path).parent / pattern)
        found = sorted(other for other in self.ctx.paths() if fnmatch("/" + other, wanted))
        found = [other for other in found if other != path]
        self.imported.update(found)
        return found

    def _tree(self, path: str) -> Caddyfile:
        source = self.ctx.file(path)
        if source is None:
            return Caddyfile()
        if not self.quiet:
            self.ctx.understood(path)
        return self.ctx.parsed(source, parse)


def _everything(tree: Caddyfile) -> list[Directive]:
    """The lines of a file that is imported into a block: what looks like a site there is a line."""
    lines: list[Directive] = list(tree.imports)
    for site in tree.sites:
        if site.bare:
            lines += [Directive(site.keys), *site.body]
        elif site.kind == "site":
            lines.append(Directive(site.keys, site.body))
    return lines


def _with(word: Token, args: tuple[str, ...]) -> Token:
    if "{args" not in word.text:
        return word

    def value(found: re.Match[str]) -> str:
        at = int(found[1] or found[2])
        return args[at] if at < len(args) else ""

    return Token(_ARGUMENT.sub(value, word.text), word.span, word.quoted)


def filled(text: str, owner: Workload | None) -> str:
    """A text with its environment variables: the workload's value, else the default; what has neither stays."""

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[3]
        if owner is not None and name in owner.env:
            return owner.env[name].text
        return found[2] if found[2] is not None else found[0]

    return _VARIABLE.sub(value, text)
