"""The cache: a hit equals a miss, whatever goes into a run changes the key, and a broken cache is as good as none."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

import tochain.cache as module
import tochain.check
from tochain.cache import cached
from tochain.model.result import Result
from tochain.options import Options

NGINX = "events {}\nhttp { server { listen 80; server_name vm; keepalive_timeout 10s; } }\n"
DECLARED = """\
version: 1
components:
  lb: {product: black-box, timers: {connect.idle_keep: 300s}}
  vm: {product: nginx, version: "1.28.3", config: nginx.conf}
paths: [lb -> vm]
"""


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    (folder / "nginx.conf").write_text(NGINX)
    (folder / "tochain.yaml").write_text(DECLARED)
    (folder / "notes.txt").write_text("hello\n")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each run of the whole pipeline."""
    real = tochain.check.check
    made: list[int] = []

    def counted(paths: list[Path], options: Options | None = None) -> Result:
        made.append(1)
        return real(paths, options)

    monkeypatch.setattr(tochain.check, "check", counted)
    monkeypatch.setattr(module, "_own_fingerprint", lambda: "the same code throughout")
    return made


def go(repo: Path, use: bool = True, **options: object) -> Result:
    return cached([repo], Options(base=repo, **options), use=use)[0]  # type: ignore[arg-type]


def test_a_hit_equals_a_miss(repo: Path, runs: list[int]) -> None:
    """The same result, the same texts to quote, one run of the pipeline."""
    first, lines = cached([repo], Options(base=repo))
    second, again = cached([repo], Options(base=repo))
    assert (len(runs), second, second.to_json()) == (1, first, first.to_json())
    assert first.findings
    assert again("nginx.conf") == lines("nginx.conf")
    assert go(repo, use=False) == first
    assert len(runs) == 2


def change(path: str, old: str, new: str) -> Callable[[Path], object]:
    def do(repo: Path) -> object:
        file = repo / path
        return file.write_text(file.read_text().replace(old, new))

    return do


@pytest.mark.parametrize(
    "what",
    [
        change("nginx.conf", "10s", "11s"),
        change("nginx.conf", "}\n", "}\n\n"),
        change("tochain.yaml", "300s", "301s"),
        change("notes.txt", "hello", "hallo"),
        lambda repo: (repo / "new.yaml").write_text(""),
        lambda repo: (repo / "empty").mkdir() or (repo / "empty/x.conf").write_text("http {}"),
        lambda repo: (repo / "notes.txt").rename(repo / "other.txt"),
        lambda repo: (repo / "notes.txt").unlink(),
    ],
    ids=["value", "blank line", "tochain.yaml", "file nobody reads", "new file", "new folder", "renamed", "removed"],
)
def test_any_change_of_any_file_is_seen(repo: Path, runs: list[int], what: Callable[[Path], object]) -> None:
    """Every byte of every file goes into the key, size and time or not."""
    go(repo)
    before = (repo / "nginx.conf").stat()
    what(repo)
    os.utime(repo / "nginx.conf", ns=(before.st_atime_ns, before.st_mtime_ns))
    go(repo)
    assert len(runs) == 2


@pytest.mark.parametrize(
    "options", [{"select": ("idle-reuse",)}, {"ignore": ("idle-reuse",)}, {"texts": {"stdin.conf": NGINX}}, {"texts": {"stdin.conf": ""}}],
    ids=str,
)  # fmt: skip
def test_options_count(repo: Path, runs: list[int], options: dict[str, object]) -> None:
    """Other options, another run; the same again, none."""
    go(repo)
    go(repo, **options)
    go(repo, **options)
    assert len(runs) == 2


def test_a_rule_and_a_fact_of_ones_own_count(repo: Path, runs: list[int]) -> None:
    """tochain.yaml that names rules or products of one's own is never answered from the cache."""
    (repo / "own").mkdir()
    (repo / "own/cloud.yaml").write_text(
        "product: own-cloud\ntitle: Own\nkind: proxy\nprotocols: [http]\nsettings: []\n"
    )
    (repo / "tochain.yaml").write_text(DECLARED + "products: {paths: [own]}\n")
    go(repo)
    go(repo)
    assert len(runs) == 2


def test_tochains_own_code_and_rules_count(repo: Path, runs: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """A newer tochain, or one whose rule file somebody edited, starts afresh."""
    go(repo)
    monkeypatch.setattr(module, "_own_fingerprint", lambda: "another")
    go(repo)
    assert len(runs) == 2


def test_a_declared_file_beside_the_given_folder_counts(repo: Path, runs: list[int]) -> None:
    """tochain.yaml in the folder above points at files that are not among the paths: written in one line or in several."""
    (repo / "part").mkdir()
    (repo / "part/Procfile").write_text("web: gunicorn app:app\n")
    part = [repo / "part"]
    one = cached(part, Options(base=repo))[0]
    change("nginx.conf", "10s", "400s")(repo)
    two = cached(part, Options(base=repo))[0]
    assert ([f.rule for f in one.findings], [f.rule for f in two.findings]) == (["idle-reuse-race"], [])


def test_two_folders_with_the_same_content_do_not_share_places(repo: Path, tmp_path: Path, runs: list[int]) -> None:
    """Paths are part of the result, so they are part of the key."""
    other = tmp_path / "other"
    other.mkdir()
    for name in ("nginx.conf", "tochain.yaml", "notes.txt"):
        (other / name).write_text((repo / name).read_text())
    one = cached([repo], Options(base=tmp_path))[0]
    two = cached([other], Options(base=tmp_path))[0]
    assert (one.findings[0].primary.span.path, two.findings[0].primary.span.path) == (
        "repo/nginx.conf",
        "other/nginx.conf",
    )


@pytest.mark.parametrize(
    "damage", [b"", b"no database at all", b"SQLite format 3\0" + b"x" * 4000], ids=["empty", "text", "torn"]
)
def test_a_damaged_file_is_as_good_as_none(repo: Path, runs: list[int], damage: bytes) -> None:
    """The run is made again, and nobody is told."""
    first = go(repo)
    module._file().write_bytes(damage)
    assert go(repo) == first
    assert len(runs) == 2


def test_a_damaged_entry_is_as_good_as_none(repo: Path, runs: list[int]) -> None:
    """One value that cannot be unpacked, or is of another shape."""
    first = go(repo)
    for value in (b"junk", __import__("zlib").compress(b'{"schema": 1}'), __import__("zlib").compress(b"[]")):
        with sqlite3.connect(module._file()) as base:
            base.execute("update results set value = ?", (value,))
        base.close()
        assert go(repo) == first
    assert len(runs) == 4


def test_a_place_that_cannot_be_written_is_as_good_as_none(
    repo: Path, tmp_path: Path, runs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cache folder that is a file (a read-only home looks alike)."""
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert go(repo) == go(repo)
    assert len(runs) == 2


def test_a_run_with_unreadable_files_is_not_kept(repo: Path, runs: list[int]) -> None:
    """A path that is not there yet may be there next time."""
    paths = [repo, repo / "missing"]
    for _ in range(2):
        assert cached(paths, Options(base=repo))[0].exit_code() == 3
    assert len(runs) == 2


def test_old_entries_go(repo: Path, runs: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The file does not grow for ever."""
    monkeypatch.setattr(module, "KEEP", 3)
    for number in range(6):
        (repo / "notes.txt").write_text(str(number))
        go(repo)
    with sqlite3.connect(module._file()) as base:
        assert base.execute("select count(*) from results").fetchone() == (3,)
    base.close()
