"""`tochain baseline`: writes today's findings down."""

from __future__ import annotations

from pathlib import Path

import typer

from tochain.cli.common import PATHS, STDIN_NAME, emit, failing_well

__all__ = ["command"]


def command(
    paths: list[Path] = typer.Argument(None, metavar="[PATH]...", help=PATHS),
    output_file: Path = typer.Option(None, "--output-file", "-o", help="Write there instead of to the terminal."),
    stdin_name: str = typer.Option("", "--stdin-name", metavar="NAME", help=STDIN_NAME),
    config: Path = typer.Option(None, "--config", help="Use this tochain.yaml."),
) -> None:
    """Write the findings of today, for `tochain check --baseline FILE`: only new ones count from then on."""
    with failing_well():
        from tochain.baseline import dump
        from tochain.check import check
        from tochain.cli.given import from_stdin
        from tochain.cli.run import options

        given, texts = from_stdin(paths or [Path()], stdin_name)
        emit(dump(check(given, options([], [], config, texts))), output_file)
