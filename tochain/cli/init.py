"""`tochain init`: drafts a tochain.yaml."""

from __future__ import annotations

from pathlib import Path

import typer

from tochain.cli.common import PATHS, emit, failing_well
from tochain.model.errors import UsageError

__all__ = ["command"]


def command(
    paths: list[Path] = typer.Argument(None, metavar="[PATH]...", help=PATHS),
    output_file: Path = typer.Option(
        None, "--output-file", "-o", help="Write there; an existing file is never overwritten."
    ),
) -> None:
    """Draft a tochain.yaml from what is found: unknown versions and open ends as questions."""
    with failing_well():
        from tochain.check import analyse
        from tochain.cli.given import from_stdin
        from tochain.cli.run import options
        from tochain.report.draft import draft

        if output_file is not None and output_file.exists():
            raise UsageError(f"{output_file} exists; it is not overwritten")
        given, texts = from_stdin(paths or [Path()])
        analysis = analyse(given, options([], [], None, texts))
        known = {c.product: analysis.registry.get(c.product) for c in analysis.graph.components}
        versionless = frozenset(name for name, facts in known.items() if facts is not None and not facts.versioned)
        emit(draft(analysis.graph, versionless), output_file)
