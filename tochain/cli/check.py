"""`tochain check`: lint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tochain.cli.common import emit, failing_well, view

if TYPE_CHECKING:
    from tochain.check import Options
    from tochain.model.result import Result

__all__ = ["command", "options"]

FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown")


def command(
    paths: list[Path] = typer.Argument(None, metavar="[PATH]...", help="Files and folders; the current folder by default."),
    output_format: list[str] = typer.Option(
        ["text"], "--output-format", metavar="FORMAT", help=f"{', '.join(FORMATS)}; several with several --output-file."
    ),
    output_file: list[Path] = typer.Option([], "--output-file", help="Write there instead of to the terminal; one for each format."),
    select: list[str] = typer.Option([], "--select", help="Only these rules or families (comma separated or repeated)."),
    ignore: list[str] = typer.Option([], "--ignore", help="Not these rules or families."),
    fail_on: str = typer.Option("warning", "--fail-on", metavar="error|warning|note", help="Exit status 1 from this severity on."),
    undecided: bool = typer.Option(False, "--undecided", help="Show what could not be decided, and the fact that would decide it."),
    no_cache: bool = typer.Option(False, "--no-cache", help="Neither use nor write the cache."),
    jobs: int = typer.Option(0, "--jobs", metavar="N", help="Processes for many files; 0 chooses."),
    config: Path = typer.Option(None, "--config", help="Use this tochain.yaml."),
    baseline: Path = typer.Option(None, "--baseline", help="Leave out the findings this file lists (tochain baseline writes it)."),
) -> None:
    """Lint configuration for timers that do not fit each other.

    Exit status: bit 1 a finding at or above --fail-on, bit 2 something could not be read, 3 both, else 0.
    """
    with failing_well():
        raise typer.Exit(_run(paths or [Path()], output_format, output_file, select, ignore, fail_on, undecided, no_cache, jobs, config, baseline))


def _run(
    paths: list[Path], formats: list[str], files: list[Path], select: list[str], ignore: list[str],
    fail_on: str, undecided: bool, no_cache: bool, jobs: int, config: Path | None, baseline: Path | None,
) -> int:  # fmt: skip
    from tochain.cache import cached
    from tochain.model.finding import SEVERITIES
    from tochain.report import FORMATS as RENDER
    from tochain.report.progress import Progress

    severity = next((word for word in SEVERITIES if word == fail_on), None)
    if severity is None:
        raise typer.BadParameter("expected error, warning or note", param_hint="--fail-on")
    wrong = [name for name in formats if name not in RENDER]
    if wrong:
        raise typer.BadParameter(f"{wrong[0]!r}; expected one of {', '.join(RENDER)}", param_hint="--output-format")
    if files and len(files) != len(formats):
        raise typer.BadParameter("one --output-file for each --output-format", param_hint="--output-file")
    with Progress() as progress:
        result, lines = cached(paths, options(select, ignore, config, progress.tick), use=not no_cache)
    if baseline is not None:
        result = _without_known(result, baseline)
    places: list[Path | None] = [*files] if files else [None] * len(formats)
    for name, path in zip(formats, places, strict=True):
        emit(RENDER[name](result, view(lines, plain=path is not None, undecided=undecided, rules=name == "sarif")), path)
    return result.exit_code(severity)


def _without_known(result: Result, path: Path) -> Result:
    from tochain.baseline import apply, read

    compared = apply(result, read(path))
    for entry in compared.gone:
        typer.echo(f"{path}: {entry.get('rule')} on {entry.get('hop')} is found no more; the entry can go", err=True)
    return compared.result


def options(select: list[str], ignore: list[str], config: Path | None, tick: object = None) -> Options:
    """The options of a run from the command line's words; comma separated names are split."""
    from tochain.check import Options
    from tochain.model.errors import UsageError

    if config is not None and not config.is_file():
        raise UsageError(f"--config {config}: no such file")
    split = [tuple(name.strip() for word in words for name in word.split(",") if name.strip()) for words in (select, ignore)]
    made = Options(select=split[0], ignore=split[1], config=config)
    if callable(tick):
        from dataclasses import replace

        made = replace(made, tick=tick)
    return made
