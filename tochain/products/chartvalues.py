"""Values of Helm charts that workloads use as they are: `{{ .Values.keepalive }}` in arguments and environment."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from tochain.formats import yamlfile
from tochain.formats.tree import Node
from tochain.model.component import Word, Workload
from tochain.model.span import SourceFile
from tochain.products.charts import chart_of, charts

__all__ = ["with_values"]

_VALUE = re.compile(
    r"\{\{-?\s*(?:(?:quote|int|int64|toString)\s+)?\$?\.Values((?:\.\w+)+)"
    r"(?:\s*\|\s*(?:quote|squote|int|int64|toString|default\s+[^\s|}]+))*\s*-?\}\}"
)


def with_values(
    workloads: Iterable[Workload], paths: Iterable[str], read: Callable[[str], SourceFile | None]
) -> list[Workload]:
    """The workloads with the chart's own values filled in; what a release may set otherwise is not known here."""
    listed = list(workloads)
    folders = charts(paths)
    if not folders:
        return listed
    trees: dict[str, Node | None] = {}

    def value(folder: str, path: str) -> Node | None:
        if folder not in trees:
            source = read(posixpath.join(folder, "values.yaml"))
            roots = yamlfile.parse(source).roots if source is not None else ()
            trees[folder] = roots[0] if roots else None
        root = trees[folder]
        node = root.get(*path.strip(".").split(".")) if root is not None else None
        return node if node is not None and node.kind == "scalar" and node.text else None

    return [_filled(w, folder, value) if (folder := chart_of(w.span.path, folders)) is not None else w for w in listed]


def _filled(workload: Workload, folder: str, value: Callable[[str, str], Node | None]) -> Workload:
    def word(given: Word) -> Word:
        whole = _VALUE.fullmatch(given.text.strip())
        if whole is not None:
            node = value(folder, whole[1])
            return Word(node.text, node.span) if node is not None else given
        return replace(given, text=_VALUE.sub(inserted, given.text))

    def inserted(found: re.Match[str]) -> str:
        node = value(folder, found[1])
        return found[0] if node is None else node.text

    return replace(
        workload, command=tuple(word(w) for w in workload.command), env={n: word(w) for n, w in workload.env.items()}
    )
