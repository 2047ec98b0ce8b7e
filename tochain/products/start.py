"""How things are started: command lines from YAML nodes and Dockerfiles, environment, images with their variables filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from tochain.formats import dockerfile
from tochain.formats.tree import Node
from tochain.formats.words import Piece, commands, split
from tochain.model.component import Word
from tochain.model.span import SourceFile

__all__ = ["Image", "argv", "command_of", "image_of", "interpolate", "shell_words"]

_VARIABLE = re.compile(r"\$\{(\w+)(?::?[-?+]([^}]*))?\}|\$(\w+)")
_SHELLS = frozenset({"sh", "bash", "/bin/sh", "/bin/bash", "ash", "/bin/ash", "/usr/bin/env"})


@dataclass(frozen=True, slots=True)
class Image:
    """What a Dockerfile says of the container it makes."""

    base: Word | None = None
    command: tuple[Word, ...] = ()
    env: dict[str, Word] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    copies: dict[str, str] = field(default_factory=dict)


def shell_words(source: SourceFile, node: Node) -> tuple[Word, ...]:
    """The words of a command given as one text, at their places; of the commands in it the last that stays."""
    if "\n" not in source.slice(node.span) and not node.text.startswith(("|", ">")):
        start = source.offset(node.span.start) + (1 if node.quoted else 0)
        pieces = list(split(source, start, start + len(node.text)))
        return argv(pieces)
    # A folded or literal block: the words are right, their common place is the block's.
    text = SourceFile(node.span.path, node.text)
    return tuple(Word(piece.text, node.span) for piece in argv(list(split(text, 0, len(node.text)))))


def argv(pieces: list[Piece]) -> tuple[Word, ...]:
    """The command that stays running: the last of a chain, without `exec` and environment in front."""
    found = commands(pieces)
    return tuple(Word(piece.text, piece.span) for piece in found[-1]) if found else ()


def command_of(source: SourceFile, *nodes: Node | None) -> tuple[Word, ...]:
    """Entrypoint and command, each a list or one text, as one command line; `sh -c` is opened."""
    words: list[Word] = []
    for node in nodes:
        if node is None:
            continue
        if node.kind == "sequence":
            words += [Word(item.text, item.span) for item in node.elements if item.kind == "scalar"]
        elif node.kind == "scalar" and node.text:
            words += shell_words(source, node)
    return _opened(source, tuple(words))


def _opened(source: SourceFile, words: tuple[Word, ...]) -> tuple[Word, ...]:
    """What `sh -c "..."` runs."""
    for at, word in enumerate(words[:4]):
        if word.text in ("-c", "-lc", "-ec") and at and words[0].text in _SHELLS and at + 1 < len(words):
            script = words[at + 1]
            start = source.offset(script.span.start)
            end = source.offset(script.span.end)
            raw = source.text[start:end]
            inner = raw.strip("\"'")
            if inner == script.text and "\n" not in inner:
                at_text = start + raw.index(inner) if inner else start
                return argv(list(split(source, at_text, at_text + len(inner))))
            text = SourceFile(script.span.path, script.text)
            return tuple(Word(piece.text, script.span) for piece in argv(list(split(text, 0, len(script.text)))))
    return words


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
            words = tuple(Word(piece.text, piece.span) for piece in instruction.words)
            match instruction.name:
                case "ENTRYPOINT":
                    entry, command = _form(source, instruction), ()
                case "CMD":
                    command = _form(source, instruction)
                case "ENV":
                    env.update(_env(words))
                case "EXPOSE":
                    ports += [int(w.text.partition("/")[0]) for w in words if w.text.partition("/")[0].isdigit()]
                case "COPY" | "ADD":
                    plain = [w.text for w in words if not w.text.startswith("--")]
                    if len(plain) >= 2:
                        copies.update({item: plain[-1] for item in plain[:-1]})
                case _:
                    pass
    base = chain[-1].base
    return Image(Word(base.text, base.span), _opened(source, (*entry, *command)), env, tuple(ports), copies)


def _form(source: SourceFile, instruction: dockerfile.Instruction) -> tuple[Word, ...]:
    if instruction.exec_form:
        return tuple(Word(piece.text, piece.span) for piece in instruction.words)
    return argv(list(instruction.words))


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
