"""The command line: one function a command, each imported with what it needs when it runs."""

from __future__ import annotations

import typer

from tochain import __version__
from tochain.cli import baseline, check, diff, docs, explain, facts, graph, init, lsp, report, reproduce, rules, test

__all__ = ["app"]

app = typer.Typer(
    name="tochain",
    help="Finds timers of neighbouring hops that do not fit each other.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"tochain {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    pass


app.command("check")(check.command)
app.command("explain")(explain.command)
app.command("graph")(graph.command)
app.command("facts")(facts.command)
app.command("rules")(rules.rules)
app.command("products")(rules.products)
app.command("init")(init.command)
app.command("docs", hidden=True)(docs.command)
app.command("diff")(diff.command)
app.command("baseline")(baseline.command)
app.command("test")(test.command)
app.command("report")(report.command)
app.command("reproduce")(reproduce.command)
app.command("lsp")(lsp.command)
