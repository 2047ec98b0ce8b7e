"""PgBouncer: its own timers, and a link for each database it pools; image variables stand in for a file."""

from __future__ import annotations

import re
from dataclasses import replace

from tochain.formats.ini import parse_pgbouncer
from tochain.formats.keyvalue import Entries, Entry
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.span import Span
from tochain.products.base import Context, Extract
from tochain.products.dsn import dsn_link, parse_dsn
from tochain.products.flat import Found, components, given, known_settings, pick, port_of, tell_lines, written
from tochain.products.programs import Program

__all__ = ["read"]

PRODUCT = "pgbouncer"
PROGRAM = Program(re.compile(r"pgbouncer.*|.*-pgbouncer"), frozenset({"pgbouncer"}))
_PART = re.compile(r"(\w+)\s*=\s*(?:'((?:[^']|'')*)'|(\S*))")
_SOCKETS = "/tmp"  # noqa: S108 - where libpq looks, never written to
_PREFIXES = ("", "PGBOUNCER_")


def read(ctx: Context) -> Extract:
    """One proxy for each workload or file."""
    found = []
    for path, source, entries in given(ctx, PROGRAM, parse_pgbouncer, ".ini"):
        if not any(word.text in ("pgbouncer", "databases") for word in entries.sections):
            continue
        tell_lines(ctx, source, entries)
        own = [line for line in entries.entries if line.section == "pgbouncer"]
        port = port_of(Entries(own), "listen_port")
        links = [_link(line) for line in entries.entries if line.section == "databases" and line.value]
        found.append(
            Found(source, pick(own, PRODUCT), listens=(Address(port=port),) if port else (), links=links, path=path)
        )
    made = components(ctx, found, PRODUCT, PROGRAM, kind="proxy", protocol="postgresql", port=6432)
    return Extract([*made, *_started(ctx, {component.workload for component in made})])


def _link(line: Entry) -> Link:
    parts = {part[1]: part[2] if part[2] is not None else part[3] for part in _PART.finditer(line.value)}
    label = f"database {line.key}"
    host, port = parts.get("host", ""), parts.get("port", "5432")
    if "{" in host or "$" in host or (port and not port.isdecimal()):
        return Link(Address(), line.span, protocol="postgresql", label=label, unknown=f"filled in later: {host}:{port}")
    number = int(port or 5432)
    if not host or host.startswith("/"):
        target = Address(socket=f"{host or _SOCKETS}/.s.PGSQL.{number}")
    else:
        target = Address(host.partition(",")[0], number)
    return Link(target, line.span, protocol="postgresql", label=label)


def _started(ctx: Context, read: set[str]) -> list[Component]:
    """Workloads without a file of their own, set by variables of the usual images."""
    return [_of_image(workload) for workload in PROGRAM.of(ctx.workloads) if workload.key not in read]


def _of_image(workload: Workload) -> Component:
    settings = written(PRODUCT, _variables(workload))
    port = workload.env.get("LISTEN_PORT") or workload.env.get("PGBOUNCER_PORT")
    listens = (Address(port=int(port.text)),) if port is not None and port.text.isdecimal() else ()
    link = _target(workload)
    made = Component(
        f"{PRODUCT}:{workload.key}", workload.name, PRODUCT, workload.span, "proxy", PROGRAM.version(workload),
        scope=workload.scope, settings=settings, listens=listens or (Address(port=5432),), names=workload.names,
        protocol="postgresql", workload=workload.key, files=(workload.span.path,),
    )  # fmt: skip
    if not listens and set(workload.ports.values()):
        made = replace(made, listens=tuple(Address(port=port) for port in dict.fromkeys(workload.ports.values())))
    return replace(made, links=(link,)) if link is not None else made


def _target(workload: Workload) -> Link | None:
    for name in ("DATABASE_URL", "DATABASES"):
        word = workload.env.get(name)
        dsn = parse_dsn(word.text, word.span) if word is not None else None
        if dsn is not None:
            return dsn_link(dsn, name)
    host = next((w for n in ("DB_HOST", "POSTGRESQL_HOST") if (w := workload.env.get(n))), None)
    port = next((w for n in ("DB_PORT", "POSTGRESQL_PORT") if (w := workload.env.get(n))), None)
    if host is None or not host.text:
        return None
    number = int(port.text) if port is not None and port.text.isdecimal() else 5432
    if "$" in host.text or "{" in host.text:
        return Link(Address(), host.span, protocol="postgresql", unknown=f"filled in later: {host.text[:60]}")
    return Link(Address(host.text, number), host.span, protocol="postgresql")


def _variables(workload: Workload) -> list[tuple[str, str, Span]]:
    known = known_settings(PRODUCT)
    return [
        (name, word.text, word.span)
        for name in known
        for prefix in _PREFIXES
        if (word := workload.env.get(prefix + name.upper())) is not None
    ]
