"""PostgreSQL: postgresql.conf, its included files, and `-c name=value` on the command line over them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from tochain.formats.ini import parse_flat
from tochain.model.component import Address, Component, Workload
from tochain.model.fact import Settings
from tochain.model.span import Span
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, given, pick, port_of, tell_lines, written
from tochain.products.programs import Program

__all__ = ["read"]

PRODUCT = "postgresql"
PROGRAM = Program(
    re.compile(r"postgres|postgresql|postgis|timescaledb(-ha)?|pgvector|.*-(postgres|postgresql)|cloudnative-pg"),
    frozenset({"postgres", "postmaster"}),
)


def read(ctx: Context) -> Extract:
    """One server for each workload or file."""
    found = []
    for path, source, entries in given(ctx, PROGRAM, parse_flat, ".conf"):
        tell_lines(ctx, source, entries)
        port = port_of(entries, "port")
        lines = [replace(line, key=line.key.lower()) for line in entries.entries]
        found.append(Found(source, pick(lines, PRODUCT), listens=(Address(port=port),) if port else (), path=path))
    made = components(ctx, found, PRODUCT, PROGRAM, kind="database", protocol="postgresql", port=5432)
    by_workload = {component.workload: component for component in made if component.workload}
    done = [c for c in made if not c.workload]
    for workload in PROGRAM.of(ctx.workloads):
        settings = written(PRODUCT, _options(workload))
        known = by_workload.pop(workload.key, None)
        if known is not None:
            done.append(replace(known, settings={**known.settings, **settings}))
        elif settings:
            done.append(_started(workload, settings))
    return Extract([*done, *by_workload.values()])


def _options(workload: Workload) -> Iterable[tuple[str, str, Span]]:
    """`-c name=value`, `-cname=value` and `--name=value` of a command."""
    waiting = False
    for word in workload.command[1:]:
        text = word.text
        if text == "-c":
            waiting = True
            continue
        if waiting or text.startswith(("-c", "--")):
            name, equals, value = text.removeprefix("--").removeprefix("-c").strip().partition("=")
            if equals:
                yield name.strip().lower().replace("-", "_"), value.strip(), word.span
        waiting = False


def _started(workload: Workload, settings: Settings) -> Component:
    return Component(
        f"{PRODUCT}:{workload.key}", workload.name, PRODUCT, workload.span, "database", PROGRAM.version(workload),
        scope=workload.scope, settings=settings, names=workload.names, protocol="postgresql", workload=workload.key,
        listens=(Address(port=5432),), files=(workload.span.path,),
    )  # fmt: skip
