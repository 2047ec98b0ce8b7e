"""From findings to bytes: one module per output format, loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from tochain.model.result import Result
from tochain.report.view import View

__all__ = ["FORMATS", "Render"]

Render = Callable[[Result, View], str]
"""Turns a result into the whole text of an output, line end included."""


def _lazy(module: str) -> Render:
    def render(result: Result, view: View) -> str:
        chosen: Render = import_module(f"tochain.report.{module}").render
        return chosen(result, view)

    return render


FORMATS: dict[str, Render] = {
    name: _lazy(name) for name in ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown")
}
"""The output formats of `tochain check` by name."""
