"""`tochain check`: lint."""

from __future__ import annotations

from pathlib import Path

import typer

from tochain.cli.common import PATHS, STDIN_NAME, failing_well
from tochain.cli.run import Asked, run

__all__ = ["command"]

FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown")


def command(
    paths: list[Path] = typer.Argument(None, metavar="[PATH]...", help=PATHS),
    output_format: list[str] = typer.Option(
        ["text"], "--output-format", metavar="FORMAT", help=f"{', '.join(FORMATS)}; several with several --output-file."
    ),
    output_file: list[Path] = typer.Option(
        [], "--output-file", "-o", help="Write there instead of to the terminal; one for each format."
    ),
    select: list[str] = typer.Option(
        [], "--select", help="Only these rules or families (comma separated or repeated)."
    ),
    ignore: list[str] = typer.Option([], "--ignore", help="Not these rules or families."),
    fail_on: str = typer.Option(
        "warning", "--fail-on", metavar="error|warning|note", help="Exit status 1 from this severity on."
    ),
    undecided: bool = typer.Option(
        False, "--undecided", help="Show what could not be decided, and the fact that would decide it."
    ),
    no_cache: bool = typer.Option(False, "--no-cache", help="Neither use nor write the cache."),
    jobs: int = typer.Option(
        0,
        "--jobs",
        metavar="N",
        help="At most N processes; reading uses one, for handing trees over costs more than it gains.",
    ),
    config: Path = typer.Option(None, "--config", help="Use this tochain.yaml."),
    as_json: bool = typer.Option(False, "--json", help="The same as --output-format json."),
    stdin_name: str = typer.Option("", "--stdin-name", metavar="NAME", help=STDIN_NAME),
    baseline: Path = typer.Option(
        None, "--baseline", help="Leave out the findings this file lists (tochain baseline writes it)."
    ),
    helm: bool = typer.Option(False, "--helm", help="Render Helm charts with the helm program first."),
) -> None:
    """Lint configuration for timers that do not fit each other.

    Exit status: bit 1 a finding at or above --fail-on, bit 2 something could not be read, 3 both, else 0.
    """
    with failing_well():
        formats = ["json"] if as_json and output_format == ["text"] else output_format
        asked = Asked(
            formats,
            output_file,
            select,
            ignore,
            fail_on,
            undecided,
            not no_cache,
            jobs,
            config,
            baseline,
            stdin_name,
            helm,
        )
        raise typer.Exit(run(paths or [Path()], asked))
