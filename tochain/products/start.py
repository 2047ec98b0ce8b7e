"""How things are started: command lines from YAML nodes and Dockerfiles, environment, images with their variables filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from tochain.formats import dockerfile
from tochain.formats.commandline import commands, split
from tochain.formats.tree import Node
from tochain.model.component import Word
from tochain.model.span import SourceFile

__all__ = ["Image", "command_of", "image_of", "inside", "interpolate", "running"]

_VARIABLE = re.compile(r"\$\{(\w+)(?::?[-?+]([^}]*))?\}|\$(\w+)")


@dataclass(frozen=True, slots=True)
class Image:
    """What a Dockerfile says of the container it makes."""

    base: Word | None = None
    command: tuple[Word, ...] = ()
    env: dict[str, Word] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    copies: dict[str, str] = field(default_factory=dict)


def command_of(source: SourceFile, *nodes: Node | None) -> tuple[Word, ...]:
    """Entrypoint and command, each a list or one text, as the command that stays running; `sh -c` and wrappers are opened."""
    words: list[Word] = []
    for node in nodes:
        if node is None:
            continue
        if node.kind == "sequence":
            words += [Word(item.text, item.span) for item in node.elements if item.kind == "scalar"]
        elif node.kind == "scalar" and node.text:
            words += split(node.text, node.span, source, script=True)
    return running(words, source)


def running(words: Iterable[Word], source: SourceFile | None = None) -> tuple[Word, ...]:
    """Of the commands of a line the one that stays: the last."""
    found = commands(words, source)
    return tuple(found[-1]) if found else ()


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    """A text with `${NAME}`, `${NAME:-default}` and `$NAME` filled in where known; the rest stays as written."""

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[3]
        if name in variables:
            return variables[name]
        return found[2] if found[2] is not None and ":?" not in found[0] else found[0]

    return _VARIABLE.sub(value, text) if "$" in text else text


def image_of(source: SourceFile) -> Image:
    """What the last stage of a Dockerfile starts."""
    stages = dockerfile.stages(dockerfile.parse(source))
    if not stages:
        return Image()
    last = stages[-1]
    by_name = {stage.name: stage for stage in stages if stage.name}
    chain = [last]
    while chain[-1].base.text in by_name and len(chain) < len(stages):
        chain.append(by_name[chain[-1].base.text])
    entry: tuple[Word, ...] = ()
    command: tuple[Word, ...] = ()
    env: dict[str, Word] = {}
    ports: list[int] = []
    copies: dict[str, str] = {}
    for stage in reversed(chain):
        for instruction in stage.instructions:
            words = instruction.words
            match instruction.name:
                case "ENTRYPOINT":
                    entry, command = words, ()
                case "CMD":
                    command = words
                case "ENV":
                    env.update(_env(words))
                case "EXPOSE":
                    ports += [int(w.text.partition("/")[0]) for w in words if w.text.partition("/")[0].isdecimal()]
                case "COPY" | "ADD":
                    plain = [w.text for w in words if not w.text.startswith("--")]
                    if len(plain) >= 2:
                        copies.update(dict.fromkeys(plain[:-1], plain[-1]))
                case _:
                    pass
    base = chain[-1].base
    return Image(base, running((*entry, *command), source), env, tuple(ports), copies)


def _env(words: Iterable[Word]) -> dict[str, Word]:
    given = list(words)
    if given and "=" not in given[0].text:
        return {given[0].text: Word(" ".join(w.text for w in given[1:]), given[1].span)} if len(given) > 1 else {}
    found = {}
    for word in given:
        name, equals, value = word.text.partition("=")
        if equals:
            found[name] = Word(value, word.span)
    return found


def inside(folder: str, path: str) -> str:
    """A relative path from a folder of the repository, made plain; "" for the top."""
    parts: list[str] = []
    for part in (PurePosixPath(folder) / path).parts:
        if part == ".." and parts:
            parts.pop()
        elif part not in (".", "/", ".."):
            parts.append(part)
    return "/".join(parts)
