"""Procfiles: each process type is a workload, called by its name; `web` is what the platform's router reaches."""

from __future__ import annotations

import re

from tochain.formats.commandline import assignments, commands, split
from tochain.model.component import Workload
from tochain.products.base import Context, Extract
from tochain.products.scopes import folder, folder_scope

__all__ = ["read"]

_LINE = re.compile(r"(?m)^([A-Za-z0-9_-]+):[ \t]*([^\r\n]*?)[ \t]*$")
_ODD = re.compile(r"(?m)^(?![A-Za-z0-9_-]+:)(?![ \t]*(?:#|$))[^\r\n]+")


def read(ctx: Context) -> Extract:
    """One workload a line."""
    extract = Extract()
    for source in ctx.files:
        ctx.understood(source.path, "procfile")
        for odd in _ODD.finditer(source.text):
            ctx.problem(source.span(odd.start(), odd.end()), "expected a name, a colon and a command")
        for found in _LINE.finditer(source.text):
            words = split(found[2], source.span(found.start(2), found.end(2)), source)
            started = commands(words, source)
            extract.workloads.append(
                Workload(
                    f"procfile:{source.path}#{found[1]}",
                    found[1],
                    folder_scope(source.path),
                    source.span(found.start(1), found.end(1)),
                    command=tuple(started[-1]) if started else (),
                    env=assignments(words),
                    names=(found[1],),
                    root=folder(source.path),
                )
            )
    return extract
