"""Sections of keys and values, line by line: my.cnf, php.ini, systemd units, postgresql.conf, redis.conf and their kin.

Each dialect has its own function, so that a file is read the way its program reads it. Keys stay as written, dashes
and underscores included; repeated keys are all kept, in order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from tochain.formats.keyvalue import Entries, Entry, lines
from tochain.formats.template import TEMPLATE_LINE
from tochain.model.component import Word
from tochain.model.span import SourceFile, Span

__all__ = [
    "parse_cfg", "parse_flat", "parse_ini", "parse_mycnf", "parse_pgbouncer", "parse_php", "parse_rabbitmq",
    "parse_systemd", "parse_words",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How one kind of file is written.

    `inline` are the characters that begin a comment after a value, when `spaced` only behind white space. `bare` allows
    a key without a value; `quotes` are taken off a value quoted as a whole; `continued` says how a value goes on.
    """

    separators: str = "="
    comments: str = "#;"
    inline: str = ""
    spaced: bool = False
    bare: bool = False
    quotes: bool = False
    continued: Literal["", "backslash", "indent"] = ""


_INI = _Dialect("=:", inline="#;", spaced=True, bare=True, quotes=True)
_CFG = _Dialect("=:", inline=";", spaced=True, bare=True, continued="indent")
_MYCNF = _Dialect(inline="#", bare=True, quotes=True)
_PGBOUNCER = _Dialect()
_PHP = _Dialect(inline=";", bare=True, quotes=True)
_RABBITMQ = _Dialect(comments="#", inline="#")
_SYSTEMD = _Dialect(continued="backslash")


@dataclass(slots=True)
class _Pending:
    """An entry that later lines may continue: `parts` are its lines, `end` where the last one ends."""

    key: str
    indent: int
    key_start: int
    key_end: int
    start: int
    end: int
    parts: list[str]
    quoted: bool


_SECTION = re.compile(r"[ \t]*\[(?P<name>[^\]]*)\]")
_INCLUDE = re.compile(r"[ \t]*(?P<key>[!%]include(?:dir)?)[ \t]+(?P<value>\S.*)")
_QUOTED = re.compile(r""""[^"\\]*(?:\\.[^"\\]*)*"|'[^'\\]*(?:\\.[^'\\]*)*'""")


def parse_ini(source: SourceFile) -> Entries:
    """An .ini file of no particular program: `=` or `:`, `#` and `;` comments, also after a value."""
    return _Reader(source, _INI).run()


def parse_cfg(source: SourceFile) -> Entries:
    """A file for Python's configparser (Airflow, Supervisor): an indented line continues the value before it."""
    return _Reader(source, _CFG).run()


def parse_mycnf(source: SourceFile) -> Entries:
    """A MySQL or MariaDB option file; `!include` and `!includedir` are entries of that name."""
    return _Reader(source, _MYCNF).run()


def parse_pgbouncer(source: SourceFile) -> Entries:
    """A pgbouncer.ini; `%include` is an entry of that name, a database's line is one value."""
    return _Reader(source, _PGBOUNCER).run()


def parse_php(source: SourceFile) -> Entries:
    """A php.ini or PHP-FPM pool; `php_admin_value[name]` is a key of its own."""
    return _Reader(source, _PHP).run()


def parse_rabbitmq(source: SourceFile) -> Entries:
    """A rabbitmq.conf: dotted keys, `#` comments."""
    return _Reader(source, _RABBITMQ).run()


def parse_systemd(source: SourceFile) -> Entries:
    """A systemd unit; lines ending in a backslash go on, with a space between, comments among them left out."""
    return _Reader(source, _SYSTEMD).run()


