"""Which files belong to one nginx: includes followed the way nginx does, but never out of the given folders."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from posixpath import dirname, join, normpath
from typing import Final

from tochain.formats.nginx import Directive, NginxFile, parse
from tochain.model.span import SourceFile
from tochain.products.base import Context
from tochain.products.nginx.levels import FILLED

__all__ = ["Includes", "Paths", "Segment"]

_HOMES: Final = (
    "/etc/nginx", "/usr/local/openresty/nginx/conf", "/usr/local/nginx/conf", "/usr/local/etc/nginx", "/opt/nginx/conf",
    "/opt/bitnami/nginx/conf", "/etc/openresty", "/opt/homebrew/etc/nginx", "/etc/angie",
)  # fmt: skip
"""Where packages and images keep nginx's configuration: the folder of the main file plays this part."""

_SHIPPED: Final = re.compile(
    r"(?:^|/)(?:mime\.types|\w+_params|proxy\.conf|fastcgi\.conf|fastcgi-php\.conf|koi-\w+|win-utf|modules-enabled/.*|modules/.*"
    r"|options-ssl-nginx\.conf|ssl-dhparams\.pem|default\.d/\*\.conf|uwsgi_param)$"
)
"""Files that come with nginx's packages, or certbot, and say nothing of timers: seldom in a repository."""

_WILD: Final = re.compile(r"[*?\[]")
_MOST_INCLUDES: Final = 20_000

Segment = tuple[list[Directive], tuple[str, ...]]
"""Directives that stand next to one another, and the files through which they were reached, outermost first."""


