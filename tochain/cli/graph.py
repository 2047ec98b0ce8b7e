"""`tochain graph`: the hop graph with the timers on it."""

from __future__ import annotations

from pathlib import Path

import typer

from tochain.cli.common import PATHS, STDIN_NAME, emit, failing_well, view

__all__ = ["command"]

FORMATS = ("text", "mermaid", "dot", "json", "svg")


def command(
    paths: list[Path] = typer.Argument(None, metavar="[PATH]...", help=PATHS),
    output_format: str = typer.Option("text", "--format", metavar="FORMAT", help=", ".join(FORMATS)),
    output_file: Path = typer.Option(None, "--output-file", "-o", help="Write there instead of to the terminal."),
    why: bool = typer.Option(False, "--why", help="Say of each hop why its ends were joined."),
    stdin_name: str = typer.Option("", "--stdin-name", metavar="NAME", help=STDIN_NAME),
    config: Path = typer.Option(None, "--config", help="Use this tochain.yaml."),
) -> None:
    """Show who connects to whom, with the timers of both ends, and the links whose other end was not found."""
    with failing_well():
        from tochain.check import analyse
        from tochain.cli.given import from_stdin
        from tochain.cli.run import options
        from tochain.report.graph import FORMATS as RENDER

        if output_format not in RENDER:
            raise typer.BadParameter(f"{output_format!r}; expected one of {', '.join(RENDER)}", param_hint="--format")
        given, texts = from_stdin(paths or [Path()], stdin_name)
        analysis = analyse(given, options([], [], config, texts))
        emit(
            RENDER[output_format](analysis.graph, view(analysis.text, plain=output_file is not None), why), output_file
        )
