"""Bytes to text: which encoding a file has, and what is refused before anything looks at it."""

from __future__ import annotations

import codecs
import stat
from dataclasses import dataclass, field
from pathlib import Path

from tochain.model.coverage import Problem
from tochain.model.span import Pos, SourceFile, Span

__all__ = ["MAX_BYTES", "Decoded", "decode", "read_file"]

MAX_BYTES = 16 * 1024 * 1024
_SNIFFED = 8 * 1024
# UTF-32 first: its little-endian mark begins like that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """What became of a file: its text, or none and the reason; a text may come with problems too."""

    source: SourceFile | None
    problems: list[Problem] = field(default_factory=list)


def read_file(path: Path, shown: str) -> Decoded:
    """A file's text; `shown` is its path as the user will read it.

    Never raises for what the file system holds: a missing, unreadable, too large or special file is a problem of
    status "failed". Special files are not opened, of a large file no more than `MAX_BYTES` + 1 bytes are read.
    """
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            kind = next((name for is_kind, name in _KINDS if is_kind(about.st_mode)), "something special")
            return _failed(shown, f"not a regular file but {kind}")
        if about.st_size > MAX_BYTES:
            return _too_large(shown, about.st_size)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        return _failed(shown, f"cannot be read: {(error.strerror or str(error)).lower()}")
    except ValueError as error:  # a path with a NUL in it
        return _failed(shown, f"cannot be read: {error}")
    return decode(shown, data)


def decode(shown: str, data: bytes) -> Decoded:
    """The text of a file's bytes: UTF-8, or UTF-16 and UTF-32 with a byte order mark; the mark is left out.

    Line ends stay as written. Bytes that are no text become U+FFFD, and the place of the first is a problem.
    """
    if len(data) > MAX_BYTES:
        return _too_large(shown, len(data))
    mark, encoding = next(((m, e) for m, e in _MARKS if data.startswith(m)), (b"", "utf-8"))
    body = data[len(mark) :]
    if encoding == "utf-8" and b"\0" in body[:_SNIFFED]:
        return _failed(shown, "binary file: expected text")
    try:
        return Decoded(SourceFile(shown, body.decode(encoding)))
    except UnicodeDecodeError as error:
        source = SourceFile(shown, body.decode(encoding, "replace"))
        # What stands before the first bad byte is valid, so its length is the place in the replaced text too.
        start = len(body[: error.start].decode(encoding))
        bad = body[error.start : error.end].hex(" ")
        message = f"not {encoding.upper()}: cannot read {bad} (hex); save the file as UTF-8"
        return Decoded(source, [Problem(message, source.span(start, min(start + 1, len(source.text))))])


def _too_large(shown: str, size: int) -> Decoded:
    return _failed(shown, f"too large: {size:,} bytes, at most {MAX_BYTES:,} are read")


def _failed(shown: str, message: str) -> Decoded:
    return Decoded(None, [Problem(message, Span(shown, Pos(1, 1), Pos(1, 1)), "failed")])
