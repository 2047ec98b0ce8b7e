"""systemd units: a service is a workload of its host, called by the unit's name."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tochain.formats.commandline import assignments, commands, split
from tochain.formats.ini import parse_systemd
from tochain.formats.keyvalue import Entries, Entry
from tochain.model.component import Word, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.cron import calendar_period
from tochain.products.scopes import folder_scope

__all__ = ["read"]

PLATFORM = "systemd"
_PREFIX = re.compile(r"^[-@:+!]+")
_TIMERS = ("TimeoutStopSec", "TimeoutSec", "TimeoutStartSec", "RuntimeMaxSec", "OnUnitActiveSec", "Type")


def read(ctx: Context) -> Extract:
    """One workload for each unit that starts something; timers go to the service of the same name."""
    extract = Extract()
    timers: dict[str, Settings] = {}
    units = [(source, ctx.parsed(source, parse_systemd)) for source in ctx.files]
    for source, unit in units:
        ctx.understood(source.path, PLATFORM)
        for message, span, failed in unit.problems:
            ctx.problem(span, message, "failed" if failed else "partly")
        if source.path.endswith(".timer"):
            timers[PurePosixPath(source.path).stem] = _settings(unit)
    for source, unit in units:
        start = _last(unit, "ExecStart")
        if source.path.endswith(".service") and start is not None and start.value:
            name = PurePosixPath(source.path).stem.removesuffix("@")
            extract.workloads.append(_workload(source, unit, start, name, timers.get(name, {})))
    return extract


def _workload(source: SourceFile, unit: Entries, start: Entry, name: str, timer: Settings) -> Workload:
    words = split(_PREFIX.sub("", start.value), start.value_span, source)
    found = commands(words, source)
    env: dict[str, Word] = {}
    for entry in unit.entries:
        if entry.key == "Environment":
            env |= assignments(split(entry.value, entry.value_span, source))
    return Workload(
        f"systemd:{source.path}", name, folder_scope(source.path), start.span, command=tuple(found[-1]) if found else (),
        env=env, names=(), settings={**_settings(unit), **timer}, platform=PLATFORM,
    )  # fmt: skip


def _last(unit: Entries, key: str) -> Entry | None:
    return next((entry for entry in reversed(unit.entries) if entry.key == key), None)


def _settings(unit: Entries) -> Settings:
    found: Settings = {e.key: (Setting(e.key, e.value, e.value_span),) for e in unit.entries if e.key in _TIMERS}
    for entry in unit.entries:
        if entry.key == "OnCalendar":
            limit = calendar_period(entry.value)
            found[entry.key] = (Setting(entry.key, entry.value, entry.value_span, limit=limit),)
    return found
