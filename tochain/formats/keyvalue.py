"""Files of keys and values: sysctl.conf, .env and Java properties; and the entries every line-wise format hands on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tochain.formats.template import NOTE, TEMPLATE_LINE
from tochain.formats.tree import Problems
from tochain.model.component import Word
from tochain.model.span import SourceFile, Span

__all__ = ["Entries", "Entry", "parse_env", "parse_properties", "parse_sysctl"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting as written.

    `key` and `value` are without quotes and escapes, `span` reaches from the key to the end of the value, `value_span`
    covers the quotes. `section` is the name of the section it stands in, "" outside; `args` are the words of the
    value in formats that have several.
    """

    key: str
    value: str
    span: Span
    key_span: Span
    value_span: Span
    quoted: bool = False
    section: str = ""
    args: tuple[Word, ...] = ()


@dataclass(slots=True)
class Entries(Problems):
    """What one file says, in its order; `sections` are the section heads, also those that hold nothing."""

    entries: list[Entry] = field(default_factory=list)
    sections: list[Word] = field(default_factory=list)
    problems: list[tuple[str, Span, bool]] = field(default_factory=list)

    def all(self, key: str, section: str | None = None) -> list[Entry]:
        """Every entry of that key, in file order; of one section when it is named."""
        return [e for e in self.entries if e.key == key and section in (None, e.section)]

    def get(self, key: str, section: str | None = None) -> Entry | None:
        """The last entry of that key, which is the one that counts; None when there is none."""
        found = self.all(key, section)
        return found[-1] if found else None

    def within(self, section: str) -> list[Entry]:
        """The entries of a section, wherever in the file its parts stand."""
        return [e for e in self.entries if e.section == section]

    def note_template(self, span: Span) -> None:
        """Records, once a file, that some of its lines are template actions."""
        if all(text != NOTE for text, _, _ in self.problems):
            self.note(NOTE, span)


def lines(source: SourceFile) -> Iterator[tuple[int, str]]:
    """Every line with the offset of its beginning, without its line end."""
    at = 0
    for line in source.text.split("\n"):
        yield at, line[:-1] if line.endswith("\r") else line
        at += len(line) + 1


_SYSCTL = re.compile(r"[ \t]*-?[ \t]*(?P<key>[^\s=]+)[ \t]*=[ \t]*(?P<value>.*?)[ \t]*")
_SYSCTL_SKIPPED = re.compile(r"[ \t]*(?:[#;].*|-[^=]*)?")


def parse_sysctl(source: SourceFile) -> Entries:
    """A sysctl.conf or a file of sysctl.d; keys come with dots, however they are written.

    A line `-key = value` counts like `key = value`; the kernel takes the value up to the end of the line. Source:
    sysctl.d(5).
    """
    out = Entries()
    for start, line in lines(source):
        if _SYSCTL_SKIPPED.fullmatch(line):
            continue
        if TEMPLATE_LINE.match(line):
            out.note_template(_part(source, start, line))
        elif (found := _SYSCTL.fullmatch(line)) is not None:
            out.entries.append(_entry(source, start, found, _dotted(found["key"])))
        else:
            out.note("expected key = value", _part(source, start, line))
    return out


def _dotted(key: str) -> str:
    # Whichever of "." and "/" comes first separates; the other one then belongs to a name such as eth0.100.
    first = re.search(r"[./]", key)
    return key.translate(str.maketrans("./", "/.")) if first and first[0] == "/" else key


def _part(source: SourceFile, start: int, line: str) -> Span:
    lead = len(line) - len(line.lstrip())
    return source.span(start + lead, start + max(lead, len(line.rstrip())))


def _entry(source: SourceFile, base: int, found: re.Match[str], key: str) -> Entry:
    (key_start, key_end), (start, end) = found.span("key"), found.span("value")
    return Entry(
        key,
        found["value"],
        source.span(base + key_start, base + max(end, key_end)),
        source.span(base + key_start, base + key_end),
        source.span(base + start, base + end),
    )


_ENV = re.compile(r"[ \t]*(?:export[ \t]+)?(?P<key>[A-Za-z_][\w.-]*)[ \t]*(?:[=:])[ \t]*(?P<value>)")
_ENV_SKIPPED = re.compile(r"[ \t]*(?:#.*|(?:export[ \t]+)?[A-Za-z_][\w.-]*[ \t]*)?")
_ENV_QUOTED = {'"': re.compile(r'"[^"\\]*(?:\\[\s\S][^"\\]*)*"'), "'": re.compile("'[^']*'")}
_ENV_REST = re.compile(r"[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)")
_ENV_PLAIN = re.compile(r"(?:(?![ \t]#)[^\r\n])*")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}