class _Reader:
    def __init__(self, source: SourceFile, dialect: _Dialect) -> None:
        self._source, self._dialect = source, dialect
        self._out = Entries()
        self._section = ""
        self._pending: _Pending | None = None
        ahead = r"(?<=[ \t])" if dialect.spaced else ""
        self._inline = re.compile(f"{ahead}[{dialect.inline}]") if dialect.inline else None
        self._separator = re.compile(f"[{dialect.separators}]")

    def run(self) -> Entries:
        for start, line in lines(self._source):
            self._line(start, line)
        self._flush()
        return self._out

    def _line(self, start: int, line: str) -> None:
        bare = line.strip()
        if bare.startswith(tuple(self._dialect.comments)) or self._goes_on(start, line):
            return
        if not bare:
            return
        self._flush()
        if TEMPLATE_LINE.match(line):
            self._out.note_template(self._span(start, line))
        elif head := _SECTION.match(line):
            self._section = head["name"].strip()
            place = self._source.span(start + head.start("name") - 1, start + head.end())
            self._out.sections.append(Word(self._section, place))
        elif include := _INCLUDE.match(line):
            self._add(start, line, *include.span("key"), include.start("value"))
        elif bare.startswith("["):
            self._problem("a section head that does not end with ]", start, line)
        else:
            self._setting(start, line)

    def _setting(self, start: int, line: str) -> None:
        key_start = len(line) - len(line.lstrip())
        separator = self._separator.search(line)
        key_end = len(line[: separator.start()].rstrip()) if separator else self._end(line, key_start)
        if key_end <= key_start:
            self._problem("expected a key before the separator", start, line)
        elif separator:
            value = line[separator.end() :]
            self._add(start, line, key_start, key_end, separator.end() + len(value) - len(value.lstrip()))
        elif self._dialect.bare:
            self._add(start, line[:key_end], key_start, key_end, key_end)
        else:
            self._problem("expected key = value", start, line)

    def _end(self, line: str, start: int) -> int:
        """Where the unquoted text that begins at `start` ends, a comment left out."""
        found = self._inline.search(line, start) if self._inline else None
        return max(start, len((line[: found.start()] if found else line).rstrip()))

    def _quote(self, line: str, start: int) -> int | None:
        """Where the quoted value that begins at `start` ends; None when it is not quoted as a whole."""
        found = _QUOTED.match(line, start) if self._dialect.quotes else None
        if found is None:
            return None
        rest = line[found.end() :].lstrip()
        return found.end() if not rest or rest[0] in self._dialect.inline else None

    def _add(self, base: int, line: str, key_start: int, key_end: int, start: int) -> None:
        quote_end = self._quote(line, start)
        end = self._end(line, start) if quote_end is None else quote_end
        text = line[start:end] if quote_end is None else line[start + 1 : end - 1]
        self._pending = _Pending(
            line[key_start:key_end], key_start, base + key_start, base + key_end, base + start, base + end,
            [text], quote_end is not None,
        )  # fmt: skip
        if not self._dialect.continued:
            self._flush()

    def _goes_on(self, start: int, line: str) -> bool:
        """Whether the line continues the pending entry, which then has grown by it."""
        pending, text = self._pending, line.strip()
        if pending is None:
            return False
        if self._dialect.continued == "backslash":
            if not pending.parts[-1].endswith("\\"):
                return False
            pending.parts[-1] = pending.parts[-1][:-1].rstrip()
        elif not text or len(line) - len(line.lstrip()) <= pending.indent:
            return False
        pending.parts.append(text)
        pending.end = start + max(len(line.rstrip()), len(line) - len(line.lstrip()))
        return True

    def _flush(self) -> None:
        done, self._pending = self._pending, None
        if done is None:
            return
        glue = "\n" if self._dialect.continued == "indent" else " "
        text, span = glue.join(part for part in done.parts if part), self._source.span
        self._out.entries.append(Entry(
            done.key, text, span(done.key_start, max(done.end, done.key_end)), span(done.key_start, done.key_end),
            span(done.start, done.end), done.quoted, self._section,
        ))  # fmt: skip

    def _problem(self, message: str, start: int, line: str) -> None:
        self._out.note(message, self._span(start, line))

    def _span(self, start: int, line: str) -> Span:
        lead = len(line) - len(line.lstrip())
        return self._source.span(start + lead, start + len(line.rstrip()))


_FLAT = re.compile(r"[ \t]*(?P<key>[\w.-]+)[ \t]*=?[ \t]*(?P<value>'[^'\\]*(?:(?:''|\\.)[^'\\]*)*'|[^#']*)(?P<rest>.*)")


def parse_flat(source: SourceFile) -> Entries:
    """A postgresql.conf: `key = value`, `key value`, values in single quotes, `#` comments; includes are entries."""
    out = Entries()
    for start, line in lines(source):
        bare = line.strip()
        found = _FLAT.match(line)
        if not bare or bare.startswith("#"):
            continue
        if TEMPLATE_LINE.match(line):
            out.note_template(source.whole_line(source.pos(start).line))
        elif found is None or found["rest"].strip()[:1] not in ("", "#"):
            out.note("expected key = value", source.whole_line(source.pos(start).line))
        else:
            out.entries.append(_flat_entry(source, start, found))
    return out


def _flat_entry(source: SourceFile, base: int, found: re.Match[str]) -> Entry:
    quoted = found["value"].startswith("'")
    written = found["value"].rstrip()
    value = re.sub(r"''|\\(.)", lambda escape: escape[1] or "'", written[1:-1]) if quoted else written
    (key_start, key_end), start = found.span("key"), base + found.start("value")
    span = source.span(base + key_start, max(start + len(written), base + key_end))
    key, at = source.span(base + key_start, base + key_end), source.span(start, start + len(written))
    return Entry(found["key"], value, span, key, at, quoted)


_WORD = re.compile(r""""[^"\\]*(?:\\.[^"\\]*)*"(?=\s|$)|'[^'\\]*(?:\\.[^'\\]*)*'(?=\s|$)|\S+""")


def parse_words(source: SourceFile) -> Entries:
    """A redis.conf, mosquitto.conf or squid.conf: a key and its arguments, separated by white space.

    `args` are the arguments without their quotes; `value` is what stands there from the first to the last.
    """
    out = Entries()
    for start, line in lines(source):
        if TEMPLATE_LINE.match(line):
            out.note_template(source.whole_line(source.pos(start).line))
            continue
        words = []
        for found in _WORD.finditer(line):
            if found[0].startswith("#"):
                break
            words.append(_word(source, start, found))
        if words:
            out.entries.append(_words_entry(source, words))
    return out


def _word(source: SourceFile, base: int, found: re.Match[str]) -> Word:
    text = found[0]
    if len(text) > 1 and text[0] in "\"'" and text[-1] == text[0]:
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    return Word(text, source.span(base + found.start(), base + found.end()))


def _words_entry(source: SourceFile, words: list[Word]) -> Entry:
    key, args = words[0], tuple(words[1:])
    end = words[-1].span.end
    at = args[0].span._replace(end=end) if args else key.span._replace(start=end)
    value = args[0].text if len(args) == 1 else source.slice(at)
    quoted = len(args) == 1 and value != source.slice(at)
    return Entry(key.text, value, key.span._replace(end=end), key.span, at, quoted, args=args)
