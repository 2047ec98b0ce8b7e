"""A file inside a file: nginx.conf in a ConfigMap, JSON in a heredoc, read with the places of the outer file."""

from __future__ import annotations

from tochain.formats.tree import Node
from tochain.model.span import SourceFile

__all__ = ["embedded"]


def embedded(source: SourceFile, node: Node) -> SourceFile | None:
    """The text of a scalar as a source of its own whose lines and columns are those of the outer file.

    Works for YAML block scalars (indentation is kept), HCL heredocs, and text that stands there in one piece; None for
    a text with escapes, whose places would be wrong. The result has the outer file's path, so a tree made of it must
    not be kept under that path alone.
    """
    written = source.slice(node.span)
    if node.kind != "scalar" or node.span.path != source.path:
        return None
    line, column = node.span.start
    if node.quoted and written.startswith(("|", ">", "<<")):
        content = written.partition("\n")[2]
        if written.startswith("<<"):
            content = content[: content.rfind("\n") + 1]
        return SourceFile(source.path, "\n" * line + content)
    inner = written[1:-1] if node.quoted else written
    if inner != node.text:
        return None
    return SourceFile(source.path, "\n" * (line - 1) + " " * (column - 1 + node.quoted) + inner)
