"""`tochain report`: one page that holds everything, opens from a file, and loads nothing from anywhere."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from tochain import __version__
from tochain.model.errors import TochainError
from tochain.model.hop import Graph
from tochain.model.result import Result
from tochain.report.pagedata import page_data, script_json
from tochain.report.pagegraph import graph_data
from tochain.report.view import View

__all__ = ["render_page"]

ASSETS = ("report.css", "cytoscape.min.js", "dagre.min.js", "report.js")


def render_page(graph: Graph, result: Result, view: View, name: str = "") -> str:
    """The whole page; `name` says what was checked.

    Raises TochainError when the templating library of the extra `tochain[report]` is not installed.
    """
    environment = _environment()
    assets = {asset: _asset(asset) for asset in ASSETS}
    page = environment.from_string(_asset("report.html.j2"))
    return str(
        page.render(
            name=name,
            version=__version__,
            assets=assets,
            graph=script_json(graph_data(graph, result, view)),
            **page_data(graph, result, view),
        )
    )


def _environment() -> Any:
    try:
        from jinja2 import Environment, StrictUndefined
    except ImportError as error:
        raise TochainError("the page needs Jinja2: pip install 'tochain[report]'") from error
    return Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )


def _asset(name: str) -> str:
    return (files("tochain.report") / "assets" / name).read_text(encoding="utf-8")
