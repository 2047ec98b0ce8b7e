"""Command lines to words with places, to the programs they start, and to the flags those are given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from tochain.model.component import Word
from tochain.model.span import Pos, SourceFile, Span

__all__ = ["Flag", "assignments", "commands", "flags", "last_flag", "split", "split_part"]

_TOKEN = re.compile(
    r"""(?P<operator>&&|\|\||;;|[;&|()\n])
      |(?P<redirect>\d*(?:>>|<<|>|<)&?[\d-]?)
      |(?P<comment>(?<![^\s;&|()])\#[^\n]*)
      |(?P<word>(?:[^\s"'\\;&|()`$<>]+|\\[\s\S]|"[^"\\]*(?:\\[\s\S][^"\\]*)*"|'[^']*'
        |\$\{[^{}\n]*(?:\{[^{}\n]*\}[^{}\n]*)*\}|\$\([^()]*(?:\([^()]*\)[^()]*)*\)|`[^`]*`|\$|["'`\\])+)""",
    re.VERBOSE,
)
_QUOTING = re.compile(r"""'([^']*)'|"([^"\\]*(?:\\[\s\S][^"\\]*)*)"|\\([\s\S])""")
_IN_QUOTES = re.compile(r'\\(["\\$`\n])')
_OPERATORS = {"&&", "||", ";", ";;", "&", "|", "(", ")", "\n"}
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=[\s\S]*")
_SHELLS = {"sh", "bash", "ash", "dash", "zsh"}
_SCRIPT_FLAG = re.compile(r"-[a-z]*c")
# Words that go before the program: how many operands of their own they take, and which flags have a value.
_WRAPPERS: dict[str, tuple[int, frozenset[str]]] = {
    "exec": (0, frozenset({"-a"})),
    "time": (0, frozenset()),
    "nohup": (0, frozenset()),
    "setsid": (0, frozenset()),
    "env": (0, frozenset({"-u", "-C", "-S"})),
    "sudo": (0, frozenset({"-u", "-g", "-h"})),
    "nice": (0, frozenset({"-n"})),
    "ionice": (0, frozenset({"-c", "-n"})),
    "tini": (0, frozenset({"-e", "-p"})),
    "dumb-init": (0, frozenset({"-r"})),
    "gosu": (1, frozenset()),
    "su-exec": (1, frozenset()),
    "timeout": (1, frozenset({"-k", "-s"})),
    "flock": (1, frozenset({"-w", "-E"})),
    "npx": (0, frozenset({"-p", "--package"})),
}
_RUNNERS = {("bundle", "exec"), ("poetry", "run"), ("pipenv", "run"), ("uv", "run"), ("pdm", "run"), ("pnpm", "exec")}
_KEYWORDS = {"if", "then", "else", "elif", "do", "while", "until", "!", "{", "}", "fi", "done"}
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*")


def split(text: str, span: Span, source: SourceFile | None = None, *, script: bool = False) -> list[Word]:
    """The words of a command line as a shell splits them, quotes and escapes taken off, each with its place.

    Operators such as `&&` are words of their own; `$VAR` and `$(...)` stay as written; comments and redirections are
    left out. With `script` a line end separates commands and is a word too. `span` is where the text stands: with
    `source` places are exact also where it is quoted or folded there; a word that cannot be found has the whole span.
    """
    place = _places(text, span, source)
    words = []
    skip = False
    for found in _TOKEN.finditer(text):
        part = found[0]
        if found.lastgroup == "redirect":
            skip = not part[-1].isdecimal() and not part.endswith("-")  # the next word is a file's name
        elif found.lastgroup == "operator" and (script or part != "\n"):
            words.append(Word(part, place(found.start(), found.end())))
        elif found.lastgroup == "word":
            if not skip and part != "\\\n":
                words.append(Word(_unquote(part), place(found.start(), found.end())))
            skip = False
    return words


def split_part(source: SourceFile, start: int, end: int) -> list[Word]:
    """The words between two offsets of a file."""
    return split(source.text[start:end], source.span(start, end), source)


def _unquote(word: str) -> str:
    return _QUOTING.sub(_unquoted, word)


def _unquoted(found: re.Match[str]) -> str:
    single, double, escaped = found.groups()
    if single is not None:
        return str(single)
    if double is not None:
        return _IN_QUOTES.sub(lambda escape: "" if escape[1] == "\n" else escape[1], double)
    return "" if escaped == "\n" else str(escaped)


def _places(text: str, span: Span, source: SourceFile | None) -> Callable[[int, int], Span]:
    """A function from offsets in the text to places in its file."""
    if source is None:
        return lambda start, end: _shifted(span, text, start, end)
    written, base = source.slice(span), source.offset(span.start)
    if written == text:
        return lambda start, end: source.span(base + start, base + end)
    if written[1:-1] == text:
        return lambda start, end: source.span(base + 1 + start, base + 1 + end)
    cursor = 0

    def search(start: int, end: int) -> Span:
        nonlocal cursor
        at = written.find(text[start:end], cursor)
        if at == -1:
            return span
        cursor = at + end - start
        return source.span(base + at, base + cursor)

    return search


