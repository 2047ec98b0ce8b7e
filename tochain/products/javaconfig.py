"""Java applications set by application.properties or .yml: documents, profiles, environment, relaxed names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from tochain.formats import yamlfile
from tochain.formats.commandline import split
from tochain.formats.keyvalue import parse_properties
from tochain.formats.tree import Node
from tochain.model.component import Word, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.model.version import ANY, Versions, parse_versions
from tochain.products.base import Context
from tochain.products.flat import known_settings
from tochain.products.programs import image_name

__all__ = [
    "Document", "Item", "View", "app_folder", "applications", "build_file", "documents", "environment", "filled",
    "owners", "quiet_documents", "relaxed", "settings", "version_in_build",
]  # fmt: skip

_RESOURCES = re.compile(r"(?:^|/)(?:src/main/(?:resources|java|kotlin)(?:/config)?|resources|config)$")
_SECRET = re.compile(r"(?i)password|secret|token|credential|private-?key|access-?key")
_JAVA = re.compile(
    r".*(java|jdk|jre|temurin|corretto|maven|gradle|zulu|liberica|distroless|graalvm|semeru).*|alpine|debian|ubuntu"
)
_FOREIGN = re.compile(
    r"node|python|ruby|golang|go|php.*|nginx|httpd|rust|elixir|dotnet.*|aspnet.*|bun|deno|caddy|traefik|postgres.*|mysql|redis"
)
_ARGUMENTS = ("JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS_APPEND", "JVM_OPTS")
_PLACEHOLDER = re.compile(r"\$\{([^${}:]+)(?::[^{}]*)?\}")
_DEPTH = 64


@dataclass(frozen=True, slots=True)
class Item:
    """One property: its name as written, its text, and the place of both."""

    name: str
    text: str
    span: Span


View = dict[str, Item]
"""Properties by relaxed name."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document of one file; `profiles` are those it needs, empty for always."""

    source: SourceFile
    profiles: tuple[str, ...]
    view: View = field(default_factory=dict)


