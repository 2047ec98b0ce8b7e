"""Which files belong to one httpd: includes followed, conditions opened, variables put in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from posixpath import dirname, join, normpath

from tochain.formats.apache import Apache, Arg, Directive, parse
from tochain.formats.template import NOTE
from tochain.model.span import Span
from tochain.products.base import Context

__all__ = ["Server", "roots"]

_HOMES = (
    "/etc/apache2", "/etc/httpd", "/usr/local/apache2", "/usr/local/apache2/conf", "/etc/httpd/conf",
    "/opt/bitnami/apache", "/opt/bitnami/apache/conf", "/usr/local/etc/apache24", "/usr/local/etc/httpd",
)  # fmt: skip
"""Where packages and images keep httpd's configuration."""

_WRAPPERS = frozenset(
    {"ifmodule", "ifdefine", "ifversion", "iffile", "ifdirective", "ifsection", "requireall", "requireany"}
)
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_WILD = re.compile(r"[*?\[]")
_MOST_INCLUDES = 20_000


@dataclass(slots=True)
class Server:
    """One httpd: its main file, the files it includes, its variables and the modules it loads."""

    ctx: Context
    main: str
    paths: list[str]
    mounts: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    files: dict[str, None] = field(default_factory=dict)
    root: str = ""
    count: int = 0

    def directives(self) -> Iterator[Directive]:
        """Every directive of the main server in order, includes and conditions opened; sections keep their blocks."""
        tree = self._open(self.main)
        return iter(()) if tree is None else self.inside(tree.directives, (self.main,))

    def inside(self, block: list[Directive], chain: tuple[str, ...] = ()) -> Iterator[Directive]:
        """The directives of a block in order, opened likewise; without recursion."""
        work: list[tuple[Iterator[Directive], tuple[str, ...]]] = [(iter(block), chain)]
        while work:
            rest, chain = work[-1]
            directive = next(rest, None)
            if directive is None:
                work.pop()
            elif directive.low in ("include", "includeoptional") and directive.block is None:
                work += reversed(
                    [(iter(tree.directives), (*chain, path)) for path, tree in self._included(directive, chain)]
                )
            elif directive.low in _WRAPPERS and directive.block is not None:
                if self._holds(directive):
                    work.append((iter(directive.block), chain))
            else:
                self._note(directive)
                yield self._filled(directive)

    def _note(self, directive: Directive) -> None:
        match directive.low, directive.texts:
            case "define", (name, *value):
                self.variables[name] = value[0] if value else ""
            case "undefine", (name, *_):
                self.variables.pop(name, None)
            case "loadmodule", (name, *_):
                self.modules.add(name.lower())
            case "serverroot", (path, *_):
                self.root = path

    def _filled(self, directive: Directive) -> Directive:
        if not any("${" in arg.text for arg in directive.args):
            return directive
        args = tuple(Arg(self._text(arg.text), arg.span) for arg in directive.args)
        return replace(directive, args=args)

    def _text(self, text: str) -> str:
        return _VARIABLE.sub(lambda found: self.variables.get(found[1], found[0]), text)

    def _holds(self, section: Directive) -> bool:
        """Whether a conditional section is in force; a module that is asked for is taken to be there."""
        test = section.texts[0] if section.args else ""
        wanted = not test.startswith("!")
        match section.low:
            case "ifmodule":
                return self._module(test.lstrip("!"), wanted)
            case "ifdefine":
                return (test.lstrip("!") in self.variables) == wanted
            case "ifversion":
                return _version(section.texts)
            case _:
                return wanted

    def _module(self, name: str, wanted: bool) -> bool:
        """An MPM is the one that is loaded, where that is known; of any other module the positive branch counts."""
        plain = name.lower().removesuffix(".c").removeprefix("mod_").removesuffix("_module")
        mpms = {module for module in self.modules if module.startswith("mpm_")}
        if plain.startswith(("mpm_", "prefork", "worker", "event")) and mpms:
            loaded = f"mpm_{plain.removeprefix('mpm_')}_module" in mpms
            return loaded == wanted
        return wanted

    def _open(self, path: str) -> Apache | None:
        source = self.ctx.file(path)
        if source is None:
            return None
        tree = self.ctx.parsed(source, parse)
        if path not in self.files:
            self.files[path] = None
            self.ctx.understood(path)
            if tree.template is not None:
                self.ctx.problem(tree.template, NOTE)
            for message, span in tree.problems:
                self.ctx.problem(span, message)
        return tree

    def _included(self, directive: Directive, chain: tuple[str, ...]) -> Iterator[tuple[str, Apache]]:
        if not directive.args:
            self.ctx.problem(directive.span, f"{directive.name} names no file")
            return
        pattern = self._text(directive.texts[0])
        found = self.matches(pattern)
        if not found and directive.low == "include":
            self._missing(pattern, directive.span)
        for path in found:
            self.count += 1
            if path in chain:
                self.ctx.problem(directive.span, f"include loop: {' -> '.join([*chain, path])}")
            elif self.count > _MOST_INCLUDES:
                self.ctx.problem(directive.span, f"more than {_MOST_INCLUDES} includes; the rest is not read")
                return
            elif (tree := self._open(path)) is not None:
                yield path, tree

    def matches(self, pattern: str) -> list[str]:
        """The paths in the repository an include means, in byte order."""
        for wanted in self._candidates(pattern):
            found = self._hits(wanted)
            if found:
                return found
        return []

    def _hits(self, wanted: str) -> list[str]:
        if not _WILD.search(wanted):
            if wanted in self.paths or self.ctx.file(wanted) is not None:
                return [wanted]
            wanted = f"{wanted.rstrip('/')}/*"
        parts = wanted.count("/")
        return sorted(path for path in self.paths if path.count("/") == parts and fnmatchcase(path, wanted))

    def _candidates(self, pattern: str) -> Iterator[str]:
        folder = dirname(self.main)
        inside = pattern if pattern.startswith("/") else join(self.root or self._home(), pattern)
        inside = normpath(inside)
        for source, target in self.mounts.items():
            if inside.startswith(target.rstrip("/") + "/"):
                yield normpath(join(source, inside[len(target.rstrip("/")) + 1 :]))
            elif inside == target:
                yield source
        if not pattern.startswith("/"):
            yield normpath(join(folder, pattern))
            yield normpath(join(dirname(folder), pattern))
        for home in (self.root, *_HOMES):
            if home and inside.startswith(home.rstrip("/") + "/"):
                yield normpath(join(folder, inside[len(home.rstrip("/")) + 1 :]))
        yield inside

    def _home(self) -> str:
        return next((dirname(target) for source, target in self.mounts.items() if source == self.main), _HOMES[0])

    def _missing(self, pattern: str, span: Span) -> None:
        if "$" in pattern or "{{" in pattern:
            self.ctx.problem(span, f"include of {pattern}: the name is filled in later")
        elif not _WILD.search(pattern):
            self.ctx.problem(span, f"include of {pattern}: it was not found in the given folders")


