"""Which workload runs a program, and which of its configuration files: by image, command and mounts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from tochain.model.component import Word, Workload
from tochain.model.version import ANY, Versions, parse_versions

__all__ = ["Program", "built_from", "flags", "image_name", "image_version"]

_VERSION = re.compile(r"(?:^|[-_v])(\d+(?:\.\d+)+|\d+(?=$|-))")
_OWN_NUMBERS = re.compile(
    r"timescaledb.*|tomee.*|keydb|cp-.*|.+-(?:airflow|caddy|keycloak|mariadb|memcached|pgbouncer|postgres|postgresql|rabbitmq|redis|tomcat|uwsgi|valkey)"
)
"""Images whose tags count releases of their own: of a distribution, or of the project that builds them."""


@dataclass(frozen=True, slots=True)
class Program:
    """How a program shows in a workload: the last part of its image's name, or the name of its executable."""

    images: re.Pattern[str]
    commands: frozenset[str]

    def runs(self, workload: Workload) -> bool:
        """Whether a workload runs this program."""
        if workload.image is not None and self.images.fullmatch(image_name(workload.image)):
            return True
        if workload.command and workload.command[0].text.startswith("-"):
            return False  # options for the program the image itself starts
        return any(PurePosixPath(word.text).name in self.commands for word in workload.command[:3])

    def of(self, workloads: Iterable[Workload]) -> tuple[Workload, ...]:
        """The workloads that run this program."""
        return tuple(workload for workload in workloads if self.runs(workload))

    def version(self, workload: Workload | None) -> Versions:
        """The versions a workload's image stands for; a base image that is not the program's own tells nothing."""
        image = workload.image if workload is not None else None
        return image_version(image) if image is not None and self.images.fullmatch(image_name(image)) else ANY

    def owners(self, workloads: Iterable[Workload], path: str) -> tuple[Workload, ...]:
        """The workloads that start with a configuration file: those that mount it, else the only one it can be.

        A workload without an image (built from source) counts when it mounts the file itself.
        """
        workloads = tuple(workloads)
        running = self.of(workloads)
        mounted = tuple(w for w in running if _mounts(w, path))
        if mounted:
            return mounted
        built = tuple(w for w in workloads if w.image is None and path in w.mounts)
        if built:
            return built
        return _nearest(running, path)


def _mounts(workload: Workload, path: str) -> bool:
    return any(path == source or path.startswith(source.rstrip("/") + "/") for source in workload.mounts)


def _nearest(running: tuple[Workload, ...], path: str) -> tuple[Workload, ...]:
    """The only workload that runs the program in the nearest folder above the file."""
    above = [(len(folder), w) for w in running for folder in _folders(w) if _inside(path, folder)]
    if not above:
        return ()
    best = max(depth for depth, _ in above)
    found = tuple({w.key: w for depth, w in above if depth == best}.values())
    return found if len(found) == 1 else ()


def _folders(workload: Workload) -> tuple[str, ...]:
    defined = str(PurePosixPath(workload.span.path).parent)
    return (defined,) if workload.root is None else (defined, workload.root)


def _inside(path: str, folder: str) -> bool:
    folder = "" if folder in (".", "") else folder.rstrip("/") + "/"
    return path.startswith(folder)


def built_from(workloads: Iterable[Workload], path: str) -> Workload | None:
    """The workload built from the folder a file stands in; of several the one others connect to."""
    within = [w for w in workloads if w.root is not None and _inside(path, w.root)]
    if not within:
        return None
    deepest = max(len(w.root or "") for w in within)
    nearest = [w for w in within if len(w.root or "") == deepest]
    return next((w for w in nearest if w.ports), nearest[0])


def image_name(image: Word) -> str:
    """The last part of an image's name, without registry, tag and digest."""
    return image.text.partition("@")[0].rpartition("/")[2].partition(":")[0]


def image_version(image: Word | None) -> Versions:
    """The versions a tag stands for: "v1.33-latest" is every 1.33.x; nothing for "latest" or no tag."""
    if image is None or _OWN_NUMBERS.fullmatch(image_name(image)):
        return ANY
    tag = image.text.partition("@")[0].rpartition("/")[2].partition(":")[2]
    found = _VERSION.search(tag)
    return parse_versions(found[1]) if found and "$" not in tag else ANY


def flags(command: Iterable[Word]) -> dict[str, Word]:
    """The options of a command line, `--name=value` and `--name value` alike; one without a value is empty.

    A value that follows its option keeps its own place; the last of two options with one name counts.
    """
    found: dict[str, Word] = {}
    waiting = ""
    for word in command:
        if word.text.startswith("-"):
            name, equals, value = word.text.partition("=")
            found[name] = Word(value, word.span)
            waiting = "" if equals else name
        elif waiting:
            found[waiting] = word
            waiting = ""
    return found