def parse_env(source: SourceFile) -> Entries:
    r"""A .env file: `export`, quotes over several lines, `\n` in double quotes, ` #` comments after plain values.

    `$VAR` and `${VAR}` stay as written. A name alone, which takes its value from outside, is no entry.
    """
    out = Entries()
    at = 0
    while at < len(source.text):
        line_end = source.text.find("\n", at)
        line_end = len(source.text) if line_end == -1 else line_end
        line = source.text[at:line_end].rstrip("\r")
        found = _ENV.match(line)
        if found:
            line_end = max(line_end, _env_entry(source, at, found, out))
        elif TEMPLATE_LINE.match(line):
            out.note_template(_part(source, at, line))
        elif not _ENV_SKIPPED.fullmatch(line):
            out.note("expected NAME=value", _part(source, at, line))
        at = source.text.find("\n", line_end) + 1 or len(source.text)
    return out


def _env_entry(source: SourceFile, base: int, found: re.Match[str], out: Entries) -> int:
    """Adds an entry; gives the offset where its value ends."""
    start = base + found.end()
    quote = source.text[start : start + 1]
    value = None
    if quote in _ENV_QUOTED:
        value = _ENV_QUOTED[quote].match(source.text, start)
        if value is None:
            out.note(f"a quote {quote} that never ends", source.span(start, start + 1))
    quoted = value is not None and _ENV_REST.match(source.text, value.end()) is not None
    if value is None or not quoted:
        value = _ENV_PLAIN.match(source.text, start)
        assert value is not None, "a plain value matches anything"
    text = value[0][1:-1] if quoted else value[0].rstrip()
    end = value.end() if quoted else start + len(text)
    if quoted and quote == '"':
        text = re.sub(r"\\([\s\S])", lambda escape: _ESCAPES.get(escape[1], escape[1]), text)
    key_start, key_end = base + found.start("key"), base + found.end("key")
    span, key = source.span(key_start, max(end, key_end)), source.span(key_start, key_end)
    out.entries.append(Entry(found["key"], text, span, key, source.span(start, end), quoted))
    return end


_PROPERTY = re.compile(
    r"""\s*(?P<key>[^\\\s=:]*(?:\\(?:\r\n|[\s\S]|\Z)[^\\\s=:]*)*)
        [ \t\f]*[=:]?[ \t\f]*
        (?P<value>[^\\\r\n]*(?:\\(?:\r\n|[\s\S]|\Z)[^\\\r\n]*)*)""",
    re.VERBOSE,
)
_PROPERTY_SKIPPED = re.compile(r"\s*(?:[#!][^\r\n]*(?:\s+|\Z)|\Z)")
_PROPERTY_ESCAPE = re.compile(r"\\(?:(?:\r\n|[\r\n])[ \t\f]*|u([0-9a-fA-F]{4})|([\s\S])|\Z)")
_NEXT_PROFILE = re.compile(r"\s*[#!]---[ \t]*(?=[\r\n]|\Z)")


def parse_properties(source: SourceFile) -> Entries:
    r"""A Java properties file: `=`, `:` or space between key and value, lines continued by `\`, `\uXXXX`.

    `section` counts the documents Spring Boot separates by `#---`: "" in the first, then "1", "2". White space at the
    end of a value is dropped, though Java keeps it, since no setting means it.
    """
    out = Entries()
    text, at, document = source.text, 0, 0
    while at < len(text):
        skipped = _PROPERTY_SKIPPED.match(text, at)
        if skipped:
            document += _NEXT_PROFILE.match(text, at) is not None
            at = skipped.end()
            continue
        found = _PROPERTY.match(text, at)
        assert found is not None, "a property matches any text"
        at = found.end() + 1
        if TEMPLATE_LINE.match(found[0].lstrip()):
            out.note_template(source.span(found.start("key"), found.end()))
            continue
        start, end = found.start("value"), found.start("value") + len(found["value"].rstrip())
        key_end = found.end("key")
        out.entries.append(Entry(
            _unescape(found["key"]), _unescape(text[start:end]), source.span(found.start("key"), max(end, key_end)),
            source.span(found.start("key"), key_end), source.span(start, end), section=str(document or ""),
        ))  # fmt: skip
    return out


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    text = _PROPERTY_ESCAPE.sub(_unescaped, text)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1]:
        return chr(int(escape[1], 16))
    return _ESCAPES.get(escape[2], escape[2]) if escape[2] else ""
