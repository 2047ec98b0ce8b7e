"""supervisord.conf: each program is a workload of its host, called by its name, with its own time to stop."""

from __future__ import annotations

import re

from tochain.formats.commandline import assignments, commands, split
from tochain.formats.ini import parse_cfg
from tochain.formats.keyvalue import Entries
from tochain.model.component import Word, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.flat import tell_lines
from tochain.products.scopes import folder_scope

__all__ = ["read"]

PLATFORM = "supervisor"
_KEPT = ("stopwaitsecs", "startsecs")


def read(ctx: Context) -> Extract:
    """One workload for each `[program:x]` with a command."""
    extract = Extract()
    for source in ctx.files:
        entries = ctx.parsed(source, parse_cfg)
        heads = [word for word in entries.sections if word.text.startswith(("program:", "fcgi-program:"))]
        if heads or any(word.text == "supervisord" for word in entries.sections):
            tell_lines(ctx, source, entries)
        extract.workloads += [made for head in heads if (made := _workload(source, entries, head)) is not None]
    return extract


def _workload(source: SourceFile, entries: Entries, head: Word) -> Workload | None:
    command = entries.get("command", head.text)
    if command is None or not command.value:
        return None
    name = head.text.partition(":")[2].strip()
    text = command.value.replace("%(program_name)s", name)
    words = split(text, command.value_span, source if text == command.value else None)
    started = commands(words, source)
    own = entries.get("environment", head.text)
    env = assignments(split(re.sub(r",\s*(?=\w+=)", " ", own.value), own.value_span)) if own is not None else {}
    settings: Settings = {
        line.key: (Setting(line.key, line.value, line.span),) for line in entries.within(head.text) if line.key in _KEPT
    }
    return Workload(
        f"{PLATFORM}:{source.path}#{name}", name, folder_scope(source.path), head.span,
        command=tuple(started[-1]) if started else (), env=env, settings=settings, platform=PLATFORM,
    )  # fmt: skip