def _version(texts: tuple[str, ...]) -> bool:
    """`<IfVersion op number>` as every 2.4 answers it."""
    op, number = texts if len(texts) == 2 else ("=", texts[0] if texts else "")
    found = [int(part) for part in re.findall(r"\d{1,6}", number)[:2]]
    holds = {
        ">=": found <= [2, 4],
        ">": found < [2, 4, 99],
        "<": found > [2, 4],
        "<=": found >= [2, 4],
        "=": found == [2, 4],
    }
    return holds.get(op.lstrip("!"), True) != op.startswith("!")


def roots(ctx: Context, mounts: Callable[[str], dict[str, str]]) -> list[str]:
    """The files that no other file includes: each is a configuration of its own."""
    paths = list(ctx.paths())
    included: set[str] = set()
    for source in ctx.files:
        server = Server(ctx, source.path, paths, mounts(source.path))
        tree = ctx.parsed(source, parse)
        for directive in _everything(tree.directives):
            if directive.low == "serverroot" and directive.args:
                server.root = directive.texts[0]
            if directive.low in ("include", "includeoptional") and directive.args:
                included.update(path for path in server.matches(directive.texts[0]) if path != source.path)
    return [source.path for source in ctx.files if source.path not in included] or [s.path for s in ctx.files[:1]]


def _everything(block: list[Directive]) -> Iterator[Directive]:
    stack = [iter(block)]
    while stack:
        directive = next(stack[-1], None)
        if directive is None:
            stack.pop()
            continue
        yield directive
        if directive.block:
            stack.append(iter(directive.block))
