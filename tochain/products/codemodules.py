"""What a source file takes from the files beside it: constants, tables of settings, classes of them.

A name is followed through imports to files of the same language in the same tree; nothing outside it is opened, and
nothing is run. Where two files fit, the name stays unknown.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache

from tochain.formats import code as source_code
from tochain.formats.code import Code
from tochain.formats.codenames import Node, named_children
from tochain.formats.codescope import Place
from tochain.formats.constant import Evaluator
from tochain.formats.constant_asks import Outside
from tochain.formats.languages import family, language_of
from tochain.model.span import SourceFile
from tochain.products.imports import origins

__all__ = ["Modules"]

_MAX_FILES = 40
"""How many files one name may be looked for in."""
_KEPT = 64
_HANDED_ON = 3
"""How often a name may be handed on from module to module."""
_HANDING_ON = ("js", "python", "rust")
"""Languages whose modules hand on names of others; elsewhere a name is looked for where it is declared."""
_JS_ENDINGS = ("", ".ts", ".tsx", ".js", ".mjs", ".cjs", ".jsx", ".mts", ".cts")
_DECLARED = re.compile(
    r"^[^\n/*#]*?\b(?:class|object|interface|enum|struct|record|module)\s+(?:\w+::)*([A-Z]\w*)", re.MULTILINE
)
_GO_MODULE = re.compile(r"^module[ \t]+(\S+)", re.MULTILINE)
Names = tuple[str, ...]


class Modules:
    """The source files of one run, as modules of each other."""

    def __init__(self, files: Iterable[SourceFile], manifest: Callable[[str], SourceFile | None]) -> None:
        self._files = {source.path: source for source in files}
        self._manifest = manifest
        self._parsed = lru_cache(maxsize=_KEPT)(self._parse)
        self._origins = lru_cache(maxsize=_KEPT)(self._imports)

    def evaluator(self, code: Code, environment: dict[str, str], outside: Outside | None = None) -> Evaluator:
        """An evaluator of one file that knows the files beside it, and who knows what annotations ask for."""
        return Evaluator(code, environment, self, outside=outside)

    def __call__(self, evaluator: Evaluator, names: Names, /) -> tuple[Evaluator, Place] | None:
        """The place a dotted name of a file has in another one; None where none or several fit."""
        return self.find(evaluator, names)

    def home(self, evaluator: Evaluator, kind: str, /) -> Evaluator | None:
        """The evaluator of the file that declares a class, the file itself among them; None where none or several do."""
        path, language = evaluator.code.source.path, evaluator.code.family
        if path in self._classes.get((language, kind), ()):
            return evaluator
        found = list(dict.fromkeys(file for file, _ in self._declared(language, path, (kind, "member"))))
        code = self._parsed(found[0]) if len(found) == 1 else None
        return evaluator.beside(code) if code is not None else None

    def find(self, evaluator: Evaluator, names: Names) -> tuple[Evaluator, Place] | None:
        """The place a dotted name of a file has in another one; None where none or several fit."""
        return self._find(evaluator, names, _HANDED_ON)

    def _find(self, evaluator: Evaluator, names: Names, deep: int) -> tuple[Evaluator, Place] | None:
        path, language = evaluator.code.source.path, evaluator.code.family
        found: list[tuple[Evaluator, Place]] = []
        for file, inner in self._candidates(language, path, names):
            code = self._parsed(file)
            there = evaluator.beside(code) if code is not None and file != path else None
            if there is None:
                continue
            place = _place(there, inner)
            onward = deep if language in _HANDING_ON else 0
            there_too = (there, place) if place is not None else self._find(there, inner, deep - 1) if onward else None
            found += [there_too] if there_too is not None else []
        return found[0] if len(found) == 1 else None

    def _candidates(self, language: str, path: str, names: Names) -> list[tuple[str, Names]]:
        """Files that may bind a name, and the name as they call it."""
        match language:
            case "js":
                found = self._js(path, names)
            case "python":
                found = self._python(path, names)
            case "go":
                found = self._go(path, names)
            case "rust":
                found = self._rust(path, names)
            case "java" | "kotlin" | "csharp" | "ruby" | "swift" | "php":
                found = self._declared(language, path, names)
            case _:
                found = iter(())
        return list(dict.fromkeys(found))[:_MAX_FILES]

    def _parse(self, path: str) -> Code | None:
        return source_code.parse(self._files[path])

    def _imports(self, path: str) -> dict[str, tuple[str, str]]:
        language = language_of(path)
        return origins(family(language), self._files[path].text) if language and path in self._files else {}

    def _origin(self, path: str, names: Names) -> tuple[str, str, Names] | None:
        """The module a name comes from, the member of it, and the names that follow."""
        known = self._origins(path)
        for length in range(len(names), 0, -1):
            local = ".".join(names[:length])
            if local in known:
                return (*known[local], names[length:])
        return None

    # ------------------------------------------------------------- by language

    def _js(self, path: str, names: Names) -> Iterator[tuple[str, Names]]:
        origin = self._origin(path, names)
        if origin is None or origin[0][:1] not in (".", "@", "~"):
            return
        module, member, rest = origin
        for file in self._js_files(path, module):
            yield file, ((member or "*"), *rest)

    def _js_files(self, path: str, module: str) -> list[str]:
        if module.startswith("."):
            bases = [posixpath.normpath(posixpath.join(posixpath.dirname(path), module))]
        elif module.startswith(("@/", "~/")):
            bases = [posixpath.join(root, module[2:]) for root in (*_above(path), *(f"{r}/src" for r in _above(path)))]
        else:
            return []
        plain = [re.sub(r"\.[cm]?js$", "", base) for base in bases]
        tried = [b + e for b in dict.fromkeys((*bases, *plain)) for e in _JS_ENDINGS]
        tried += [f"{base}/index{ending}" for base in bases for ending in _JS_ENDINGS[1:]]
        return [file for file in tried if file in self._files][:1]

    def _python(self, path: str, names: Names) -> Iterator[tuple[str, Names]]:
        origin = self._origin(path, names)
        if origin is None:
            return
        module, member, rest = origin
        dots = len(module) - len(module.lstrip("."))
        folder = path
        for _ in range(dots):
            folder = posixpath.dirname(folder)
        parts = [part for part in module[dots:].split(".") if part]
        inner = (*((member,) if member else ()), *rest)
        roots = [folder] if dots else _above(path)
        for root in roots:
            for taken in (1, 0) if inner else (0,):
                base = posixpath.join(root, *parts, *inner[:taken])
                fitting = [file for file in (f"{base}.py", f"{base}/__init__.py") if file in self._files]
                if fitting:
                    yield fitting[0], inner[taken:]
                    return

    def _go(self, path: str, names: Names) -> Iterator[tuple[str, Names]]:
        folder, inner = posixpath.dirname(path), names
        origin = self._origin(path, names) if len(names) > 1 else None
        if origin is not None:
            package = self._go_folder(path, origin[0])
            if package is None:
                return
            folder, inner = package, origin[2]
        if not inner:
            return
        declared = re.compile(rf"^(?:(?:var|const|func|type)[ \t]+|\t){re.escape(inner[0])}\b", re.MULTILINE)
        for file in self._folders.get(folder, ()):
            if file.endswith(".go") and inner[0] in self._files[file].text and declared.search(self._files[file].text):
                yield file, inner

    def _go_folder(self, path: str, module: str) -> str | None:
        for root in _above(path):
            manifest = self._manifest(posixpath.join(root, "go.mod"))
            found = _GO_MODULE.search(manifest.text) if manifest is not None else None
            if found:
                own = found[1].strip('"')
                inside = module == own or module.startswith(f"{own}/")
                return posixpath.join(root, module[len(own) :].lstrip("/")).rstrip("/") if inside else None
        return None

    def _rust(self, path: str, names: Names) -> Iterator[tuple[str, Names]]:
        origin = self._origin(path, names)
        whole = (*origin[0].split("."), origin[1], *origin[2]) if origin is not None else names
        if len(whole) < 2:
            return
        for file in self._files:
            if file.endswith((f"/{whole[-2]}.rs", f"/{whole[-2]}/mod.rs")):
                yield file, whole[-1:]

    def _declared(self, language: str, path: str, names: Names) -> Iterator[tuple[str, Names]]:
        """Languages that call a class by its name alone, wherever in the program it is declared."""
        origin = self._origin(path, names)
        module = origin[0] if origin is not None else ""
        whole = (module.rpartition(".")[2], origin[1], *origin[2]) if origin is not None else names
        inner = tuple(name for name in whole if name)
        if len(inner) < 2:
            return
        near = posixpath.dirname(path)
        for file in self._classes.get((language, inner[-2]), ()):
            wanted = module.replace(".", "/")
            if language in ("csharp", "ruby", "swift", "php") or (
                posixpath.splitext(file)[0].endswith(wanted) if wanted else posixpath.dirname(file) == near
            ):
                yield file, inner

    # ----------------------------------------------------------------- indexes

    @cached_property
    def _folders(self) -> dict[str, list[str]]:
        table: dict[str, list[str]] = {}
        for path in self._files:
            table.setdefault(posixpath.dirname(path), []).append(path)
        return table

    @cached_property
    def _classes(self) -> dict[tuple[str, str], list[str]]:
        """The files that declare a class, by language and name."""
        table: dict[tuple[str, str], list[str]] = {}
        for path, source in self._files.items():
            language = language_of(path)
            if language in ("java", "kotlin", "csharp", "ruby", "swift", "php"):
                for name in dict.fromkeys(_DECLARED.findall(source.text)):
                    table.setdefault((language, name), []).append(path)
        return table


def _place(there: Evaluator, names: Names) -> Place | None:
    """Where a module binds what it hands out under a name; "*" stands for the module, "default" for its default."""
    if not names:
        return None
    if there.code.family != "js":
        return there.scope.find(names)
    head, rest = names[0], names[1:]
    if head in ("*", "default"):
        made = _default(there.code)
        if made is not None:
            return made, rest
        found = there.scope.find(("module", "exports", *rest)) or (
            there.scope.find(("exports", *rest)) if rest else None
        )
        return found or (there.scope.find(rest) if rest and head == "*" else None)
    return there.scope.find(names) or there.scope.find(("exports", *names))


def _default(code: Code) -> Node | None:
    for node in code.root.find_all({"rule": {"kind": "export_statement"}}):
        if any(child.kind() == "default" for child in node.children()):
            children = named_children(node)
            return children[-1] if children else None
    return None


def _above(path: str) -> list[str]:
    """The folders around a file, inner first, the top as ""."""
    folders = []
    folder = posixpath.dirname(path)
    while folder and folder != "/":
        folders.append(folder)
        folder = posixpath.dirname(folder)
    return [*folders, "/" if path.startswith("/") else ""]
