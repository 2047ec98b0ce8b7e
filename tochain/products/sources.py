"""Which folder of the repository a container is built from, where no file says it, and which script of it starts it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import PurePosixPath

from tochain.formats.commandline import split
from tochain.model.component import Component, Word, Workload
from tochain.model.span import SourceFile
from tochain.products import PRODUCTS
from tochain.products.base import Context
from tochain.products.programs import image_name
from tochain.products.start import inside, interpolate, running

__all__ = ["called_by_product", "with_pins", "with_scripts", "with_sources"]

_UNITS = "systemd"
_CONTAINERS = ("kubernetes", "aws-ecs", "docker-compose", "gcp-cloud-run")
_MANIFESTS = frozenset({
    "package.json", "go.mod", "pyproject.toml", "requirements.txt", "setup.py", "Pipfile", "pom.xml", "build.gradle",
    "build.gradle.kts", "Cargo.toml", "Gemfile", "Gemfile.lock", "mix.exs", "gunicorn.conf.py", "composer.json",
})  # fmt: skip
_PUBLIC = re.compile(
    r"busybox|alpine|ubuntu|debian|fluent-?bit|fluentd?|.*-exporter|aws-.*|pause|istio-proxy|proxyv2|xray.*|datadog.*|agent"
)
_RUN = (".js", ".mjs", ".cjs", ".ts", ".mts", ".py", ".rb", ".exs")
_REGISTRY = re.compile(r"\.dkr\.ecr\.|\.azurecr\.io/|(?:^|\.)gcr\.io/|\.pkg\.dev/|^ghcr\.io/|^registry\.")
_SHELLS = ("sh", "bash", "/bin/sh", "/bin/bash", "ash")
_WORDS = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")


def with_sources(workloads: Iterable[Workload], paths: Iterable[str]) -> list[Workload]:
    """The workloads with the folders of their source; one of a Dockerfile alone joins the container made from it."""
    paths = list(paths)
    projects = _projects(paths)
    scripts = _scripts(paths)
    workloads = list(workloads)
    units = [_parent(w.span.path) for w in workloads if w.platform == _UNITS]
    listed = [_by_script(_beside(_at_home(w, projects), projects, units), scripts) for w in workloads]
    waiting = [w for w in listed if w.root is None and w.platform in _CONTAINERS and (_own(w) or _rebuilt(w))]
    if not waiting:
        return listed
    built = {w.root: w for w in listed if w.key.startswith("dockerfile:") and w.root is not None}
    taken = {w.root for w in listed if w.root is not None} - set(built)
    folders = {_home(folder, projects): folder for folder in built} or {folder: folder for folder in projects - taken}
    joined: dict[str, Workload] = {}
    used: set[str] = set()
    alone = len({_image(w) for w in waiting if _own(w)}) == 1
    for workload in waiting:
        home = _folder(workload, list(folders) if _own(workload) else list(built), alone=alone and _own(workload))
        if home is None or home not in folders:
            continue
        made = built.get(folders[home])
        if made is not None and made.ports and workload.ports and not set(made.ports) & set(workload.ports.values()):
            continue
        used.add(made.key if made is not None else "")
        joined[workload.key] = _joined(workload, made, home)
    return [joined.get(w.key, w) for w in listed if w.key not in used]


def _at_home(workload: Workload, projects: set[str]) -> Workload:
    """A task whose Dockerfile lies in a folder of its own is built from the project above it."""
    if workload.platform != "aws-ecs" or workload.root is None:
        return workload
    return replace(workload, root=_home(workload.root, projects))


def _beside(workload: Workload, projects: set[str], units: list[str]) -> Workload:
    """The only unit of a folder starts the program beside it, where that is one and none lies deeper."""
    home = _parent(workload.span.path)
    if workload.platform != _UNITS or home not in projects or units.count(home) > 1:
        return workload
    within = f"{home}/" if home else ""
    return (
        workload
        if any(other != home and other.startswith(within) for other in projects)
        else replace(workload, root=home)
    )


def _scripts(paths: Iterable[str]) -> dict[str, list[str]]:
    """The files a command may name, by the last part of their path."""
    found: dict[str, list[str]] = {}
    for path in paths:
        name = path.rpartition("/")[2]
        if name.endswith(_RUN):
            found.setdefault(name, []).append(path)
    return found


def _by_script(workload: Workload, scripts: dict[str, list[str]]) -> Workload:
    """A container of a language's own image runs what its command names, where only one file here is called so."""
    if workload.root is not None or workload.platform not in _CONTAINERS or _own(workload):
        return workload
    for word in workload.command:
        parts = [part for part in word.text.split("/") if part not in ("", ".")]
        same = scripts.get(parts[-1], []) if parts else []
        if len(same) != 1:
            continue
        have = same[0].split("/")
        shared = next((n for n in range(1, len(parts) + 1) if parts[-n:] != have[-n:]), len(parts) + 1) - 1
        return replace(workload, root="/".join(have[: len(have) - shared]))
    return workload


def _own(workload: Workload) -> bool:
    """Whether an image is none of the programs known by theirs."""
    if workload.image is None:
        return True
    name = image_name(workload.image)
    return not _PUBLIC.fullmatch(name) and not any(e.images and re.fullmatch(e.images, name) for e in PRODUCTS)


