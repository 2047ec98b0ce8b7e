"""memcached: its options on the command line or one a line in memcached.conf."""

from __future__ import annotations

import re

from tochain.formats.ini import parse_words
from tochain.model.component import Address, Component, Word, Workload
from tochain.model.fact import Setting, Settings
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components
from tochain.products.programs import Program

__all__ = ["read"]

PRODUCT = "memcached"
PROGRAM = Program(re.compile(r"memcached.*|.*-memcached"), frozenset({"memcached"}))
_IDLE = re.compile(r"(?:^|,)idle_timeout=(\d+)")


def read(ctx: Context) -> Extract:
    """One server for each workload or file."""
    found = []
    for source in ctx.files:
        words = [
            word
            for line in ctx.parsed(source, parse_words).entries
            for word in (Word(line.key, line.key_span), *line.args)
        ]
        ctx.understood(source.path)
        settings, port = _options(words)
        found.append(Found(source, settings, listens=(Address(port=port),)))
    made = components(ctx, found, PRODUCT, PROGRAM, kind="database", protocol="memcached", port=11211)
    read = {component.workload for component in made}
    return Extract([*made, *(_started(w) for w in PROGRAM.of(ctx.workloads) if w.key not in read)])


def _options(words: list[Word]) -> tuple[Settings, int]:
    """The idle limit among the `-o` options, and the port."""
    settings: Settings = {}
    port = 11211
    for at, word in enumerate(words):
        flag, following = word.text, words[at + 1] if at + 1 < len(words) else word
        value = following if flag in ("-o", "-p", "--extended", "--port") else word
        text = value.text.partition("=")[2] if flag.startswith(("--extended=", "--port=")) else value.text
        if flag.startswith(("-o", "--extended")) and (idle := _IDLE.search(text.removeprefix("-o"))):
            settings["idle_timeout"] = (Setting("idle_timeout", idle[1], value.span),)
        elif flag.startswith(("-p", "--port")) and text.removeprefix("-p").isdecimal():
            port = int(text.removeprefix("-p"))
    return settings, port


def _started(workload: Workload) -> Component:
    settings, port = _options(list(workload.command))
    return Component(
        f"{PRODUCT}:{workload.key}", workload.name, PRODUCT, workload.span, "database", PROGRAM.version(workload),
        scope=workload.scope, settings=settings, listens=(Address(port=port),), names=workload.names,
        protocol="memcached", workload=workload.key, files=(workload.span.path,),
    )  # fmt: skip
