"""`tochain rules` and `tochain products`: what it knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import typer

from tochain.cli.common import emit, failing_well, view

__all__ = ["products", "rules"]

Render = Callable[[Any, Any], str]


def rules(output_format: str = typer.Option("text", "--format", metavar="FORMAT", help="text, json")) -> None:
    """List the rules."""
    with failing_well():
        from tochain.catalogue import all_rule_data
        from tochain.report.rules import FORMATS

        emit(_of(FORMATS, output_format)(all_rule_data(), view(lambda _: None)), None)


def products(output_format: str = typer.Option("text", "--format", metavar="FORMAT", help="text, json")) -> None:
    """List the products."""
    with failing_well():
        from tochain.catalogue import all_product_data
        from tochain.report.products import FORMATS

        emit(_of(FORMATS, output_format)(all_product_data(), view(lambda _: None)), None)


def _of(formats: Mapping[str, Render], name: str) -> Render:
    if name not in formats:
        raise typer.BadParameter(f"{name!r}; expected one of {', '.join(formats)}", param_hint="--format")
    return formats[name]
