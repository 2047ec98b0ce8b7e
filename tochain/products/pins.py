"""Where a program's folder is, and which versions of libraries and runtimes its own files pin."""

from __future__ import annotations

import json
import re
from functools import cached_property
from pathlib import PurePosixPath

from tochain.model.component import Workload
from tochain.model.version import ANY, Versions, parse_versions
from tochain.products.base import Context
from tochain.products.patterns import Patterns
from tochain.products.programs import image_name, image_version
from tochain.products.scopes import folder

__all__ = ["Pins"]

_MARKERS = frozenset({
    "package.json", "go.mod", "pyproject.toml", "requirements.txt", "setup.py", "Pipfile", "pom.xml",
    "build.gradle", "build.gradle.kts", "Cargo.toml", "Gemfile", "mix.exs", "Dockerfile", "composer.json", "Package.swift",
})  # fmt: skip
_FROM = re.compile(r"^\s*FROM\s+(?:--\S+\s+)*([^\s#]+)", re.IGNORECASE | re.MULTILINE)
_TAG = re.compile(r":v?(\d+(?:\.\d+)*)")
_FILES = {
    "npm": ("package.json",), "pypi": ("requirements.txt", "pyproject.toml", "Pipfile", "setup.py"), "go":
    ("go.mod",), "maven": ("pom.xml", "build.gradle", "build.gradle.kts"), "gem": ("Gemfile.lock", "Gemfile"),
    "cargo": ("Cargo.toml",), "nuget": ("Directory.Packages.props", "Directory.Build.props"), "hex": ("mix.exs",),
}  # fmt: skip


_IN_BROWSERS = ("react-dom", "vue", "svelte", "@angular/core", "@angular/platform-browser", "preact", "solid-js")
_ON_SERVERS = (
    "next", "nuxt", "@remix-run/node", "@sveltejs/kit", "astro", "gatsby", "express", "fastify", "koa", "@nestjs/core", "hono",
    "@hono/node-server", "@hapi/hapi", "electron",
)  # fmt: skip

_PAGE = re.compile(
    r"\bdocument\.(?:getElementById|querySelector|addEventListener|createElement|body)\b|\bwindow\.(?:location|addEventListener)\b"
)
"""What only a browser has."""
_NODE = re.compile(r"\brequire\(|[\"']node:|puppeteer|playwright|jsdom")
"""What only Node has, or speaks of a page from outside."""


class Pins:
    """The manifests of a run, looked at when somebody asks for a version."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    @cached_property
    def _projects(self) -> frozenset[str]:
        found = set()
        for path in self.ctx.paths():
            name = PurePosixPath(path).name
            if name in _MARKERS or name.endswith(".csproj"):
                found.add(_parent(path))
        return frozenset(found)

    @cached_property
    def _csproj(self) -> dict[str, list[str]]:
        """The names of .NET's project files by folder."""
        table: dict[str, list[str]] = {}
        for path in self.ctx.paths():
            if path.endswith(".csproj"):
                table.setdefault(_parent(path), []).append(PurePosixPath(path).name)
        return table

    def project(self, path: str) -> str:
        """The folder of the program a file belongs to: the nearest one with a manifest, else the file's own."""
        for above in _parents(path):
            if above in self._projects:
                return above
        return folder(path)

    def versions(self, patterns: Patterns, path: str, workload: Workload | None) -> Versions:
        """The versions of a product a program uses: from its image, its base image, or a manifest near the file."""
        if workload is not None and workload.image is not None and image_name(workload.image) in patterns.images:
            return image_version(workload.image)
        for above in _parents(path):
            here = self._base_image(patterns, above) or self._manifest(patterns, above)
            if here is not None:
                return here
        return ANY

    def for_browsers(self, path: str, text: str) -> bool:
        """Whether a file speaks of its page, or the nearest package.json is of a program for browsers and none for servers."""
        if _PAGE.search(text) and not _NODE.search(text):
            return True
        for above in _parents(path):
            source = self.ctx.file(_join(above, "package.json"))
            if source is not None:
                return _npm(source.text, _IN_BROWSERS) is not None and _npm(source.text, _ON_SERVERS) is None
        return False

    def names(self, packages: dict[str, tuple[str, ...]], path: str) -> bool:
        """Whether a manifest near a file names one of the packages with a version."""
        wanted = Patterns("", (), packages)
        return any(self._manifest(wanted, above) is not None for above in _parents(path))

    def _base_image(self, patterns: Patterns, above: str) -> Versions | None:
        source = self.ctx.file(_join(above, "Dockerfile")) if patterns.images else None
        if source is None:
            return None
        for image in reversed(_FROM.findall(source.text)):
            name, _, tag = image.rpartition("/")[2].partition(":")
            if name in patterns.images:
                found = _TAG.match(":" + tag)
                return parse_versions(found[1]) if found else ANY
        return None

    def _manifest(self, patterns: Patterns, above: str) -> Versions | None:
        for ecosystem, names in patterns.packages.items():
            for file in (*_FILES[ecosystem], *(self._csproj.get(above, ()) if ecosystem == "nuget" else ())):
                source = self.ctx.file(_join(above, file))
                text = _pinned(ecosystem, file, source.text, names) if source is not None else None
                if text:
                    return _range(text)
        return None