class Paths:
    """The paths of a run, for globs."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._names: dict[str, list[str]] = defaultdict(list)
        self._all: set[str] = set(paths)
        for path in self._all:
            self._names[dirname(path)].append(path)

    def __contains__(self, path: str) -> bool:
        return path in self._all

    def glob(self, pattern: str) -> list[str]:
        """The paths a pattern means, sorted byte by byte as glob(3) does; `*` stays within one folder."""
        if not _WILD.search(pattern):
            return [pattern] if pattern in self._all else []
        folder, name = dirname(pattern), PurePosixPath(pattern).name
        folders = [folder] if not _WILD.search(folder) else [f for f in self._names if _same(f, folder)]
        return sorted(p for f in folders for p in self._names.get(f, ()) if _fits(PurePosixPath(p).name, name))


def _same(folder: str, pattern: str) -> bool:
    parts, wanted = folder.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(_fits(p, w) for p, w in zip(parts, wanted, strict=True))


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) and (not name.startswith(".") or pattern.startswith("."))


@dataclass(slots=True)
class Includes:
    """The files of one main file (or one dump): expands `include` and says what was not found.

    `inside` are files that manifests carry, by the path that mounts call them. `loose` tells that `main` is a file some
    unknown main file includes, so paths may be relative to any folder above.
    """

    ctx: Context
    paths: Paths
    inside: dict[str, SourceFile]
    main: str
    mounts: dict[str, str] = field(default_factory=dict)
    parts: dict[str, list[Directive]] = field(default_factory=dict)
    loose: bool = False
    used: set[str] = field(default_factory=set)
    count: int = 0

    def flat(self, block: list[Directive], chain: tuple[str, ...]) -> list[Segment]:
        """The directives of a block with every include replaced by what it brings, in order."""
        if not any(d.name == "include" for d in block):
            return [(block, chain)]
        done: list[Segment] = []
        work: list[tuple[Iterator[Directive], tuple[str, ...]]] = [(iter(block), chain)]
        while work:
            rest, chain = work[-1]
            directive = next(rest, None)
            if directive is None:
                work.pop()
            elif directive.name == "include" and directive.block is None:
                work.extend(reversed(list(self._brought(directive, chain))))
            elif done and done[-1][1] is chain:
                done[-1][0].append(directive)
            else:
                done.append(([directive], chain))
        return done

    def _brought(
        self, directive: Directive, chain: tuple[str, ...]
    ) -> Iterator[tuple[Iterator[Directive], tuple[str, ...]]]:
        if not directive.texts:
            self.ctx.problem(directive.span, "include names no file")
            return
        pattern = directive.texts[0]
        found = self._parts(pattern) if self.parts else self._files(pattern)
        if not found:
            self._missing(directive, pattern)
        for path in found:
            if path in chain:
                loop = " -> ".join([*chain[chain.index(path) :], path])
                self.ctx.problem(directive.span, f"include loop: {loop}")
                continue
            self.count += 1
            if self.count > _MOST_INCLUDES:
                self.ctx.problem(directive.span, f"more than {_MOST_INCLUDES} includes; the rest is not read")
                return
            directives = self._open(path, directive)
            if directives is not None:
                yield iter(directives), (*chain, path)

    def _open(self, path: str, directive: Directive) -> list[Directive] | None:
        if self.parts:
            return self.parts[path]
        carried = self.inside.get(path)
        source = carried or self.ctx.file(path)
        if source is None:
            self.ctx.problem(directive.span, f"the included file {path} cannot be read")
            return None
        self.used.add(path)
        tree: NginxFile = parse(source) if carried else self.ctx.parsed(source, parse)
        return tree.directives

    def _parts(self, pattern: str) -> list[str]:
        wanted = normpath(join(dirname(next(iter(self.parts))), pattern))
        return sorted(p for p in self.parts if p == wanted or (_WILD.search(wanted) and _same(p, wanted)))

    def _files(self, pattern: str) -> list[str]:
        folder = dirname(self.main)
        inside = normpath(pattern if pattern.startswith("/") else join(self._home(), pattern))
        mounted = [path for wanted in self._mounted(inside) for path in self._hits(wanted)]
        if mounted:
            return list(dict.fromkeys(mounted))
        for at in self._folders(folder):
            beside = self._beside(at, inside) if pattern.startswith("/") else iter([normpath(join(at, pattern))])
            found = next((hits for wanted in beside if (hits := self._hits(wanted))), None)
            if found:
                return found
        return []

    def _folders(self, folder: str) -> Iterator[str]:
        yield folder
        # The folder above the topmost is itself, of a relative path as of an absolute one.
        while self.loose and (above := dirname(folder)) != folder:
            folder = above
            yield folder

    def _hits(self, wanted: str) -> list[str]:
        found = self.paths.glob(wanted)
        if not found and not _WILD.search(wanted) and self.ctx.file(wanted) is not None:
            return [wanted]
        return found

    def _beside(self, folder: str, inside: str) -> Iterator[str]:
        """The paths in the repository an absolute include may mean, the surest first."""
        yield inside
        for home in _HOMES:
            if inside.startswith(home + "/"):
                yield normpath(join(folder, inside[len(home) + 1 :]))
        root = folder.removesuffix("etc/nginx")
        if root != folder:
            yield normpath(join(root, inside.lstrip("/")))
        if inside.startswith("/etc/nginx/conf.d/"):
            yield normpath(join(folder, "templates", inside[len("/etc/nginx/conf.d/") :] + ".template"))

    def _home(self) -> str:
        for source, target in self.mounts.items():
            if self.main == source:
                return dirname(target)
        return _HOMES[0]

    def _mounted(self, inside: str) -> Iterator[str]:
        for source, target in self.mounts.items():
            target = _rendered(target.rstrip("/"))
            if source in self.paths:
                if _same(target, inside):
                    yield source
            elif inside.startswith(target + "/"):
                yield normpath(join(source, inside[len(target) + 1 :]))
            elif target == "/etc/nginx/templates" and inside.startswith("/etc/nginx/conf.d/"):
                yield normpath(join(source, inside[len("/etc/nginx/conf.d/") :] + ".template"))

    def _missing(self, directive: Directive, pattern: str) -> None:
        if _WILD.search(pattern) or _SHIPPED.search(pattern):
            return
        if FILLED.search(pattern):
            self.ctx.problem(directive.span, f"include of {pattern}: the name is filled in later")
            return
        outside = pattern.startswith("/") or normpath(join(dirname(self.main), pattern)).startswith("..")
        where = "it is outside of the given folders and was not read" if outside else "there is no such file"
        self.ctx.problem(directive.span, f"include of {pattern}: {where}")


def _rendered(target: str) -> str:
    """Where the official image puts a template it has filled in."""
    if target.startswith("/etc/nginx/templates/") and target.endswith(".template"):
        return "/etc/nginx/conf.d/" + target[len("/etc/nginx/templates/") : -len(".template")]
    return target
