"""One `tochain check`, without the command line's library: the plain form of the command starts here at once."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tochain.cache import cached
from tochain.cli.given import from_stdin
from tochain.cli.output import emit, view
from tochain.model.errors import UsageError
from tochain.model.finding import SEVERITIES
from tochain.options import Options

if TYPE_CHECKING:
    from tochain.model.result import Result

__all__ = ["Asked", "options", "run"]


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of the command line after `check`, paths apart."""

    formats: list[str] = field(default_factory=lambda: ["text"])
    files: list[Path] = field(default_factory=list)
    select: list[str] = field(default_factory=list)
    ignore: list[str] = field(default_factory=list)
    fail_on: str = "warning"
    undecided: bool = False
    cache: bool = True
    jobs: int = 0
    config: Path | None = None
    baseline: Path | None = None
    stdin_name: str = ""
    helm: bool = False


def run(paths: list[Path], asked: Asked) -> int:
    """Lints, writes every output asked for, and gives the exit status.

    Raises UsageError for words that mean nothing.
    """
    from tochain.report import FORMATS
    from tochain.report.progress import Progress

    severity = next((word for word in SEVERITIES if word == asked.fail_on), None)
    if severity is None:
        raise UsageError(f"--fail-on {asked.fail_on}: expected error, warning or note")
    wrong = [name for name in asked.formats if name not in FORMATS]
    if wrong:
        raise UsageError(f"--output-format {wrong[0]}: expected one of {', '.join(FORMATS)}")
    if asked.files and len(asked.files) != len(asked.formats):
        raise UsageError("--output-file: one for each --output-format")
    paths, texts = from_stdin(paths, asked.stdin_name)
    if asked.helm:
        from tochain.helm import rendered

        texts = {**rendered(paths, Path.cwd()), **texts}
    with Progress() as progress:
        made = replace(options(asked.select, asked.ignore, asked.config, texts), tick=progress.tick)
        result, lines = cached(paths, made, use=asked.cache)
    if asked.baseline is not None:
        result = _without_known(result, asked.baseline)
    places: list[Path | None] = [*asked.files] if asked.files else [None] * len(asked.formats)
    for name, path in zip(asked.formats, places, strict=True):
        shown = view(lines, plain=path is not None, undecided=asked.undecided, rules=name == "sarif")
        emit(FORMATS[name](result, shown), path)
    return result.exit_code(severity)


def _without_known(result: Result, path: Path) -> Result:
    from tochain.baseline import apply, read

    compared = apply(result, read(path))
    for entry in compared.gone:
        print(f"{path}: {entry.get('rule')} on {entry.get('hop')} is found no more; the entry can go", file=sys.stderr)
    return compared.result


def options(
    select: list[str], ignore: list[str], config: Path | None, texts: Mapping[str, str] | None = None
) -> Options:
    """The options of a run from the command line's words; comma separated names are split."""
    if config is not None and not config.is_file():
        raise UsageError(f"--config {config}: no such file")
    split = [
        tuple(name.strip() for word in words for name in word.split(",") if name.strip()) for words in (select, ignore)
    ]
    return Options(select=split[0], ignore=split[1], config=config, texts=texts or {})
