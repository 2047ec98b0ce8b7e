"""Crontabs: how often each line starts its command, how long `timeout` or curl lets it run, and whether runs may meet."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tochain.formats.commandline import commands, split
from tochain.model.component import Component
from tochain.model.fact import Setting, Settings
from tochain.model.limit import Finite
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.cron import smallest_gap
from tochain.products.scopes import folder_scope

__all__ = ["read"]

PRODUCT = "crontab"
_LINE = re.compile(
    r"(?m)^[ \t]*(?P<when>@(?!reboot)\w+|(?:[\d*][\w*/,-]*[ \t]+){2}(?:[\w*/,-]+[ \t]+){2}[\w*/,-]+)[ \t]+(?P<what>\S.*)$"
)
_USER = re.compile(r"[a-z_][a-z0-9_-]*[ \t]+(?=\S)")
_SYSTEM = re.compile(r"(^|/)(etc/crontab|cron\.d/[^/]+)$")
_TIMEOUT = re.compile(
    r"(?<![\w/.-])(?:/usr/bin/)?timeout[ \t]+(?:(?:-[ks][ \t]+\S+|-\S+)[ \t]+)*(?P<time>\d+(?:\.\d+)?[smhd]?)(?=[ \t])"
)
_CURL = re.compile(r"(?<![\w.-])curl\b[^|;&\n]*?[ \t](?:-[a-zA-Z]*m[ \t]*|--max-time[ \t=]+)(?P<time>\d+(?:\.\d+)?)\b")
_FLOCK = re.compile(r"(?<![\w.-])flock\b(?P<flags>(?:[ \t]+-\S+)*)")
_AT_ONCE = re.compile(r"(?:^|\s)(?:-\w*n\w*|--nonblock|--nb)(?=\s|$)")
_BEFORE = ("", "cd", "test", "[", "source", ".", "export", "sleep", "echo")
"""What is done before the work itself."""
_MOST = 500


def read(ctx: Context) -> Extract:
    """One schedule for each line that starts something."""
    extract = Extract()
    for source in ctx.files:
        found = [made for line in list(_LINE.finditer(source.text))[:_MOST] if (made := _job(source, line)) is not None]
        if found:
            ctx.understood(source.path)
            extract.components += found
    return extract


def _job(source: SourceFile, line: re.Match[str]) -> Component | None:
    gap = smallest_gap(line["when"])
    if gap is None:
        return None
    start = line.start("what")
    user = _USER.match(line["what"]) if _SYSTEM.search("/" + source.path) else None
    start += user.end() if user else 0
    span = source.span(line.start("when"), line.end("when"))
    settings: Settings = {"(schedule)": (Setting("(schedule)", line["when"], span, limit=Finite(gap * 60_000_000)),)}
    settings |= _limits(source, start, line.end("what"))
    number = span.start.line
    return Component(
        f"{PRODUCT}:{source.path}#{number}", _name(source.text[start : line.end("what")], span), PRODUCT, span, "schedule",
        scope=folder_scope(source.path), settings=settings, files=(source.path,),
    )  # fmt: skip


def _limits(source: SourceFile, start: int, end: int) -> Settings:
    found: Settings = {}
    limited = _TIMEOUT.search(source.text, start, end) or _CURL.search(source.text, start, end)
    if limited is not None:
        found["timeout"] = (Setting("timeout", limited["time"], source.span(*limited.span("time"))),)
    locked = _FLOCK.search(source.text, start, end)
    if locked is not None:
        word = "Forbid" if _AT_ONCE.search(locked["flags"]) else "Wait"
        found["flock"] = (Setting("flock", word, source.span(*locked.span())),)
    return found


def _name(command: str, span: Span) -> str:
    """What the line starts, behind `timeout`, `flock` and their like."""
    names = [PurePosixPath(argv[0].text).name for argv in commands(split(command, span)) if argv]
    return next((name for name in names if name not in _BEFORE), PRODUCT)
