"""Settings in groups with braces, as libconfig and NATS write them: `name = value`, `group { ... }`, lists of both."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tochain.model.span import SourceFile, Span

__all__ = ["grouped"]

_TOKEN = re.compile(
    r"""(?P<skip>\s+|\#[^\n]*|//[^\n]*|/\*[\s\S]*?\*/|[;,])|(?P<open>[{(\[])|(?P<close>[})\]])
      |(?P<setting>(?P<key>[A-Za-z_][\w*.-]*)(?:[ \t]*[=:]\s*|[ \t]*(?=[{(\[])|[ \t]+(?=["'\w]))
        (?P<value>"(?:[^"\\]|\\.)*"|'[^']*'|[^\s{(\[;,})\]"']+)?)|(?P<other>[^\s])""",
    re.VERBOSE,
)


def grouped(source: SourceFile) -> Iterator[tuple[tuple[str, ...], str, str, Span]]:
    """Each `name = value` with the names of the groups around it, its text without quotes, and its place.

    Groups of a list are numbered.
    """
    path: list[str] = []
    counts: list[int] = []
    waiting = ""
    for token in _TOKEN.finditer(source.text):
        if token["open"]:
            if not waiting and counts:
                waiting = str(counts[-1])
                counts[-1] += 1
            path.append(waiting)
            counts.append(0)
            waiting = ""
        elif token["close"]:
            if path:
                path.pop()
                counts.pop()
        elif token["setting"]:
            waiting = "" if token["value"] else token["key"]
            if token["value"]:
                span = source.span(token.start("key"), token.end("value"))
                yield tuple(path), token["key"], token["value"].strip("\"'"), span
