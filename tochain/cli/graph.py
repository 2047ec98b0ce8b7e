"""`tochain graph`: the hop graph with the timers on it."""

from __future__ import annotations

from pathlib import Path

import typer

from tochain.cli.common import emit, failing_well, view

__all__ = ["command"]

FORMATS = ("text", "mermaid", "dot", "json", "svg")


def command(
    paths: list[Path] = typer.Argument(None, metavar="[PATH]...", help="Files and folders; the current folder by default."),
    output_format: str = typer.Option("text", "--format", metavar="FORMAT", help=", ".join(FORMATS)),
    output_file: Path = typer.Option(None, "--output-file", help="Write there instead of to the terminal."),
    why: bool = typer.Option(False, "--why", help="Say of each hop why its ends were joined."),
    config: Path = typer.Option(None, "--config", help="Use this tochain.yaml."),
) -> None:
    """Show who connects to whom, with the timers of both ends, and the links whose other end was not found."""
    with failing_well():
        from tochain.check import analyse
        from tochain.cli.run import options
        from tochain.report.graph import FORMATS as RENDER

        if output_format not in RENDER:
            raise typer.BadParameter(f"{output_format!r}; expected one of {', '.join(RENDER)}", param_hint="--format")
        analysis = analyse(paths or [Path()], options([], [], config))
        emit(RENDER[output_format](analysis.graph, view(analysis.files.text, plain=output_file is not None), why), output_file)
