"""`tochain test`: runs the examples of rule files."""

from __future__ import annotations

from pathlib import Path

import typer

from tochain.cli.common import failing_well

__all__ = ["command"]


def command(
    folders: list[Path] = typer.Argument(..., metavar="DIR...", help="Folders with rule files (<id>.yaml)."),
) -> None:
    """Check rule files by their own examples: exact findings, silence, fixes, and that each part of the rule matters.

    Exit status 1 when an example fails, 2 when a rule file is wrong.
    """
    with failing_well():
        from tochain.check import sample
        from tochain.engine.rulefile import RuleFile
        from tochain.engine.schema import load_rule, load_rules
        from tochain.engine.selftest import check_rules
        from tochain.model.errors import UsageError

        paths = sorted({path for folder in folders for path in [*folder.glob("*.yaml"), *folder.glob("*/*.yaml")]})
        if not paths:
            raise UsageError("no rule file (*.yaml) there")
        own = [load_rule(RuleFile.open(path)) for path in paths]
        among = [*{rule.id: rule for rule in [*load_rules(), *own]}.values()]
        failures = [str(failure) for failure in check_rules(own, sample, among)]
        for failure in failures:
            typer.echo(failure)
        typer.echo(f"{len(own)} rules, {len(failures)} failures")
        raise typer.Exit(1 if failures else 0)
