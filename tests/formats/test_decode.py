"""Bytes become text or a reason, never an exception."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tochain.formats import decode as decoding
from tochain.formats.decode import decode, read_file
from tochain.model.coverage import Problem
from tochain.model.span import Pos, Span


def failed(message: str, shown: str = "f.conf") -> list[Problem]:
    return [Problem(message, Span(shown, Pos(1, 1), Pos(1, 1)), "failed")]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"a: 1\r\nb: 2\r\n", "a: 1\r\nb: 2\r\n"),
        (b"\xef\xbb\xbfuser x;", "user x;"),
        ("\ufeffzeit: 5 µs".encode("utf-16-le"), "zeit: 5 µs"),
        ("\ufeffzeit: 5 µs".encode("utf-16-be"), "zeit: 5 µs"),
        ("\ufeffa: 1".encode("utf-32-le"), "a: 1"),
        ("\ufeffa: 1".encode("utf-32-be"), "a: 1"),
        ("Zürich ✓".encode(), "Zürich ✓"),
    ],
)
def test_text(data: bytes, text: str) -> None:
    done = decode("f.conf", data)
    assert done.problems == []
    assert done.source is not None
    assert done.source.text == text
    assert done.source.path == "f.conf"


@pytest.mark.parametrize(
    ("data", "text", "message", "start"),
    [
        (
            b"a: 1\n# caf\xe9 x\n",
            "a: 1\n# caf\ufffd x\n",
            "not UTF-8: cannot read e9 (hex); save the file as UTF-8",
            Pos(2, 6),
        ),
        (
            b"\xef\xbb\xbf\xc3\xa4\xff",
            "ä\ufffd",
            "not UTF-8: cannot read ff (hex); save the file as UTF-8",
            Pos(1, 2),
        ),
        (
            b"\xff\xfea\0b",
            "a\ufffd",
            "not UTF-16-LE: cannot read 62 (hex); save the file as UTF-8",
            Pos(1, 2),
        ),
    ],
)
def test_bytes_that_are_no_text(data: bytes, text: str, message: str, start: Pos) -> None:
    done = decode("f.conf", data)
    assert done.source is not None
    assert done.source.text == text
    assert done.problems == [Problem(message, Span("f.conf", start, Pos(start.line, start.column + 1)), "partly")]


def test_binary() -> None:
    done = decode("f.conf", b"\x7fELF\x02\0\0")
    assert done.source is None
    assert done.problems == failed("binary file: expected text")


def test_a_regular_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_bytes(b"x 1;\r\n")
    done = read_file(path, "shown/a.conf")
    assert done.problems == []
    assert done.source is not None
    assert (done.source.path, done.source.text) == ("shown/a.conf", "x 1;\r\n")


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "big"
    with path.open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    monkeypatch.setattr(Path, "open", None)  # not opened, let alone read
    message = "too large: 52,428,800 bytes, at most 16,777,216 are read"
    assert read_file(path, "big").problems == failed(message, "big")


def test_too_large_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_BYTES", 10)
    assert decode("f.conf", b"x" * 11).problems == failed("too large: 11 bytes, at most 10 are read")
    assert decode("f.conf", b"x" * 10).problems == []


def test_missing(tmp_path: Path) -> None:
    assert read_file(tmp_path / "no", "no").problems == failed("cannot be read: no such file or directory", "no")


def test_a_path_no_file_can_have() -> None:
    assert read_file(Path("a\0b"), "odd").problems == failed("cannot be read: embedded null byte", "odd")


def test_a_loop_of_links(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "a")
    done = read_file(tmp_path / "a", "a")
    assert done.problems == failed("cannot be read: too many levels of symbolic links", "a")


def test_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret"
    path.write_text("x")

    def refuse(*_: object) -> None:  # root may read everything, so the refusal is played
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert read_file(path, "secret").problems == failed("cannot be read: permission denied", "secret")


@pytest.mark.skipif(sys.platform == "win32", reason="needs named pipes")
def test_special_files_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert read_file(tmp_path / "pipe", "pipe").problems == failed("not a regular file but a named pipe", "pipe")
    assert read_file(tmp_path, "dir").problems == failed("not a regular file but a directory", "dir")
    assert read_file(Path("/dev/zero"), "zero").problems == failed("not a regular file but a device", "zero")


@given(st.binary(max_size=200), st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0"]))
def test_any_bytes(data: bytes, mark: bytes) -> None:
    done = decode("x", mark + data)
    assert done.source is not None or done.problems[0].status == "failed"
    for problem in done.problems:
        assert problem.span.path == "x"
        if done.source is not None:
            assert done.source.slice(problem.span) == "\ufffd"
