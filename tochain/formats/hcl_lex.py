"""HCL text to tokens: one character of kind and two offsets each."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from dataclasses import dataclass, field

__all__ = ["MAX_DEPTH", "Tokens", "tokens", "unescape"]

MAX_DEPTH = 200
_TOKEN = re.compile(
    r"""(?P<space>[^\S\n]+|\#[^\n]*|//[^\n]*)
      |(?P<line>\n)
      |(?P<comment>/\*)
      |(?P<heredoc><<-?(?P<name>[^\W\d][\w-]*)[ \t]*\r?\n)
      |(?P<string>"[^"\\\n$%]*(?:(?:\\.|\$\$\{|%%\{|[$%](?!\{))[^"\\\n$%]*)*")
      |(?P<quote>")
      |(?P<word>[^\W\d][\w-]*)
      |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
      |(?P<operator>==|!=|>=|<=|=>|&&|\|\||\.\.\.)
      |(?P<mark>[\s\S])""",
    re.VERBOSE,
)
_IN_STRING = re.compile(r'[^"\\$%\n]+|\\.|\$\$\{|%%\{|[$%]\{|"|\n|[\s\S]')
_IN_CODE = re.compile(r'[^"{}]+|"|\{|\}')
_HEREDOC_END = re.compile(r"^[ \t]*([^\W\d][\w-]*)[ \t]*\r?$", re.MULTILINE)
_KINDS = {"line": "l", "string": "s", "word": "i", "number": "n", "operator": "o"}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(slots=True)
class Tokens:
    """The tokens of a file; the last one is the end.

    `kinds` has a letter for each: l line end, i identifier, n number, s string, t string with a template in it,
    h heredoc, o operator of several characters, x what is no token, e end, and every other mark as itself.
    """

    kinds: str = ""
    starts: array[int] = field(default_factory=lambda: array("l"))
    ends: array[int] = field(default_factory=lambda: array("l"))
    faults: list[tuple[str, int, int]] = field(default_factory=list)


def tokens(text: str) -> Tokens:
    """The tokens of a text, comments left out; faults are (message, start, end)."""
    out = Tokens()
    kinds: list[str] = []
    heredocs: dict[str, list[int]] | None = None
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        assert found is not None, "the last alternative matches anything"
        name, end = found.lastgroup, found.end()
        kind = _KINDS.get(name or "", "")
        if name == "space":
            at = end
            continue
        if name == "comment":
            at = text.find("*/", end) + 2
            if at == 1:
                out.faults.append(("a comment that never ends", found.start(), end))
                break
            continue
        if name == "quote":
            kind, end = _template_string(text, at)
            if kind == "x":
                out.faults.append(("a string that never ends", at, end))
        elif name == "mark":
            kind = "x" if found[0].isspace() or found[0] in '"linsthoxe' else found[0]
        elif name == "heredoc":
            heredocs = _heredoc_ends(text) if heredocs is None else heredocs
            kind, end = _heredoc(text, found, heredocs)
            if kind == "x":
                out.faults.append((f"a heredoc without its end {found['name']}", at, end))
        kinds.append(kind)
        out.starts.append(at)
        out.ends.append(end)
        at = end
    kinds.append("e")
    out.starts.append(len(text))
    out.ends.append(len(text))
    out.kinds = "".join(kinds)
    return out


def _heredoc_ends(text: str) -> dict[str, list[int]]:
    # Looked up instead of searched for, so that many heredocs without an end stay cheap.
    ends: dict[str, list[int]] = {}
    for found in _HEREDOC_END.finditer(text):
        ends.setdefault(found[1], []).append(found.end(1))
    return ends


def _heredoc(text: str, found: re.Match[str], ends: dict[str, list[int]]) -> tuple[str, int]:
    places = ends.get(found["name"], [])
    at = bisect_left(places, found.end())
    if at < len(places):
        return "h", places[at]
    return "x", found.end("name")


def _template_string(text: str, start: int) -> tuple[str, int]:
    """The kind and end of a string that holds `${...}`, which may hold strings in turn; never recursive."""
    modes = ["string"]
    at = start + 1
    while at < len(text) and len(modes) <= MAX_DEPTH:
        found = (_IN_STRING if modes[-1] == "string" else _IN_CODE).match(text, at)
        assert found is not None, "both expressions match any character"
        at = found.end()
        piece = found[0]
        if modes[-1] == "string":
            if piece == '"':
                modes.pop()
                if not modes:
                    return "t", at
            elif piece in ("${", "%{"):
                modes.append("code")
            elif piece == "\n":
                break
        elif piece == '"':
            modes.append("string")
        elif piece == "{":
            modes.append("code")
        elif piece == "}":
            modes.pop()
    line_end = text.find("\n", start)
    return "x", len(text) if line_end == -1 else line_end


def unescape(raw: str) -> str:
    """The text between the quotes of a string without templates."""
    if "\\" not in raw:
        return raw
    text = _ESCAPE.sub(_unescaped, raw)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _unescaped(escape: re.Match[str]) -> str:
    code = int(escape[1] or escape[2] or "0", 16)
    if escape[3]:
        return _ESCAPED.get(escape[3], escape[3])
    return chr(code) if code <= 0x10FFFF else "\ufffd"
