"""The products there are, as a table or JSON, from plain data: name, title, kind, protocols, settings, files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tochain.report.json import dump
from tochain.report.table import table
from tochain.report.view import View, count

__all__ = ["FORMATS"]

HEAD = ("product", "kind", "settings", "files", "title")


def _ordered(products: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(products, key=lambda product: str(product["name"]))


def _row(product: Mapping[str, Any]) -> tuple[str, ...]:
    title = str(product.get("title", ""))
    return (
        str(product["name"]),
        str(product.get("kind", "")),
        str(product.get("settings", "")),
        str(product.get("files", "")),
        "" if title == product["name"] else title,
    )


def _text(products: Sequence[Mapping[str, Any]], view: View) -> str:
    lines = table(HEAD, [_row(product) for product in _ordered(products)], right=[2])
    return "".join(f"{line}\n" for line in [*lines, count(len(products), "product")])


def _json(products: Sequence[Mapping[str, Any]], view: View) -> str:
    return dump({"schema": 1, "products": [dict(product) for product in _ordered(products)]})


FORMATS: dict[str, Callable[[Sequence[Mapping[str, Any]], View], str]] = {"text": _text, "json": _json}
"""The forms of `tochain products` by name."""
