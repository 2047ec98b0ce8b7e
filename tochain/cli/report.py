"""`tochain report`: one self-contained page with pictures."""

from __future__ import annotations

from pathlib import Path

import typer

from tochain.cli.common import PATHS, STDIN_NAME, emit, failing_well, view

__all__ = ["command"]


def command(
    paths: list[Path] = typer.Argument(None, metavar="[PATH]...", help=PATHS),
    output_file: Path = typer.Option(
        Path("report.html"), "--output-file", "-o", help='Write there; "-" is the terminal.'
    ),
    stdin_name: str = typer.Option("", "--stdin-name", metavar="NAME", help=STDIN_NAME),
    config: Path = typer.Option(None, "--config", help="Use this tochain.yaml."),
) -> None:
    """Write one page that needs no network: the graph, the timers of every hop, findings with timelines, budgets.

    Needs the extra tochain[report].
    """
    with failing_well():
        from tochain.check import analyse, judge_all
        from tochain.cli.given import from_stdin
        from tochain.cli.run import options
        from tochain.report.page import render_page

        given, texts = from_stdin(paths or [Path()], stdin_name)
        asked = options([], [], config, texts)
        analysis = analyse(given, asked)
        result = judge_all(analysis, asked)
        name = ", ".join([*texts, *(path.resolve().name for path in given)])
        emit(render_page(analysis.graph, result, view(analysis.text, plain=True), name), output_file)
        if str(output_file) not in ("-", "/dev/stdout"):
            typer.echo(f"written: {output_file}", err=True)
