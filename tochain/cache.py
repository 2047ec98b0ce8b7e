"""Results of earlier runs, by the content of everything that went into them: one file, safe to delete, never wrong.

The key covers every byte that a run can read, the options, and tochain's own code, rules and facts. A cache that cannot be
read or written is as good as none.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from tochain import __version__
from tochain.discover import Files, discover
from tochain.formats.decode import MAX_BYTES
from tochain.model.coverage import FileReport
from tochain.model.result import Result
from tochain.model.span import SourceFile
from tochain.options import Options, find_config

__all__ = ["cached"]

KEEP = 300
Lines = Callable[[str], SourceFile | None]


def cached(paths: list[Path], options: Options, *, use: bool = True) -> tuple[Result, Lines]:
    """The result of a run, from the cache when nothing has changed, and the texts to quote from."""
    given = [path if path.is_absolute() else options.base / path for path in paths]
    config = options.config or find_config(given[0] if given else options.base)
    reports: dict[str, FileReport] = {}
    found = discover(given, options.base, reports)
    texts = Files(found, {}, dict(options.texts))
    key = _key(found, config, options, [str(path) for path in paths]) if use and not reports else ""
    if key:
        hit = _load(key)
        if hit is not None:
            return hit, _lines(texts, options.base)
    from tochain.check import check

    result = check(paths, replace(options, config=config) if options.config else options)
    if key and not result.crashes:
        _store(key, result)
    return result, _lines(texts, options.base)


def _lines(texts: Files, base: Path) -> Lines:
    """The texts to quote from; a file that tochain.yaml pointed at lies beside the given paths."""

    def text(shown: str) -> SourceFile | None:
        if shown in texts or not (base / shown).is_file():
            return texts.text(shown)
        return Files({shown: base / shown}, {}).text(shown)

    return text


def _key(found: dict[str, Path], config: Path | None, options: Options, paths: list[str]) -> str:
    """A hash over everything the run reads; empty when something cannot be read or the configuration reaches elsewhere."""
    digest = hashlib.blake2b(digest_size=20)
    digest.update(
        repr(
            (__version__, paths, options.select, options.ignore, sorted(options.texts.items()), _own_fingerprint())
        ).encode()
    )
    try:
        if config is not None:
            text = config.read_bytes()
            if re.search(rb"paths|config", text) and not _contained(config, found):
                return ""
            digest.update(str(config).encode() + b"\0" + text)
        for shown, path in found.items():
            digest.update(shown.encode("utf-8", "surrogateescape") + b"\0")
            if path.is_file() and path.stat().st_size <= MAX_BYTES:
                digest.update(hashlib.blake2b(path.read_bytes(), digest_size=20).digest())
    except OSError:
        return ""
    return digest.hexdigest()


def _contained(config: Path, found: dict[str, Path]) -> bool:
    """Whether tochain.yaml lies among the files of the run and names no rules, facts or files outside them."""
    text = config.read_text(encoding="utf-8", errors="replace")
    outside = ".." in text or re.search(r"\b(rules|products)\b", text) is not None
    return not outside and any(path.resolve() == config.resolve() for path in found.values())


def _own_fingerprint() -> str:
    here = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=12)
    rules = here / "_rules" if (here / "_rules").is_dir() else here.parent / "rules"
    for root in (here, rules):
        for folder, folders, files in os.walk(root):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in sorted(files):
                if name.endswith((".py", ".yaml")):
                    stat = (Path(folder) / name).stat()
                    digest.update(f"{name}:{stat.st_mtime_ns}:{stat.st_size};".encode())
    return digest.hexdigest()


def _file() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "tochain" / "results.sqlite"


def _load(key: str) -> Result | None:
    path = _file()
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(path, timeout=1)) as base:
            row = base.execute("select value from results where key = ?", (key,)).fetchone()
        return Result.from_json(json.loads(zlib.decompress(row[0]))) if row else None
    except (sqlite3.Error, zlib.error, ValueError, LookupError, TypeError, AttributeError):
        # An unreadable entry, or one an older tochain wrote: the run is simply made again.
        return None


def _store(key: str, result: Result) -> None:
    value = zlib.compress(json.dumps(result.to_json()).encode(), 1)
    try:
        _file().parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(_file(), timeout=1)) as base, base:
            base.execute("create table if not exists results (key text primary key, at integer, value blob)")
            base.execute("insert or replace into results values (?, strftime('%s'), ?)", (key, value))
            base.execute(
                "delete from results where key not in (select key from results order by at desc limit ?)", (KEEP,)
            )
    except (sqlite3.Error, OSError):
        # A read-only home or a damaged file: the next run is as slow as this one, nothing else.
        return
