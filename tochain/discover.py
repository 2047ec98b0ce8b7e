"""Which files there are under the given paths, and their texts, decoded once and only when somebody asks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from tochain.formats.decode import read_file
from tochain.model.coverage import FileReport, Problem
from tochain.model.span import Pos, SourceFile, Span

__all__ = ["CONFIG_LIKE", "SKIPPED_FOLDERS", "Files", "discover", "shown_path"]

SKIPPED_FOLDERS = frozenset({
    ".git", ".hg", ".svn", "node_modules", "bower_components", ".terraform", ".venv", "venv", "__pycache__", ".tox", ".nox",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", "site-packages", ".idea", ".gradle",
})  # fmt: skip
"""Folders nobody deploys from: version control, dependencies, caches."""

CONFIG_LIKE = frozenset({
    ".conf", ".cfg", ".cnf", ".ini", ".yaml", ".yml", ".json", ".toml", ".tf", ".hcl", ".properties", ".env", ".vcl", ".service", ".xml",
})  # fmt: skip
"""Endings of files that look like configuration: such a file of no known kind is counted as unrecognised."""


class Files(Mapping[str, SourceFile]):
    """The files of a run by the path shown to people; reading one that cannot be read reports it and gives None from `text`."""

    def __init__(
        self, paths: dict[str, Path], reports: dict[str, FileReport], texts: dict[str, str] | None = None
    ) -> None:
        self._paths = paths
        self._reports = reports
        self._given = frozenset(texts or ())
        self._done: dict[str, SourceFile | None] = {p: SourceFile(p, t) for p, t in (texts or {}).items()}

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys([*self._paths, *self._done]))

    def __len__(self) -> int:
        return len({*self._paths, *self._done})

    def __contains__(self, shown: object) -> bool:
        return shown in self._paths or shown in self._done

    def __getitem__(self, shown: str) -> SourceFile:
        found = self.text(shown)
        if found is None:
            raise KeyError(shown)
        return found

    def text(self, shown: str) -> SourceFile | None:
        """The decoded file; None when there is no such file or it cannot be read (then its report says why)."""
        if shown not in self._done:
            path = self._paths.get(shown)
            if path is None:
                return None
            decoded = read_file(path, shown)
            for problem in decoded.problems:
                self._reports.setdefault(shown, FileReport(shown)).add(problem)
            self._done[shown] = decoded.source
        return self._done[shown]

    def carry(self, sources: Iterable[SourceFile]) -> None:
        """Takes in files that stand inside others, under paths of their own."""
        self._done.update((source.path, source) for source in sources)

    def path(self, shown: str) -> Path | None:
        """Where a file really is; None for one given as text."""
        return None if shown in self._given else self._paths.get(shown)


def shown_path(path: Path, base: Path) -> str:
    """A path as people read it: relative to `base` where it lies below, else as given, with forward slashes."""
    try:
        return Path(os.path.realpath(path)).relative_to(os.path.realpath(base)).as_posix()
    except ValueError:
        return path.as_posix()


def discover(roots: list[Path], base: Path, reports: dict[str, FileReport]) -> dict[str, Path]:
    """Every file under the roots by shown path, in sorted order; a root that cannot be read is reported as failed.

    Symbolic links to folders are not followed, those to files only where they stay under a root.
    """
    found: dict[str, Path] = {}
    for root in roots:
        shown = shown_path(root, base)
        if root.is_dir():
            for path in _walk(root, reports, base, [Path(os.path.realpath(r)) for r in roots]):
                found.setdefault(shown_path(path, base), path)
        elif root.is_file():
            found.setdefault(shown, root)
        else:
            reason = "is neither a file nor a folder" if root.exists() else "does not exist"
            reports.setdefault(shown, FileReport(shown)).add(_whole(shown, f"{shown} {reason}"))
    return dict(sorted(found.items()))


def _walk(root: Path, reports: dict[str, FileReport], base: Path, roots: list[Path]) -> Iterator[Path]:
    def failed(error: OSError) -> None:
        shown = shown_path(Path(error.filename or root), base)
        reports.setdefault(shown, FileReport(shown)).add(_whole(shown, f"{error.strerror or error}"))

    for folder, folders, files in os.walk(root, onerror=failed):
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS)
        for name in sorted(files):
            path = Path(folder) / name
            if path.is_symlink():
                target = Path(os.path.realpath(path))  # unlike resolve(), it ends with a link that leads to itself
                if not any(target.is_relative_to(top) for top in roots):
                    if PurePosixPath(name).suffix in CONFIG_LIKE:
                        shown = shown_path(path.absolute(), base) if not path.exists() else path.as_posix()
                        reports.setdefault(shown, FileReport(shown)).add(
                            _whole(shown, "is a link out of the given folders and was not followed", failed=False)
                        )
                    continue
            yield path


def _whole(shown: str, message: str, *, failed: bool = True) -> Problem:
    return Problem(message, Span(shown, Pos(1, 1), Pos(1, 2)), "failed" if failed else "partly")
