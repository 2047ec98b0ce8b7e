"""`tochain check`: lint."""

from __future__ import annotations

from pathlib import Path

import typer

from tochain.cli.common import failing_well
from tochain.cli.run import Asked, run

__all__ = ["command"]

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
        asked = Asked(output_format, output_file, select, ignore, fail_on, undecided, not no_cache, jobs, config, baseline)
        raise typer.Exit(run(paths or [Path()], asked))
