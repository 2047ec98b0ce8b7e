"""Text from outside made fit to print: no control characters, no secrets, and how wide it is on a terminal."""

from __future__ import annotations

import re
import unicodedata
from base64 import b64decode
from html import escape

__all__ = ["clean", "mask", "one_line", "pad", "width", "xml"]

_PRINTABLE_ASCII = re.compile(r"[ -~]*")
_INVISIBLE = frozenset("\u00ad\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u2060\ufeff") | frozenset(
    chr(code)
    for start, end in ((0x202A, 0x202F), (0x2061, 0x2070), (0xFFF9, 0xFFFC), (0xE0000, 0xE0080))
    for code in range(start, end)
)

_PLACES = (
    re.compile(r"(?<=://)[^\s/@:\"']*+:(?P<secret>[^\s/@\"']++)(?=@)"),
    re.compile(r"(?i)\b(?:bearer|basic)\s+(?P<secret>[\w.~+/=-]{6,})"),
    re.compile(r"(?i)--?(?:password|token|secret|requirepass|masterauth)\s+(?P<secret>[^\s\"';-][^\s\"';]*)"),
    re.compile(
        r"(?i)(?<!\S)(?:-u|--user|--proxy-user|user\s*[=:])\s*[\"']?[^\s:\"'/]+:(?P<secret>(?!\d+(?!\S))[^\s\"']+)"
    ),
    re.compile(r"[\w.-]:(?P<secret>[^\s/@\"':]+)(?=@(?:tcp|unix)\()"),
    re.compile(r"(?<=:)[\w.-]*:\d{2,5}:[\w.-]+:(?P<secret>[^\s;:)\"'`]+)"),
    re.compile(r"(?i)^\s*(?:requirepass|masterauth|auth-pass|stats\s+auth\s+[^\s:]+:)\s*(?P<secret>\S+)"),
)
_ENTRY = re.compile(
    r"(?<![\w.-])(?P<word>[\w.-]++)[\"']?\s*+(?:=>|[:=])\s*+(?P<secret>\"[^\"]*\"|'[^']*'|[^\s\"',;&{}]+)"
)
_CODED = re.compile(r"(?<![\w+/=])(?P<secret>[A-Za-z0-9+/]{16,4000}={0,2})(?![\w+/=])")
_LOGIN = re.compile(rb"\w://[^\s/]*@")
_SECRET_WORD = re.compile(r"(?i)(?:passw(?:or)?d|passphrase|secret)$|(?:^|[._-])(?:pass|pwd)$")
_RELATED_WORD = re.compile(
    r"(?i)passw(?:or)?d|(?:^|[._-])(?:pass|pwd)$|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential"
)
_VARIABLE = re.compile(r"[\"']?(?:\$|\{\{|<%|%\()")
_SWITCH = re.compile(
    r"(?i)[\"']?(?:\d+(?:\.\d+)?(?:us|ms|[smhdw]|min)?|true|false|on|off|yes|no|null|none|never)[\"']?"
)
_LONGEST = 1000


def clean(text: str) -> str:
    """The text with every character that a terminal would obey, or that nobody can see, replaced by a visible one.

    One character stays one character, so columns stay right. Tabs and line ends are replaced too.
    """
    if _PRINTABLE_ASCII.fullmatch(text):
        return text
    return "".join(_visible(char) for char in text)


def one_line(text: str) -> str:
    """Prose for one line: white space becomes one blank, the rest is cleaned and masked, cut where it is endless."""
    text = " ".join(text[: 4 * _LONGEST].split())
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    return mask(clean(text))


def _visible(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0x80 <= code < 0xA0 or 0xD800 <= code < 0xE000 or char in _INVISIBLE:
        return "\ufffd"
    return char


def mask(text: str) -> str:
    """The text with what looks like a password or token replaced by as many stars.

    Variables stay, and so do numbers, durations and switches after a word that only contains "token" or the like:
    they are settings and not secrets.
    """
    for place in _PLACES:
        text = place.sub(_stars, text)
    text = _CODED.sub(_coded, text)
    return _ENTRY.sub(_entry, text)


def _coded(found: re.Match[str]) -> str:
    """Stars for the base64 of a URL with a login in it, as Secrets hold them."""
    try:
        plain = b64decode(found["secret"], validate=True)
    except ValueError:
        return found[0]
    return _stars(found) if _LOGIN.search(plain) else found[0]


def _entry(found: re.Match[str]) -> str:
    if not _RELATED_WORD.search(found["word"]):
        # What is in quotes may be a list of entries itself: "Host=db;Password=...".
        before, inside = found[0][: found.start("secret") - found.start()], found["secret"]
        return before + inside[0] + _ENTRY.sub(_entry, inside[1:-1]) + inside[-1] if inside[0] in "\"'" else found[0]
    if _SWITCH.fullmatch(found["secret"]) and not _SECRET_WORD.search(found["word"]):
        return found[0]
    return _stars(found)


def _stars(found: re.Match[str]) -> str:
    secret = found["secret"]
    if _VARIABLE.match(secret):
        return found[0]
    before = found[0][: found.start("secret") - found.start()]
    after = found[0][found.end("secret") - found.start() :]
    quote = secret[0] if secret[0] in "\"'" else ""
    return f"{before}{quote}{'*' * (len(secret) - 2 * len(quote))}{quote}{after}"


def xml(text: str) -> str:
    """Cleaned text for XML: markup escaped, and the two characters that XML knows no way to write replaced."""
    return escape(text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd"))


def width(text: str) -> int:
    """How many terminal columns a cleaned text takes: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def pad(text: str, columns: int, right: bool = False) -> str:
    """The text filled with blanks to a width in terminal columns; `right` aligns it to the right."""
    blanks = " " * (columns - width(text))
    return blanks + text if right else text + blanks
