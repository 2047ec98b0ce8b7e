"""Declared files that told nothing of their component: said, and unknown values where nobody could read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from tochain.config import ComponentSpec, Config
from tochain.discover import CONFIG_LIKE
from tochain.formats.languages import language_of
from tochain.model.coverage import FileReport, Problem
from tochain.model.fact import Fact, Facts
from tochain.model.limit import Unknown
from tochain.model.span import Span
from tochain.products.registry import Registry

__all__ = ["Readable", "readable", "told_nothing", "unread"]

Readable = Mapping[str, str]
"""Each file somebody could read or tried to, with the status of the attempt."""


def readable(reports: Mapping[str, FileReport], trees: Iterable[tuple[str, str]]) -> Readable:
    """The files that somebody understood, failed at, or at least took apart."""
    found = {path: report.status for path, report in reports.items() if report.status != "unrecognised"}
    return {**{path: "parsed" for path, _ in trees if path not in found}, **found}


def unread(spec: ComponentSpec, registry: Registry) -> Facts:
    """Every timer of a product as unknown: the file that may set it could not be parsed."""
    product = registry.get(spec.product)
    rows = [row for row in product.settings if not row.fixed] if product is not None else []
    limit = Unknown("its configuration could not be parsed")
    return {timer: (Fact(timer, limit, row.setting, "declared", spec.span),) for row in rows for timer in row.timers}


def told_nothing(config: Config, spec: ComponentSpec, paths: set[str], files: Readable, registry: Registry) -> Facts:
    """What is to be said where declared files brought no component.

    A file of a kind nobody reads (a start script, say) may set anything: that is a failure, and nothing is known. One that
    could be read and has nothing of the product in it leaves the product its defaults, which is said too.
    """
    shown = ", ".join(sorted(PurePosixPath(path).name for path in paths))
    if not any(path in files or language_of(path) or PurePosixPath(path).suffix in CONFIG_LIKE for path in paths):
        message = f"component {spec.name}: {shown} is nothing that tochain reads for {spec.product or 'it'}"
        config.problems.append(Problem(message, _place(spec), "failed"))
        return unread(spec, registry)
    product = registry.get(spec.product)
    if product is not None and product.settings:
        called = f" called {spec.select!r}" if spec.select else ""
        what = f"sets nothing of {spec.product}{called} that tochain knows; its defaults are taken"
        message = f"component {spec.name}: {shown} {what}"
        config.problems.append(Problem(message, _place(spec), "partly"))
    return {}


def _place(spec: ComponentSpec) -> Span:
    return spec.config[0][1] if spec.config else spec.span