def _parent(path: str) -> str:
    parent = str(PurePosixPath(path).parent)
    return "" if parent == "." else parent


def _parents(path: str) -> list[str]:
    return ["" if str(above) == "." else str(above) for above in PurePosixPath(path).parents if str(above) != "/"]


def _join(above: str, name: str) -> str:
    return f"{above}/{name}" if above else name


def _pinned(ecosystem: str, file: str, text: str, names: tuple[str, ...]) -> str | None:
    """What a manifest says of a package's version; None when it does not name it."""
    if file == "package.json":
        return _npm(text, names)
    for name in names:
        bare = re.escape(name)
        expression = {
            "pypi": rf"(?im)^[\s\"'\-]*{bare}(?:\[[^\]]*\])?[\"']?\s*(?:=\s*[\"'{{]\s*(?:version\s*=\s*\")?)?"
            r"((?:[=<>~!^]=?|===)?\s*\d[\w.*]*(?:\s*,\s*[<>=!]=?\s*\d[\w.]*)*)",
            "go": rf"(?m)^\s*(?:require\s+)?{bare}(?:/v\d+)?\s+v?([\d.]+)" if name != "go" else r"(?m)^go\s+([\d.]+)",
            "maven": rf"{bare}(?:</artifactId>\s*<version>|[:\"'].{{0,3}}?)v?(\d[\w.]*)",
            "gem": rf"(?m)^\s*(?:gem\s+[\"'])?{bare}(?:[\"']\s*,\s*[\"']|\s+\()((?:[~<>=]+\s*)?\d[\d.]*)",
            "cargo": rf"(?m)^\s*{bare}\s*=\s*(?:\{{[^}}]*version\s*=\s*)?\"([\^~=<>]*\s*\d[\d.]*)",
            "nuget": rf"<{bare}s?>net(?:coreapp)?(\d+\.\d+)"
            if name == "TargetFramework"
            else rf"(?:Include|Update)=\"{bare}\"[^>]{{0,80}}?Version=\"(\d[\w.]*)",
            "hex": rf":{bare}\s*,\s*\"([~<>=]*\s*\d[\d.]*)",
        }.get(ecosystem)
        found = re.search(expression, text) if expression else None
        if found:
            return f">={found[1]}" if name == "go" else found[1]
    return None


def _npm(text: str, names: tuple[str, ...]) -> str | None:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        # A manifest that cannot be read pins nothing; whoever owns the file says so.
        return None
    if not isinstance(data, dict):
        return None
    for section in ("dependencies", "devDependencies", "peerDependencies", "engines"):
        listed = data.get(section)
        for name in names:
            if isinstance(listed, dict) and isinstance(listed.get(name), str):
                return str(listed[name])
    return None


def _range(text: str) -> Versions:
    """A manifest's own notation as versions; what is not understood pins nothing."""
    try:
        choices = [_one_range(part) for part in text.split("||")]
    except ValueError:
        return ANY
    if len(choices) == 1:
        return choices[0]
    lows, highs = [c.low for c in choices], [c.high for c in choices]
    low = None if None in lows else min(low for low in lows if low is not None)
    high = None if None in highs else max(high for high in highs if high is not None)
    return Versions(low, high, text)


def _one_range(text: str) -> Versions:
    """`>=18 <21`, `^1.2`, `~=2.0`, `==2.31.0, !=2.32`: one stretch of versions; raises ValueError for anything else."""
    spaced = re.sub(r"([<>=~^!])\s+", r"\1", text.replace("===", "==").strip())
    parts = [part for part in re.split(r"[,\s]+", spaced) if part and not part.startswith("!")]
    return parse_versions(",".join(parts))