def _shifted(span: Span, text: str, start: int, end: int) -> Span:
    """The place of a part of a text that stands in one line, as it is or in quotes; else the whole span."""
    width = span.end.column - span.start.column
    if span.start.line != span.end.line or "\n" in text or width not in (len(text), len(text) + 2):
        return span
    first = span.start.column + (width - len(text)) // 2
    return Span(span.path, Pos(span.start.line, first + start), Pos(span.start.line, first + end))


def commands(words: Iterable[Word], source: SourceFile | None = None) -> list[list[Word]]:
    """The argument vectors a command line starts, each beginning with the program.

    Shells with a script (`sh -c "..."`), wrappers (exec, env, tini, gosu, poetry run ...), `python -m` and assignments
    before the program are taken off.
    """
    todo = _separate(words)[::-1]
    out: list[list[Word]] = []
    while todo:
        argv = todo.pop()
        script = _script(argv)
        if script is not None:
            todo += _separate(split(script.text, script.span, source, script=True))[::-1]
        elif argv:
            out.append(argv)
    return out


def _separate(words: Iterable[Word]) -> list[list[Word]]:
    parts: list[list[Word]] = [[]]
    for word in words:
        if word.text in _OPERATORS:
            parts.append([])
        else:
            parts[-1].append(word)
    return [argv for part in parts if (argv := part[_program_at(part) :])]


def _program_at(words: Sequence[Word]) -> int:
    """The index of the program proper, behind assignments, shell keywords and wrappers."""
    at = 0
    while at < len(words):
        name = PurePosixPath(words[at].text).name
        if _ASSIGNMENT.fullmatch(words[at].text) or words[at].text in _KEYWORDS:
            at += 1
        elif name in _WRAPPERS:
            at = _behind_wrapper(words, at, *_WRAPPERS[name])
        elif at + 1 < len(words) and (name, words[at + 1].text) in _RUNNERS:
            at += 2
        elif _PYTHON.fullmatch(name) and (module := _python_module(words, at)) is not None:
            return module
        else:
            break
    return at


def _behind_wrapper(words: Sequence[Word], at: int, operands: int, valued: frozenset[str]) -> int:
    at += 1
    while at < len(words) and words[at].text.startswith("-"):
        flag = words[at].text
        at += 2 if flag in valued else 1
        if flag == "--":
            break
    return at + operands


def _python_module(words: Sequence[Word], at: int) -> int | None:
    for index in range(at + 1, len(words) - 1):
        if words[index].text == "-m":
            return index + 1
        if not words[index].text.startswith("-"):
            return None
    return None


def _script(argv: Sequence[Word]) -> Word | None:
    """The script of `sh -c SCRIPT`; None for everything else."""
    if not argv or PurePosixPath(argv[0].text).name not in _SHELLS:
        return None
    at = 1
    while at < len(argv) - 1 and argv[at].text[:1] in ("-", "+"):
        if _SCRIPT_FLAG.fullmatch(argv[at].text):
            return argv[at + 1]
        at += 2 if argv[at].text.endswith("o") else 1
    return None


def assignments(words: Iterable[Word]) -> dict[str, Word]:
    """The variables set on a command line before the program (`A=1 x`, `env A=1 x`), values with their places."""
    out = {}
    for word in words:
        name, equals, value = word.text.partition("=")
        if equals and _ASSIGNMENT.fullmatch(word.text):
            out[name] = Word(value, _shifted(word.span, word.text, len(name) + 1, len(word.text)))
        elif word.text != "env" and word.text not in _OPERATORS and not word.text.startswith("-"):
            break
    return out


@dataclass(frozen=True, slots=True)
class Flag:
    """One option of a command, `name` with its dashes; a switch has the value "" at its own place."""

    name: str
    value: str
    span: Span
    value_span: Span


def flags(argv: Sequence[Word], value_flags: Iterable[str] = ()) -> list[Flag]:
    """The options among the words of a command, in order; `--` ends them.

    `--a=b` and `-a=b` always carry their value; `--a b`, `-k 5` and `-k5` do where `value_flags` names the flag.
    """
    valued = set(value_flags)
    out = []
    at = 0
    while at < len(argv):
        word = argv[at]
        at += 1
        if word.text == "--":
            break
        if not word.text.startswith("-") or word.text == "-":
            continue
        if word.text in valued and at < len(argv):
            out.append(Flag(word.text, argv[at].text, word.span, argv[at].span))
            at += 1
        else:
            out.append(_joined(word, valued))
    return out


def _joined(word: Word, valued: set[str]) -> Flag:
    """A flag that is one word: with its value behind `=`, glued to a short name, or a switch."""
    name, equals, value = word.text.partition("=")
    short = word.text[:2]
    if equals:
        return Flag(name, value, word.span, _shifted(word.span, word.text, len(name) + 1, len(word.text)))
    if short in valued and len(word.text) > 2 and short != "--":
        return Flag(short, word.text[2:], word.span, _shifted(word.span, word.text, 2, len(word.text)))
    return Flag(word.text, "", word.span, word.span)


def last_flag(found: Iterable[Flag], *names: str) -> Flag | None:
    """The last option that has one of these names, which is the one that counts; None when there is none."""
    return next((flag for flag in reversed(list(found)) if flag.name in names), None)
