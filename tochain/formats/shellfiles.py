"""The files a shell script writes: here-documents and echoed lines, read where they are literal; nothing is run."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from tochain.formats.carried import Carried, Piece, joined, written
from tochain.model.span import SourceFile

__all__ = ["Script", "Written", "files_of", "parse"]

_HERE = re.compile(r"(?<![<(\w])<<(?P<strip>-?)[ \t]*(?P<quote>['\"\\]?)(?P<word>[A-Za-z_][\w.-]*)['\"]?")
_TARGET = re.compile(r"(?<![0-9<>&])(?P<append>>>|>\|?)[ \t]*['\"]?(?P<path>/[^\s'\"|;&<>()]+)")
_TEE = re.compile(r"\btee[ \t]+(?P<append>(?:-a|--append)[ \t]+)?['\"]?(?P<path>/[^\s'\"|;&<>()]+)")
_ECHO = re.compile(
    r"""^[ \t]*(?:sudo[ \t]+)?(?:(?:ba)?sh[ \t]+-c[ \t]+['"])?(?:echo(?:[ \t]+-[ne]+)*|printf)[ \t]+(?P<q>['"])(?P<text>[^'"\n]*)(?P=q)"""
)
_ASSIGNED = re.compile(
    r"^(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)=(?P<q>['\"]?)(?P<value>[^\s'\"$`;&|()]*)(?P=q)[ \t]*$"
)
_EXPANDED = re.compile(r"\\([$`\\])|\$\{(\w+)\}|\$(\w+)")
_OPENS = re.compile(r"^[ \t]*(?:if|case|for|while|until|select)\b|^[ \t]*(?:function[ \t]+)?[\w-]+[ \t]*\(\)")
_CLOSES = re.compile(r"^[ \t]*(?:fi|esac|done)\b|^[ \t]*\}")


@dataclass(frozen=True, slots=True)
class Written:
    """One file a script writes: where, what, whether behind what is there, and whether only under a condition."""

    path: str
    content: Carried
    append: bool = False
    conditional: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """A script apart: the files it writes, and its text without the here-documents."""

    files: tuple[Written, ...]
    rest: Carried


def parse(source: SourceFile) -> Script:
    """A script that is a file of its own."""
    return files_of(written(source.text, source.span(0, len(source.text)), source))


def files_of(script: Carried) -> Script:
    """What a script writes with `cat > FILE <<END`, `tee FILE <<END` and `echo '...' > FILE`."""
    lines = list(script.lines())
    known = _variables(lines)
    ends = _ends(lines)
    files: list[Written] = []
    rest: list[Carried] = []
    at = depth = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        text = line.text
        depth += bool(_OPENS.match(text)) - bool(_CLOSES.match(text))
        rest.append(line)
        here = _HERE.search(text)
        end = _end(ends, here["word"], at) if here is not None and not text.lstrip().startswith("#") else None
        if here is not None and end is not None:
            body, at = _body(lines[at:end], here), end + 1
            files += _target(text, _meant(body, here, known), conditional=depth > 0)
        else:
            files += _echoed(line, known, conditional=depth > 0)
    return Script(tuple(files), joined(rest))


def _variables(lines: list[Carried]) -> dict[str, Carried]:
    """The variables that one line of the script sets to a literal, and no other line sets."""
    found: dict[str, list[Carried]] = {}
    for line in lines:
        set_ = _ASSIGNED.match(line.text.rstrip("\r\n"))
        if set_ is not None:
            found.setdefault(set_["name"], []).append(line.cut(*set_.span("value")))
    return {name: values[0] for name, values in found.items() if len(values) == 1 and values[0].pieces}


def _ends(lines: list[Carried]) -> dict[str, list[int]]:
    """Where each line of one word stands, which may end a here-document."""
    found: dict[str, list[int]] = {}
    for number, line in enumerate(lines):
        found.setdefault(line.text.strip(), []).append(number)
    return found


def _end(ends: dict[str, list[int]], word: str, at: int) -> int | None:
    here = ends.get(word, [])
    following = bisect_left(here, at)
    return here[following] if following < len(here) else None


def _body(lines: list[Carried], here: re.Match[str]) -> list[Carried]:
    """The lines of a here-document, without the tabs `<<-` takes off."""
    if not here["strip"]:
        return lines
    return [line.cut(len(line.text) - len(line.text.lstrip("\t")), len(line.text)) for line in lines]


def _meant(body: list[Carried], here: re.Match[str], known: dict[str, Carried]) -> Carried:
    """A here-document as it is written to the file: with the variables that are known, unless its word is quoted."""
    whole = joined(body)
    return whole if here["quote"] else _filled(whole, known)


def _filled(whole: Carried, known: dict[str, Carried]) -> Carried:
    """A text with its escapes taken off and its known variables filled in; others stay as written."""
    text, done, at = whole.text, [], 0
    for found in _EXPANDED.finditer(text):
        name = found[2] or found[3]
        if name is not None and name not in known:
            continue
        place = whole.span(found.start(), found.end())
        if place is None:
            continue
        put = found[1] if name is None else known[name].text
        done += [whole.cut(at, found.start()), Carried((Piece(put, place),))]
        at = found.end()
    return joined([*done, whole.cut(at, len(text))])


def _target(text: str, content: Carried, *, conditional: bool) -> Iterator[Written]:
    found = _TEE.search(text) or _TARGET.search(text)
    if found is not None and "$" not in found["path"]:
        yield Written(found["path"], content, (found["append"] or "").strip() not in ("", ">", ">|"), conditional)


def _echoed(line: Carried, known: dict[str, Carried], *, conditional: bool) -> Iterator[Written]:
    found = _ECHO.match(line.text)
    if found is None:
        return
    content = line.cut(*found.span("text"))
    place = line.span(*found.span("text"))
    if place is None or "\\n" in content.text:
        return  # whether the shell's echo makes lines of it is its own matter
    content = content if found["q"] == "'" else _filled(content, known)
    end = Carried((Piece("\n", place),))
    yield from _target(line.text[found.end() :], joined((content, end)), conditional=conditional)