def _rebuilt(workload: Workload) -> bool:
    """Whether an image called like a known program comes from a registry of one's own, where it may be built anew."""
    return workload.image is not None and _REGISTRY.search(workload.image.text) is not None


def _image(workload: Workload) -> str:
    if workload.image is None:
        return workload.name
    return workload.image.text.rpartition(":")[0] or workload.image.text


def _projects(paths: Iterable[str]) -> set[str]:
    return {_parent(p) for p in paths if PurePosixPath(p).name in _MANIFESTS or p.endswith(".csproj")}


def _parent(path: str) -> str:
    return PurePosixPath(path).parent.as_posix().removeprefix(".")


def _home(folder: str, projects: set[str]) -> str:
    """The project a Dockerfile builds: its own folder, or the nearest one above when only that has a manifest."""
    if folder in projects or not projects:
        return folder
    above = [p for p in projects if folder.startswith(p + "/") or not p]
    inside = any(p.startswith(folder + "/") for p in projects)
    return max(above, key=len) if above and not inside else folder


def _folder(workload: Workload, folders: list[str], *, alone: bool) -> str | None:
    text = image_name(workload.image).lower() if workload.image is not None else ""
    words = {workload.name.lower().rpartition("/")[2], workload.name.lower(), *_WORDS.findall(text)}
    named = [folder for folder in folders if PurePosixPath(folder).name.lower() in words]
    if len(named) == 1:
        return named[0]
    return folders[0] if alone and len(folders) == 1 else None


def _joined(workload: Workload, made: Workload | None, home: str) -> Workload:
    if made is None:
        return replace(workload, root=home)
    command = workload.command or made.command
    if workload.command and workload.command[0].text.startswith("-"):
        command = (*made.command[:1], *workload.command)
    return replace(
        workload, root=home, image=made.image or workload.image, command=command, env={**made.env, **workload.env},
        mounts={**made.mounts, **workload.mounts}, ports=workload.ports or made.ports,
    )  # fmt: skip


def with_scripts(workloads: Iterable[Workload], read: Callable[[str], SourceFile | None]) -> list[Workload]:
    """The workloads with the command that stays running where a shell script of their own folder starts it."""
    return [_opened(workload, read) for workload in workloads]


def _opened(workload: Workload, read: Callable[[str], SourceFile | None]) -> Workload:
    words = workload.command
    at = 1 if len(words) > 1 and words[0].text in _SHELLS else 0
    if workload.root is None or len(words) <= at or not words[at].text.endswith(".sh"):
        return workload
    source = _script(workload, words[at].text, read)
    if source is None:
        return workload
    found = running(split(source.text, source.span(0, len(source.text)), source, script=True), source)
    if found and found[0].text in ("$@", "${@}"):
        found = words[at + 1 :]
    return replace(workload, command=_filled(found, workload)) if found else workload


def _script(workload: Workload, path: str, read: Callable[[str], SourceFile | None]) -> SourceFile | None:
    """The script in the repository: by the longest end of its path inside, as images are laid out their own way."""
    parts = [part for part in PurePosixPath(path).parts if part not in ("/", ".")]
    for start in range(len(parts)):
        source = read(inside(workload.root or "", "/".join(parts[start:])))
        if source is not None:
            return source
    mounts = workload.mounts.items()
    copied = [held for held, target in mounts if PurePosixPath(held).name == parts[-1] or target == path]
    return next((source for held in copied if (source := read(held)) is not None), None)


def _filled(words: tuple[Word, ...], workload: Workload) -> tuple[Word, ...]:
    """Words with the variables that the workload's environment sets, or their defaults, filled in."""
    known = {name: word.text for name, word in workload.env.items()}
    return tuple(Word(interpolate(word.text, known), word.span) for word in words)


def called_by_product(components: Iterable[Component]) -> list[Component]:
    """A program known by a Dockerfile alone has no name of its own: its product's, unless several would share it."""
    listed = list(components)
    alone = [c for c in listed if c.workload.startswith("dockerfile:")]
    homes: dict[str, set[str]] = {}
    for component in alone:
        homes.setdefault(component.product, set()).add(component.workload)
    return [
        replace(c, name=c.product, names=tuple(dict.fromkeys((*c.names, c.name))))
        if c.workload.startswith("dockerfile:") and len(homes[c.product]) == 1
        else c
        for c in listed
    ]


def with_pins(components: Iterable[Component], workloads: Iterable[Workload], ctx: Context) -> list[Component]:
    """The components with versions that manifests in their workload's folder pin, where nothing else told them."""
    roots = {w.key: w for w in workloads if w.root is not None}
    listed = list(components)
    if not any(c.workload in roots and not c.versions.known for c in listed):
        return listed
    # Most runs start nothing from its own folder, and need not know what libraries look like.
    from tochain.products.patterns import load_all
    from tochain.products.pins import Pins

    known = {patterns.product: patterns for patterns in load_all() if patterns.packages}
    pins = Pins(ctx)

    def pinned(component: Component) -> Component:
        workload = roots.get(component.workload)
        patterns = known.get(component.product)
        if workload is None or patterns is None or component.versions.known:
            return component
        path = inside(workload.root or "", "x")
        return replace(component, versions=pins.versions(patterns, path, workload))

    return [pinned(component) for component in listed]
