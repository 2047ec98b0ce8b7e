"""`tochain diff`: what a change does to timers and findings."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from tochain.cli.common import emit, failing_well, view

__all__ = ["command"]


def command(
    old: str = typer.Argument(..., metavar="OLD", help="A folder or a git revision."),
    new: str = typer.Argument(".", metavar="NEW", help="A folder or a git revision; the current folder by default."),
    output_format: str = typer.Option("text", "--format", metavar="FORMAT", help="text, json"),
) -> None:
    """Compare two folders or git revisions: effective timers that changed, limits that can fire now, findings that appear and go.

    Exit status 1 when a finding at warning or above appears.
    """
    with failing_well():
        from tochain.diff import compare, tree
        from tochain.model.span import SourceFile
        from tochain.report.diff import render

        if output_format not in ("text", "json"):
            raise typer.BadParameter(f"{output_format!r}; expected text or json", param_hint="--format")
        with tree(old, Path()) as first, tree(new, Path()) as second:
            found = compare(first, second)

            def lines(path: str) -> SourceFile | None:
                file = second / path
                return SourceFile(path, file.read_text(encoding="utf-8", errors="replace")) if file.is_file() else None

            if output_format == "json":
                emit(json.dumps(found.to_json(), indent=1) + "\n", None)
            else:
                emit(render(found, view(lines)), None)
        raise typer.Exit(1 if any(f.severity != "note" for f in found.new) else 0)
