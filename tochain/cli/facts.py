"""`tochain facts`: every effective timer and where it comes from."""

from __future__ import annotations

from pathlib import Path

import typer

from tochain.cli.common import PATHS, STDIN_NAME, emit, failing_well, view

__all__ = ["command"]


def command(
    paths: list[Path] = typer.Argument(None, metavar="[PATH]...", help=PATHS),
    output_format: str = typer.Option("text", "--format", metavar="FORMAT", help="text, yaml, json"),
    component: list[str] = typer.Option([], "--component", help="Only components of this name or product."),
    stdin_name: str = typer.Option("", "--stdin-name", metavar="NAME", help=STDIN_NAME),
    config: Path = typer.Option(None, "--config", help="Use this tochain.yaml."),
) -> None:
    """List every timer of every component and link: its value, its setting, and the place or source it comes from."""
    with failing_well():
        from tochain.check import analyse
        from tochain.cli.given import from_stdin
        from tochain.cli.run import options
        from tochain.report.facts import FORMATS as RENDER

        if output_format not in RENDER:
            raise typer.BadParameter(f"{output_format!r}; expected one of {', '.join(RENDER)}", param_hint="--format")
        given, texts = from_stdin(paths or [Path()], stdin_name)
        graph = analyse(given, options([], [], config, texts))
        chosen = [c for c in graph.graph.components if not component or {c.name, c.product} & set(component)]
        emit(RENDER[output_format](chosen, view(graph.text)), None)
