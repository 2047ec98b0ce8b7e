"""What a machine is told to do when it first starts: cloud-init's files and commands, shell scripts; nothing is run."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tochain.formats import yamlfile
from tochain.formats.carried import Carried, Piece, joined, written
from tochain.formats.shellfiles import Written, files_of
from tochain.formats.tree import Node
from tochain.model.span import SourceFile, Span

__all__ = ["FirstBoot", "read_user_data"]

_PART = re.compile(r"^--[^\s]+[ \t]*\r?$|^(?:Content-[\w-]+|MIME-Version|Number-Attachments):.*$", re.MULTILINE | re.I)
_MAX_PARTS = 64


@dataclass(slots=True)
class FirstBoot:
    """The files a machine begins with, what it runs, and what could not be told (sentence, place)."""

    files: dict[str, Carried] = field(default_factory=dict)
    script: list[Carried] = field(default_factory=list)
    problems: list[tuple[str, Span]] = field(default_factory=list)
    _conditional: set[str] = field(default_factory=set)

    def take(self, one: Written) -> None:
        """A file that is written; behind what is there, or instead of it."""
        before = self.files.get(one.path)
        if before is None or one.append:
            self.files[one.path] = joined((before or Carried(()), one.content))
        elif before.text != one.content.text and (one.conditional or one.path in self._conditional):
            place = one.content.span(0, 1)
            if place is not None:
                self.problems.append((f"{one.path} is written in several ways, under conditions", place))
            self.files[one.path] = Carried(())
        else:
            self.files[one.path] = one.content
        self._conditional |= {one.path} if one.conditional else set()


def read_user_data(parts: Iterable[Carried]) -> FirstBoot:
    """What the parts of a machine's user data come to: scripts, cloud-config, or both in one message."""
    boot = FirstBoot()
    for given in parts:
        for part in _parts(given):
            text = part.text
            if re.match(r"\s*(?:## template: jinja\s*)?#cloud-config\b", text):
                _cloud_config(part, boot)
            elif re.match(r"\s*#!", text):
                run(part, boot)
    return boot


def run(script: Carried, boot: FirstBoot) -> None:
    """A script: the files it writes, and its commands."""
    found = files_of(script)
    for one in found.files:
        boot.take(one)
    boot.script.append(found.rest)


def _parts(whole: Carried) -> Iterator[Carried]:
    """The parts of a message in MIME's form; else the whole text."""
    text = whole.text
    if not re.match(r"\s*(?:Content-Type:\s*multipart/|MIME-Version:)", text, re.IGNORECASE):
        yield whole
        return
    at = 0
    for count, mark in enumerate(_PART.finditer(text)):
        if text[at : mark.start()].strip() and count < _MAX_PARTS:
            yield whole.cut(at, mark.start())
        at = mark.end()
    if text[at:].strip():
        yield whole.cut(at, len(text))


def _cloud_config(part: Carried, boot: FirstBoot) -> None:
    source = SourceFile("cloud-config", part.text)
    document = yamlfile.parse(source)
    for message, span, _ in document.problems:
        place = part.span(source.offset(span.start), source.offset(span.end))
        if place is not None:
            boot.problems.append((f"cloud-config: {message}", place))
    for root in document.roots:
        for item in root.each("write_files"):
            _file(item, source, part, boot)
        commands = [line for name in ("bootcmd", "runcmd") for line in root.each(name)]
        for command in commands:
            run(_command(command, source, part), boot)


def _file(item: Node, source: SourceFile, part: Carried, boot: FirstBoot) -> None:
    path, content = item.value("path"), item.get("content")
    if not path.startswith("/") or content is None or content.kind != "scalar":
        return
    here = part.inner(source, written(content.text, content.span, source))
    encoding = item.value("encoding")
    if encoding not in ("", "text/plain"):
        place = here.span(0, 1)
        plain = _decoded(content.text) if encoding in ("b64", "base64") else None
        if place is None or plain is None:
            if place is not None:
                boot.problems.append((f"{path}: content in {encoding} is not read", place))
            return
        here = Carried((Piece(plain, place),))
    boot.take(Written(path, here, append=item.value("append") == "true"))


def _decoded(text: str) -> str | None:
    try:
        return b64decode(text, validate=True).decode("utf-8")
    except ValueError:
        return None


def _command(node: Node, source: SourceFile, part: Carried) -> Carried:
    """One command of `runcmd` as a line of a script: a text, or a list of words."""
    words = node.elements if node.kind == "sequence" else [node]
    pieces: list[Piece] = []
    for word in words:
        if word.kind != "scalar":
            continue
        here = part.inner(source, written(word.text, word.span, source))
        place = here.span(0, 1)
        if place is not None:
            quote = [Piece("'", place)] if node.kind == "sequence" and re.search(r"\s", word.text) else []
            pieces += [*quote, *here.pieces, *quote, Piece(" ", place)]
    return Carried((*pieces, Piece("\n", pieces[-1].span))) if pieces else Carried(())
