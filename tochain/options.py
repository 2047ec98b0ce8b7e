"""What a run was asked for; apart from the pipeline, so that a cached result needs nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["NAMES", "Options", "find_config"]

NAMES = ("tochain.yaml", ".tochain.yaml")
"""The configuration's names, in the order they are looked for."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a run was asked for besides its paths: rules to select or ignore, and a configuration to use.

    `texts` are read besides the files, by name: a dump on stdin, a file as an editor has it.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    config: Path | None = None
    base: Path = field(default_factory=Path.cwd)
    texts: Mapping[str, str] = field(default_factory=dict)
    tick: Callable[[str], None] = lambda stage: None


def find_config(start: Path) -> Path | None:
    """The tochain.yaml in a folder or the nearest above it; None when there is none."""
    folder = start if start.is_dir() else start.parent
    for place in (folder.resolve(), *folder.resolve().parents):
        for name in NAMES:
            if (place / name).is_file():
                return place / name
    return None
