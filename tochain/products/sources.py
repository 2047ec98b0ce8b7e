"""Which folder of the repository a container is built from, where no file says it: by its name, or the only one it can be."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath

from tochain.model.component import Workload
from tochain.products import PRODUCTS
from tochain.products.programs import image_name

__all__ = ["with_sources"]

_CONTAINERS = ("kubernetes", "aws-ecs", "docker-compose")
_MANIFESTS = frozenset({
    "package.json", "go.mod", "pyproject.toml", "requirements.txt", "setup.py", "Pipfile", "pom.xml", "build.gradle",
    "build.gradle.kts", "Cargo.toml", "Gemfile", "Gemfile.lock", "mix.exs", "gunicorn.conf.py", "composer.json",
})  # fmt: skip
_PUBLIC = re.compile(r"busybox|alpine|ubuntu|debian|fluent-?bit|fluentd?|.*-exporter|aws-.*|pause|istio-proxy|proxyv2|xray.*|datadog.*|agent")
_WORDS = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")


def with_sources(workloads: Iterable[Workload], paths: Iterable[str]) -> list[Workload]:
    """The workloads with the folders their source stands in; one of a Dockerfile alone joins the container made from it."""
    projects = _projects(paths)
    listed = [_at_home(w, projects) for w in workloads]
    waiting = [w for w in listed if w.root is None and w.platform in _CONTAINERS and _own(w)]
    if not waiting:
        return listed
    built = {w.root: w for w in listed if w.key.startswith("dockerfile:") and w.root is not None}
    taken = {w.root for w in listed if w.root is not None} - set(built)
    folders = {_home(folder, projects): folder for folder in built} or {folder: folder for folder in projects - taken}
    joined: dict[str, Workload] = {}
    used: set[str] = set()
    alone = len({_image(w) for w in waiting}) == 1
    for workload in waiting:
        home = _folder(workload, list(folders), alone=alone)
        if home is None:
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


def _own(workload: Workload) -> bool:
    """Whether an image is none of the programs known by theirs."""
    if workload.image is None:
        return True
    name = image_name(workload.image)
    return not _PUBLIC.fullmatch(name) and not any(e.images and re.fullmatch(e.images, name) for e in PRODUCTS)


def _image(workload: Workload) -> str:
    return workload.image.text.rpartition(":")[0] or workload.image.text if workload.image is not None else workload.name


def _projects(paths: Iterable[str]) -> set[str]:
    return {_parent(path) for path in paths if PurePosixPath(path).name in _MANIFESTS}


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
