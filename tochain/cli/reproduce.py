"""`tochain reproduce`: a finding happening, with the real programs."""

from __future__ import annotations

from pathlib import Path

import typer

from tochain.cli.common import emit, failing_well

__all__ = ["command"]

NOT_SEEN = 1


def command(
    fingerprint: str = typer.Argument(..., metavar="FINGERPRINT", help="The finding; its first characters suffice."),
    paths: list[Path] = typer.Argument(
        None, metavar="[PATH]...", help="Files and folders it was found in; the current folder when not given."
    ),
    tries: int = typer.Option(3, "--tries", min=1, max=20, help="How often each of GET and POST is sent."),
    config: Path = typer.Option(None, "--config", help="Use this tochain.yaml."),
) -> None:
    """Show a finding happening: starts the programs of its hop on loopback with your timers, scaled down.

    Exit status 0 when it happened, 1 when it did not, 2 when it cannot be shown (the message says what to install).
    """
    with failing_well():
        from tochain.check import analyse, judge_all
        from tochain.cli.run import options
        from tochain.model.errors import UsageError
        from tochain.reproduce import show

        asked = options([], [], config)
        analysis = analyse(paths or [Path()], asked)
        found = [one for one in judge_all(analysis, asked).findings if one.fingerprint.startswith(fingerprint)]
        if len({one.fingerprint for one in found}) != 1:
            raise UsageError(f"{'no finding' if not found else 'several findings'} with fingerprint {fingerprint!r}")
        ends = found[0].hop.client, found[0].hop.server
        hop = next((hop for hop in analysis.graph.hops if (hop.client.name, hop.server.name) == ends), None)
        if hop is None:
            raise UsageError(f"{found[0].rule} is about {found[0].hop} alone; only findings about a hop can be shown")
        shown = show(found[0], hop, tries=tries)
        emit(shown.text, None)
        if not shown.happened:
            raise typer.Exit(NOT_SEEN)
