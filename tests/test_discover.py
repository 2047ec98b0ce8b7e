"""Which files a run reads: order, links, loops, folders nobody deploys from, and what is no file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tochain.discover import SKIPPED_FOLDERS, Files, discover, shown_path
from tochain.model.coverage import FileReport


def look(root: Path, *paths: str) -> tuple[list[str], dict[str, list[str]]]:
    """The files found, and what was said of the others."""
    reports: dict[str, FileReport] = {}
    found = discover([root / path for path in paths] or [root], root, reports)
    return list(found), {path: [p.message for p in report.problems] for path, report in reports.items()}


def make(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x")


def test_files_come_sorted_and_once(tmp_path: Path) -> None:
    """Whatever order the paths are given in, and however often."""
    make(tmp_path, "b.conf", "a/z.conf", "a/b/c.yaml", "Z")
    everything = ["Z", "a/b/c.yaml", "a/z.conf", "b.conf"]
    assert look(tmp_path) == (everything, {})
    assert look(tmp_path, "b.conf", "a", ".", "a/z.conf") == (everything, {})


def test_folders_nobody_deploys_from_are_left_out(tmp_path: Path) -> None:
    """Unless one is given by name."""
    for name in SKIPPED_FOLDERS:
        make(tmp_path, f"{name}/x.conf", f"a/{name}/x.conf")
    make(tmp_path, "a/x.conf")
    assert look(tmp_path) == (["a/x.conf"], {})
    assert look(tmp_path, "node_modules") == (["node_modules/x.conf"], {})


def test_links_are_followed_to_files_inside_only(tmp_path: Path) -> None:
    """A link inside is the file it leads to; one that leads out is said where it looks like configuration; folders are not followed."""
    root = tmp_path / "root"
    make(root, "real.conf", "folder/y.conf")
    make(tmp_path, "outside.conf", "outside/z.conf")
    (root / "inside.conf").symlink_to("real.conf")
    (root / "out.conf").symlink_to(tmp_path / "outside.conf")
    (root / "out.txt").symlink_to(tmp_path / "outside.conf")
    (root / "linked").symlink_to("folder")
    (root / "linked-out").symlink_to(tmp_path / "outside")
    found, said = look(root)
    assert found == ["folder/y.conf", "real.conf"]
    assert list(said.values()) == [["is a link out of the given folders and was not followed"]]
    assert next(iter(said)).endswith("out.conf")


def test_loops_end(tmp_path: Path) -> None:
    """A link to its own folder, and one to itself."""
    make(tmp_path, "a/x.conf")
    (tmp_path / "a/again").symlink_to(tmp_path / "a")
    (tmp_path / "self.txt").symlink_to("self.txt")
    assert look(tmp_path)[0] in (["a/x.conf"], ["a/x.conf", "self.txt"])


def test_a_path_that_is_not_there_failed(tmp_path: Path) -> None:
    """Given by name, so it counts."""
    assert look(tmp_path, "nothing") == ([], {"nothing": ["nothing does not exist"]})


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    """Given by name it failed; found on the way it is never opened."""
    os.mkfifo(tmp_path / "pipe.conf")
    assert look(tmp_path, "pipe.conf") == ([], {"pipe.conf": ["pipe.conf is neither a file nor a folder"]})
    reports: dict[str, FileReport] = {}
    files = Files(discover([tmp_path], tmp_path, reports), reports)
    assert [files.text(path) for path in files] == [None]
    assert [p.message for p in reports["pipe.conf"].problems] == ["not a regular file but a named pipe"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_is_said(tmp_path: Path) -> None:
    """A folder and a file without permission."""
    make(tmp_path, "closed/x.conf", "y.conf")
    (tmp_path / "closed").chmod(0)
    (tmp_path / "y.conf").chmod(0)
    try:
        found, said = look(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert (found, list(said)) == (["y.conf"], ["closed"])


def test_names_that_are_no_text_survive(tmp_path: Path) -> None:
    """Bytes that are no UTF-8, line ends and control characters in names."""
    names = [b"\xff\xfe.conf", b"line\nend.conf", b"\x1b[31mred.conf"]
    for name in names:
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))).write_text("x")
    found, said = look(tmp_path)
    assert (sorted(os.fsencode(path) for path in found), said) == (sorted(names), {})


def test_shown_paths_are_relative_where_they_can_be(tmp_path: Path) -> None:
    """Below the base relative, elsewhere as given."""
    make(tmp_path, "a/b")
    assert shown_path(tmp_path / "a/b", tmp_path) == "a/b"
    assert shown_path(tmp_path / "a/../a/b", tmp_path / "a") == "b"
    assert shown_path(Path("/etc/hosts"), tmp_path) == "/etc/hosts"


def test_given_texts_count_before_files(tmp_path: Path) -> None:
    """A text by the name of a file takes its place; it has no path to sniff at."""
    make(tmp_path, "a.conf", "b.conf")
    files = Files(discover([tmp_path], tmp_path, {}), {}, {"a.conf": "new", "c.conf": "more"})
    assert {path: files[path].text for path in files} == {"a.conf": "new", "b.conf": "x", "c.conf": "more"}
    assert (files.path("a.conf"), files.path("b.conf")) == (None, tmp_path / "b.conf")
    assert (len(files), "c.conf" in files, "d.conf" in files, files.text("d.conf")) == (3, True, False, None)
    with pytest.raises(KeyError):
        files["d.conf"]
