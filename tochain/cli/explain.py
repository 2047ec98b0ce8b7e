"""`tochain explain`: a rule, or a hop with the reader's own numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tochain.cli.common import emit, failing_well, view
from tochain.model.errors import UsageError

if TYPE_CHECKING:
    from tochain.check import Analysis
    from tochain.model.hop import Hop
    from tochain.model.result import Result
    from tochain.report.view import View

__all__ = ["command"]


def command(
    what: list[str] = typer.Argument(None, metavar="RULE | [PATH]...", help="A rule's id, or files and folders."),
    hop: str = typer.Option("", "--hop", metavar="'A->B'", help="Explain this hop: who sends what, when, with your numbers."),
    finding: str = typer.Option("", "--finding", metavar="FINGERPRINT", help="Explain this finding; its first characters suffice."),
    config: Path = typer.Option(None, "--config", help="Use this tochain.yaml."),
) -> None:
    """Explain a rule, a hop, a finding, or the whole chain under a path."""
    with failing_well():
        words = what or []
        if len(words) == 1 and not hop and not finding and not Path(words[0]).exists():
            emit(_rule(words[0]), None)
        else:
            emit(_here([Path(word) for word in words] or [Path()], hop, finding, config), None)


def _rule(name: str) -> str:
    from tochain.catalogue import feeds, rule_data
    from tochain.report.explain import explain_rule

    data = rule_data(name)
    return explain_rule(data, view(lambda _: None), feeds=feeds(data))


def _here(paths: list[Path], hop: str, finding: str, config: Path | None) -> str:
    from tochain.check import analyse, judge_all
    from tochain.cli.run import options

    asked = options([], [], config)
    analysis = analyse(paths, asked)
    result = judge_all(analysis, asked)
    shown = view(analysis.files.text)
    if finding:
        return _finding(result, finding, shown)
    return _hops(analysis, result, hop, shown)


def _finding(result: Result, wanted: str, shown: View) -> str:
    from tochain.catalogue import rule_data
    from tochain.report.explain import explain_finding

    hits = [found for found in result.findings if found.fingerprint.startswith(wanted)]
    if len(hits) != 1:
        raise UsageError(f"{'no finding' if not hits else 'several findings'} with fingerprint {wanted!r}")
    return explain_finding(hits[0], shown, rule_data(hits[0].rule))


def _hops(analysis: Analysis, result: Result, wanted: str, shown: View) -> str:
    from tochain.report.explain import explain_hop
    from tochain.report.path import explain_path

    hops = analysis.graph.hops
    if not wanted:
        if not hops:
            raise UsageError("no hop was found here; tochain graph shows what was read")
        chains = _chains(hops)
        return "\n".join(explain_path(chain, result.findings, shown) for chain in chains)
    client, _, server = (part.strip() for part in wanted.partition("->"))
    hits = [hop for hop in hops if hop.client.name == client and hop.server.name == server]
    if not hits:
        known = ", ".join(dict.fromkeys(f"{hop.client.name}->{hop.server.name}" for hop in hops))
        raise UsageError(f"no hop {client}->{server}; there are: {known[:400] or 'none'}")
    return "\n".join(explain_hop(hop, result.findings, shown) for hop in hits)


def _chains(hops: tuple[Hop, ...]) -> list[tuple[Hop, ...]]:
    """Each chain once, from a hop nobody comes before, always on to the first hop that follows."""
    after: dict[str, Hop] = {}
    for hop in hops:
        after.setdefault(hop.client.key, hop)
    reached = {hop.server.key for hop in hops}
    starts = [hop for hop in hops if hop.client.key not in reached] or list(hops[:1])
    return [_chain(hop, after) for hop in starts[:20]]


def _chain(start: Hop, after: dict[str, Hop]) -> tuple[Hop, ...]:
    chain = [start]
    seen = {start.client.key, start.server.key}
    while (following := after.get(chain[-1].server.key)) is not None and following.server.key not in seen:
        seen.add(following.server.key)
        chain.append(following)
    return tuple(chain)
