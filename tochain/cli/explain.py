"""`tochain explain`: a rule, or a hop with the reader's own numbers."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tochain.cli.common import emit, failing_well, view
from tochain.model.errors import UsageError

if TYPE_CHECKING:
    from tochain.check import Analysis
    from tochain.model.finding import Finding
    from tochain.model.hop import Hop
    from tochain.model.result import Result
    from tochain.report.view import View

__all__ = ["command"]

MOST_CHAINS = 20
MOST_PICTURES = 6


def command(
    what: list[str] = typer.Argument(
        None, metavar="RULE | [PATH]...", help="A rule's id, or files and folders (- for a dump on stdin)."
    ),
    hop: str = typer.Option(
        "", "--hop", metavar="'A->B'", help="Explain this hop: who sends what, when, with your numbers."
    ),
    finding: str = typer.Option(
        "", "--finding", metavar="FINGERPRINT", help="Explain this finding; its first characters suffice."
    ),
    output_format: str = typer.Option(
        "text", "--format", metavar="FORMAT", help="text, svg (who gives up when, and what happens on the wire)"
    ),
    output_file: Path = typer.Option(None, "--output-file", "-o", help="Write there instead of to the terminal."),
    config: Path = typer.Option(None, "--config", help="Use this tochain.yaml."),
) -> None:
    """Explain a rule, a hop, a finding, or the whole chain under a path."""
    with failing_well():
        if output_format not in ("text", "svg"):
            raise typer.BadParameter(f"{output_format!r}; expected text or svg", param_hint="--format")
        words = what or []
        if len(words) == 1 and not hop and not finding and words[0] != "-" and not Path(words[0]).exists():
            if output_format == "svg":
                raise UsageError("a rule has no picture of its own; give a path, and --finding or --hop")
            emit(_rule(words[0]), output_file)
            return
        analysis, result = _here([Path(word) for word in words] or [Path()], config)
        if output_format == "svg":
            emit(_picture(analysis, result, finding, hop), output_file)
            return
        shown = view(analysis.text, plain=output_file is not None)
        emit(_finding(result, finding, shown) if finding else _hops(analysis, result, hop, shown), output_file)


def _rule(name: str) -> str:
    from tochain.catalogue import feeds, rule_data, seen
    from tochain.report.explain import explain_rule

    data = rule_data(name)
    return explain_rule(data, view(lambda _: None), feeds=feeds(data), seen=seen(data))


def _here(paths: list[Path], config: Path | None) -> tuple[Analysis, Result]:
    from tochain.check import analyse, judge_all
    from tochain.cli.given import from_stdin
    from tochain.cli.run import options

    given, texts = from_stdin(paths)
    asked = options([], [], config, texts)
    analysis = analyse(given, asked)
    return analysis, judge_all(analysis, asked)


def _chosen(result: Result, wanted: str) -> Finding:
    hits = [found for found in result.findings if found.fingerprint.startswith(wanted)]
    if len({found.fingerprint for found in hits}) != 1:
        raise UsageError(f"{'no finding' if not hits else 'several findings'} with fingerprint {wanted!r}")
    return hits[0]


def _finding(result: Result, wanted: str, shown: View) -> str:
    from tochain.catalogue import rule_data
    from tochain.report.explain import explain_finding

    found = _chosen(result, wanted)
    return explain_finding(found, shown, rule_data(found.rule))


def _picture(analysis: Analysis, result: Result, wanted: str, hop: str) -> str:
    """The story of the finding asked for, those of a hop, or the limits of every chain with the stories on it."""
    from tochain.report.explain import concerns
    from tochain.report.path import chains
    from tochain.report.svg import explain_svg, story_svg

    if wanted:
        found = _chosen(result, wanted)
        if not found.steps:
            raise UsageError(f"{found.rule} has no story on the wire, so there is no picture of it")
        return story_svg(found)
    hops = _named(analysis.graph.hops, hop) if hop else list(analysis.graph.hops)
    told = [found for found in result.findings if found.steps and any(concerns(found, one) for one in hops)]
    if not told and (hop or not hops):
        raise UsageError("no finding with a story on the wire here; tochain graph --format svg draws the hops")
    return explain_svg([] if hop else list(islice(chains(hops), MOST_PICTURES)), told[:MOST_PICTURES])


def _named(hops: tuple[Hop, ...], wanted: str) -> list[Hop]:
    client, _, server = (part.strip() for part in wanted.partition("->"))
    hits = [hop for hop in hops if hop.client.name == client and hop.server.name == server]
    if not hits:
        known = ", ".join(dict.fromkeys(f"{hop.client.name}->{hop.server.name}" for hop in hops))
        raise UsageError(f"no hop {client}->{server}; there are: {known[:400] or 'none'}")
    return hits


def _hops(analysis: Analysis, result: Result, wanted: str, shown: View) -> str:
    from tochain.report.explain import explain_hop
    from tochain.report.path import chains, explain_path

    hops = analysis.graph.hops
    if wanted:
        return "\n".join(explain_hop(hop, result.findings, shown) for hop in _named(hops, wanted))
    if not hops:
        raise UsageError("no hop was found here; tochain graph shows what was read")
    return "\n".join(explain_path(chain, result.findings, shown) for chain in islice(chains(hops), MOST_CHAINS))