def relaxed(name: str) -> str:
    """A property's name without what relaxed binding ignores: case, dashes, underscores, and dots as in variables."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def documents(ctx: Context, source: SourceFile, profile: str = "", path: str = "") -> list[Document]:
    """The documents of a file, each for `profile` or the profile it names itself; secrets are left out.

    `path` is what a file inside a manifest is called; its tree is not kept under the manifest's own path.
    """
    found, problems = _sections(ctx, source, path)
    ctx.understood(source.path)
    for message, span, failed in problems:
        ctx.problem(span, message, "failed" if failed else "partly")
    return [_document(source, items, profile) for items in found]


def quiet_documents(ctx: Context, source: SourceFile, profile: str = "") -> list[Document]:
    """The documents of a file that somebody else answers for: without a word about it."""
    return [_document(source, items, profile) for items in _sections(ctx, source, "")[0]]


def _sections(ctx: Context, source: SourceFile, path: str) -> tuple[list[list[Item]], Sequence[tuple[str, Span, bool]]]:
    if (path or source.path).endswith(".properties"):
        entries = parse_properties(source) if path else ctx.parsed(source, parse_properties)
        parts: dict[str, list[Item]] = {}
        for line in entries.entries:
            parts.setdefault(line.section, []).append(Item(line.key, line.value, line.span))
        return list(parts.values()), entries.problems
    tree = yamlfile.parse(source) if path else ctx.parsed(source, yamlfile.parse)
    return [list(_flat(root)) for root in tree.roots], tree.problems


def _document(source: SourceFile, items: Iterable[Item], profile: str) -> Document:
    view = {relaxed(item.name): item for item in items if not _SECRET.search(item.name)}
    on = view.get("springconfigactivateonprofile") or view.get("springprofiles") or view.get("springprofiles0")
    named = tuple(part.strip() for part in on.text.split(",")) if on is not None else ()
    return Document(source, named or ((profile,) if profile else ()), view)


def _flat(root: Node) -> Iterator[Item]:
    waiting: list[tuple[str, Node, Span | None, int]] = [("", root, None, 0)]
    while waiting:
        name, node, key, depth = waiting.pop()
        if node.kind == "scalar":
            span = Span(node.span.path, key.start, node.span.end) if key is not None else node.span
            yield Item(name, node.text, span)
        elif depth < _DEPTH:
            below: list[tuple[str, Node, Span | None, int]] = [
                (f"{name}.{k.text}" if name else k.text, v, k.span, depth + 1) for k, v in node.entries
            ]
            below += [(f"{name}[{at}]", item, None, depth + 1) for at, item in enumerate(node.elements)]
            waiting += reversed(below)


def filled(view: View) -> View:
    """The properties with each `${name}` replaced whose value the properties or the environment hold themselves."""
    return {name: _filled(item, view) if "${" in item.text else item for name, item in view.items()}


def _filled(item: Item, view: View) -> Item:
    def value(found: re.Match[str]) -> str:
        other = view.get(relaxed(found[1]))
        return other.text if other is not None and other is not item and "${" not in other.text else found[0]

    return replace(item, text=_PLACEHOLDER.sub(value, item.text))


def environment(workload: Workload) -> View:
    """What variables, `-Dname=value` and `--name=value` of a start say, the later over the earlier."""
    view = {relaxed(n): Item(n, w.text, w.span) for n, w in workload.env.items() if not _SECRET.search(n)}
    words: list[Word] = []
    for name in _ARGUMENTS:
        if name in workload.env:
            words += split(workload.env[name].text, workload.env[name].span)
    for word in (*words, *workload.command):
        given = re.fullmatch(r"(?:-D|--)([\w.\[\]-]+)=(.*)", word.text, re.DOTALL)
        if given and not _SECRET.search(given[1]):
            view[relaxed(given[1])] = Item(given[1], given[2], word.span)
    return view


def settings(
    view: Mapping[str, Item], product: str, *prefixes: str, scope: str = "", also: Iterable[str] = ()
) -> Settings:
    """A product's settings among the properties: under one of the prefixes, or by their full names without any.

    `also` are names its conditions ask for that feed no timer.
    """
    found: Settings = {}
    for prefix in prefixes or ("",):
        start = relaxed(prefix)
        for name in (*known_settings(product), *also):
            item = view.get(start + relaxed(name)) if not name.startswith("(") else None
            if item is not None and item.text not in ("", "null", "~"):
                found[name] = (Setting(name, item.text, item.span, scope=scope),)
    return found


def app_folder(path: str) -> str:
    """The folder of the application a file belongs to: above src/main/resources and config; "" is the top."""
    parent = str(PurePosixPath(path).parent)
    found = _RESOURCES.search(parent)
    parent = parent[: found.start()] if found else parent
    return "" if parent == "." else parent


def owners(ctx: Context, name: str, folder: str) -> tuple[Workload, ...]:
    """The workloads that start an application: called by its name, else built from its folder or the nearest above."""
    called = tuple(
        w for w in ctx.workloads if name and name in (w.name, image_name(w.image) if w.image is not None else "")
    )
    if called:
        return called
    built = [w for w in ctx.workloads if w.root is not None and _inside(folder, w.root) and _may_be_java(w)]
    deepest = max((len(w.root or "") for w in built), default=0)
    # A build at the top of a repository with several applications in it tells nothing.
    return tuple(w for w in built if len(w.root or "") == deepest) if deepest or folder == "" else ()


def _inside(folder: str, root: str) -> bool:
    return not root or folder == root or folder.startswith(f"{root}/")


def _may_be_java(workload: Workload) -> bool:
    if any(PurePosixPath(word.text).name == "java" for word in workload.command[:3]):
        return True
    if workload.image is None or _JAVA.fullmatch(image_name(workload.image)):
        return True
    # Where nothing is said of how an image is made, its own name is all there is of it.
    return not workload.command and not _FOREIGN.fullmatch(image_name(workload.image))


def build_file(ctx: Context, folder: str) -> SourceFile | None:
    """The pom.xml or build.gradle of an application."""
    for name in ("pom.xml", "build.gradle", "build.gradle.kts"):
        found = ctx.file(f"{folder}/{name}" if folder else name)
        if found is not None:
            return found
    return None


def version_in_build(ctx: Context, folder: str, patterns: Iterable[re.Pattern[str]]) -> Versions:
    """The first version the patterns find in the build files from a folder upwards."""
    parts = folder.split("/") if folder else []
    for depth in range(len(parts), -1, -1):
        source = build_file(ctx, "/".join(parts[:depth]))
        text = source.text if source is not None else ""
        for pattern in patterns:
            found = pattern.search(text)
            if found:
                return parse_versions(found[1])
    return ANY


def applications(ctx: Context, prefix: str) -> list[tuple[str, str, View, SourceFile]]:
    """Name, folder, properties and main file of each application with properties below a prefix (Quarkus, Micronaut).

    Of profiles the one for production counts, `%prod.` names and application-prod files; those for development and
    tests are left out.
    """
    found: dict[str, tuple[View, SourceFile]] = {}
    for source in sorted(ctx.files, key=lambda s: ("-" in PurePosixPath(s.path).name, s.path)):
        named = re.fullmatch(r"application(?:-(\w+))?\.(?:ya?ml|properties)", PurePosixPath(source.path).name)
        if named is None or "src/test/" in source.path or named[1] not in (None, "prod", "production"):
            continue
        view, _ = found.setdefault(app_folder(source.path), ({}, source))
        for document in documents(ctx, source):
            view.update(_for_production(document.view))
    start = relaxed(prefix)
    return [
        (name.text if (name := view.get(f"{start}applicationname")) else PurePosixPath(folder).name, folder, view, main)
        for folder, (view, main) in found.items()
        if any(name.startswith(start) for name in view)
    ]


def _for_production(view: View) -> View:
    plain = {name: item for name, item in view.items() if not item.name.startswith(("%", '"%'))}
    for item in view.values():
        profile, dot, name = item.name.replace('"', "").partition(".")
        if dot and profile == "%prod":
            plain[relaxed(name)] = item
    return plain
