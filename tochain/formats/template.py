"""Templates that are not rendered: their actions are replaced by text of the same length, so that places hold."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass

from tochain.formats.tree import Document, Node
from tochain.model.span import SourceFile

__all__ = ["NOTE", "TEMPLATE_LINE", "Masked", "mask", "read_template", "restore"]

NOTE = "template: what its actions come to is not known before rendering"
# An action ends at its first end mark; one that is never closed stops at the next beginning, so this is linear.
_ACTION = re.compile(
    r"\{\{(?:(?!\{\{)[\s\S])*?\}\}|\{%(?:(?!\{%)[\s\S])*?%\}|\{#(?:(?!\{#)[\s\S])*?#\}|<%(?:(?!<%)[\s\S])*?%>"
)
TEMPLATE_LINE = re.compile(r"[ \t]*(?:\{\{[^}]*\}\}[ \t]*$|\{%|\{#|<%)", re.MULTILINE)
"""The beginning of a line that is a template's and not the file's own."""
_OPENINGS = ("{{", "{%", "<%")


@dataclass(frozen=True, slots=True)
class Masked:
    """A template as `text` its format can be parsed from; `starts` and `ends` are the offsets of the actions."""

    text: str
    starts: list[int]
    ends: list[int]

    def touches(self, start: int, end: int) -> bool:
        """Whether an action stands between two offsets."""
        at = bisect_left(self.ends, start + 1)
        return at < len(self.starts) and self.starts[at] < end


def read_template(source: SourceFile, read: Callable[[str, Masked | None], Document]) -> Document | None:
    """What `read` makes of the masked text of a template, with a note; None when the file has no template actions.

    What cannot be read even so counts as understood in part, not as failed: the rendered file may well be right.
    """
    if not any(opening in source.text for opening in _OPENINGS):
        return None
    masked = mask(source.text)
    if not masked.starts:
        return None
    done = read(masked.text, masked)
    problems = [(NOTE, source.span(masked.starts[0], masked.ends[0]), False)]
    problems += [(f"template, not rendered: {text}", span, False) for text, span, failed in done.problems if failed]
    return Document(done.roots, problems)


def mask(text: str) -> Masked:
    """A template with its actions made harmless, offset for offset.

    Lines that are nothing but actions become empty lines; an action within a line becomes one word.
    """
    starts, ends = [], []
    parts: list[str] = []
    done = 0
    for found in _ACTION.finditer(text):
        starts.append(found.start())
        ends.append(found.end())
        parts += [text[done : found.start()], "\0" * (found.end() - found.start())]
        done = found.end()
    blank = re.sub(
        r"^[ \t]*\0[\0 \t]*(?=\r?$)", lambda line: "\n" * len(line[0]), "".join((*parts, text[done:])), flags=re.M
    )
    return Masked(re.sub(r"\0+", lambda word: "TEMPLATE"[: len(word[0])].ljust(len(word[0]), "-"), blank), starts, ends)


def restore(node: Node, source: SourceFile, start: int, end: int) -> None:
    """Gives a scalar that was read from a masked text its own text back and marks it as an expression."""
    node.text = source.text[start:end]
    if node.quoted:
        node.text = node.text[1:-1]
    node.expression = True
