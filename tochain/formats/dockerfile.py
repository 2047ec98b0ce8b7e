"""Dockerfiles: instructions with their places, continuation lines joined, exec and shell forms split into words."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from tochain.formats.commandline import split
from tochain.model.component import Word
from tochain.model.span import SourceFile, Span

__all__ = ["Instruction", "Stage", "parse", "stages"]

_INSTRUCTION = re.compile(r"[ \t]*([A-Za-z]+)(?:[ \t]+|(?=\\?\n)|$)")
_HEREDOC = re.compile(r"<<-?[\"']?(\w+)[\"']?")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its name in capitals, its words, and whether they came in exec form (a JSON array)."""

    name: str
    words: tuple[Word, ...]
    span: Span
    exec_form: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """One build stage: what it starts from and its instructions."""

    base: Word
    name: str
    instructions: tuple[Instruction, ...]


def parse(source: SourceFile) -> list[Instruction]:
    """The instructions in order; comments, heredoc bodies and unknown lines are left out."""
    found: list[Instruction] = []
    number, last = 1, source.line_count
    while number <= last:
        start = number
        while source.line(number).rstrip().endswith("\\") and number < last:
            number += 1
        text_start = source.offset(source.whole_line(start).start)
        text_end = source.offset(source.whole_line(number).end)
        instruction = _instruction(source, text_start, text_end)
        if instruction is not None:
            found.append(instruction)
            number = _past_heredoc(source, instruction, number)
        number += 1
    return found


def _instruction(source: SourceFile, start: int, end: int) -> Instruction | None:
    text = source.text[start:end]
    head = _INSTRUCTION.match(text)
    if head is None or text.lstrip().startswith("#"):
        return None
    body = start + head.end()
    raw = source.text[body:end]
    if raw.lstrip().startswith("["):
        words = _exec_form(source, body, raw)
        if words is not None:
            return Instruction(head[1].upper(), words, source.span(start, end), exec_form=True)
    return Instruction(
        head[1].upper(), tuple(split(source.text[body:end], source.span(body, end), source)), source.span(start, end)
    )


def _exec_form(source: SourceFile, start: int, raw: str) -> tuple[Word, ...] | None:
    try:
        values = json.loads(raw.replace("\\\n", "  ").replace("\\\r\n", "   "))
    except ValueError:
        return None
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return None
    pieces = []
    for value, found in zip(values, re.finditer(r'"(?:[^"\\]|\\.)*"', raw), strict=False):
        pieces.append(Word(value, source.span(start + found.start() + 1, start + found.end() - 1)))
    return tuple(pieces)


def _past_heredoc(source: SourceFile, instruction: Instruction, number: int) -> int:
    for word in _HEREDOC.findall(source.line(number)) if instruction.name in ("RUN", "COPY", "ADD") else []:
        after = number + 1
        while after <= source.line_count and source.line(after).strip() != word:
            after += 1
        if after <= source.line_count:
            number = after
    return number


def stages(instructions: list[Instruction]) -> list[Stage]:
    """The build stages; the last one is what runs."""
    found: list[Stage] = []
    for instruction in instructions:
        if instruction.name == "FROM":
            words = [word for word in instruction.words if not word.text.startswith("--")]
            if words:
                alias = words[2].text if len(words) > 2 and words[1].text.lower() == "as" else ""
                found.append(Stage(words[0], alias, ()))
        elif found:
            found[-1] = Stage(found[-1].base, found[-1].name, (*found[-1].instructions, instruction))
    return found
