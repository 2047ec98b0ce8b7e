"""`docker run -d` lines of a script: each is a container of the machine the script runs on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from tochain.formats.carried import CarriedFile
from tochain.formats.commandline import commands, split
from tochain.model.component import Word, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile
from tochain.products.start import running

__all__ = ["containers"]

PLATFORM = "docker-compose"
"""Whose timers a container has: those of the same engine."""
_ENGINES = frozenset({"docker", "podman", "nerdctl"})
_SWITCHES = frozenset({
    "--detach", "--interactive", "--tty", "--rm", "--init", "--privileged", "--read-only", "--no-healthcheck",
    "--publish-all", "--oom-kill-disable", "--sig-proxy", "--disable-content-trust", "--quiet",
})  # fmt: skip
_SHORT = re.compile(r"-(?P<switches>[ditPq]*)(?P<valued>[pev]?)")
_LONG = {"-p": "--publish", "-e": "--env", "-v": "--volume"}
_PUBLISHED = re.compile(r"(?:.*:)?(\d+):(\d+)(?:/tcp)?")


@dataclass(slots=True)
class _Line:
    """One `docker run`: its options by name, the image, and what is behind it."""

    options: dict[str, list[Word]] = field(default_factory=dict)
    image: Word | None = None
    detached: bool = False
    command: list[Word] = field(default_factory=list)

    def last(self, name: str) -> Word | None:
        found = self.options.get(name)
        return found[-1] if found else None


def containers(script: CarriedFile, files: Mapping[str, str]) -> Iterator[Workload]:
    """A workload for each container a script starts; `files` are those of its machine by their path there."""
    source = script.source
    words = split(source.text, source.span(0, len(source.text)), source, script=True)
    for argv in commands(words, source):
        at = next((n for n, word in enumerate(argv[:3]) if word.text == "run"), 0)
        if at and PurePosixPath(argv[0].text).name in _ENGINES:
            line = _line(argv[at + 1 :])
            if line.image is not None and line.detached:
                yield _workload(line, line.image, script, files, source)


def _line(words: list[Word]) -> _Line:
    line = _Line()
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        name, equals, value = word.text.partition("=")
        short = _SHORT.fullmatch(word.text)
        if not name.startswith("-"):
            line.image, line.command = word, words[at:]
            break
        line.detached |= name == "--detach" or (short is not None and "d" in short["switches"])
        if equals and name.startswith("--"):
            line.options.setdefault(name, []).append(Word(value, word.span))
        elif at < len(words) and (short["valued"] if short is not None else name not in _SWITCHES):
            name = _LONG[f"-{short['valued']}"] if short is not None else name
            line.options.setdefault(name, []).append(words[at])
            at += 1
    return line


def _workload(
    line: _Line, image: Word, script: CarriedFile, files: Mapping[str, str], source: SourceFile
) -> Workload:  # fmt: skip
    given = line.last("--name")
    name = given.text if given is not None else image.text.rpartition("/")[2].partition(":")[0]
    home = script.path.rpartition("/")[0]
    return Workload(
        f"docker:{home}#{name}", name, f"compose:{home}/docker", (given or image).span, image,
        running(line.command, source), dict(_environment(line)), (name, *script.machine), dict(_ports(line)),
        dict(_mounts(line, files)), None, _lifecycle(line), _sysctls(line), platform=PLATFORM,
    )  # fmt: skip


def _environment(line: _Line) -> Iterator[tuple[str, Word]]:
    for word in line.options.get("--env", ()):
        name, equals, value = word.text.partition("=")
        if equals:
            yield name, Word(value, word.span)


def _ports(line: _Line) -> Iterator[tuple[int, int]]:
    for word in line.options.get("--publish", ()):
        found = _PUBLISHED.fullmatch(word.text)
        if found is not None:
            yield int(found[1]), int(found[2])
            yield int(found[2]), int(found[2])


def _mounts(line: _Line, files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The files the script has written that a container mounts, one by one or with their folder."""
    for word in line.options.get("--volume", ()):
        outer, _, rest = word.text.partition(":")
        target = rest.partition(":")[0]
        for path, carried in files.items():
            if target and (path == outer or path.startswith(f"{outer.rstrip('/')}/")):
                yield carried, f"{target.rstrip('/')}{path[len(outer.rstrip('/')) :]}" if path != outer else target


def _lifecycle(line: _Line) -> Settings:
    word = line.last("--stop-timeout")
    if word is None or not word.text.isdecimal():
        return {}
    return {"stop_grace_period": (Setting("stop_grace_period", f"{word.text}s", word.span),)}


def _sysctls(line: _Line) -> Settings:
    found: Settings = {}
    for word in line.options.get("--sysctl", ()):
        name, equals, value = word.text.partition("=")
        if equals:
            found[name] = (Setting(name, value, word.span),)
    return found
