"""Keycloak: keycloak.conf and KC_ variables of its image, with the database they name."""

from __future__ import annotations

import re
from dataclasses import replace

from tochain.formats.keyvalue import parse_properties
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Settings
from tochain.model.span import Span
from tochain.products.base import Context, Extract
from tochain.products.dsn import dsn_link, parse_dsn
from tochain.products.flat import Found, components, known_settings, pick, port_of, tell_lines, written
from tochain.products.programs import Program, flags

__all__ = ["read"]

PRODUCT = "keycloak"
PROGRAM = Program(re.compile(r"(.*-)?keycloak(-.*)?"), frozenset({"kc.sh"}))


def read(ctx: Context) -> Extract:
    """One server for each file or workload; variables and options over the file."""
    found = []
    for source in ctx.files:
        entries = ctx.parsed(source, parse_properties)
        tell_lines(ctx, source, entries)
        port, url = port_of(entries, "http-port"), entries.get("db-url")
        dsn = parse_dsn(url.value, url.value_span) if url is not None else None
        links = [dsn_link(dsn, "db-url")] if dsn is not None else []
        found.append(Found(source, pick(entries.entries, PRODUCT), listens=[Address(port=port or 8080)], links=links))
    made = components(ctx, found, PRODUCT, PROGRAM, protocol="http")
    done = [component for component in made if not component.workload]
    by_workload = {component.workload: component for component in made if component.workload}
    for workload in PROGRAM.of(ctx.workloads):
        old = by_workload.get(workload.key) or _started(workload)
        settings = {**old.settings, **written(PRODUCT, _given(workload))}
        done.append(replace(old, settings=settings, links=old.links or _database(workload)))
    return Extract([part for component in done for part in _parts(component)])


def _parts(component: Component) -> list[Component]:
    """The server, and the pool of its database, whose times are others than those of its HTTP client."""
    if not component.links:
        return [component]
    pool = replace(
        component, key=f"{component.key}/database", kind="client", variant="database", listens=(), names=(),
        protocol="",
        links=tuple(replace(link, settings=component.settings) for link in component.links),
    )  # fmt: skip
    return [replace(component, links=()), pool]


def _given(workload: Workload) -> list[tuple[str, str, Span]]:
    options = {name.lstrip("-"): word for name, word in flags(workload.command).items()}
    found = []
    for name in known_settings(PRODUCT):
        variable = "KC_" + re.sub(r"[^A-Z0-9]", "_", name.upper())
        word = options.get(name) or workload.env.get(variable)
        if word is not None and not name.startswith("("):
            found.append((name, word.text, word.span))
    return found


def _started(workload: Workload) -> Component:
    port = workload.env.get("KC_HTTP_PORT")
    number = int(port.text) if port is not None and port.text.isdecimal() else 8080
    settings: Settings = {}
    return Component(
        f"{PRODUCT}:{workload.key}", workload.name, PRODUCT, workload.span, versions=PROGRAM.version(workload),
        scope=workload.scope, settings=settings, listens=(Address(port=number),), names=workload.names, protocol="http",
        workload=workload.key, files=(workload.span.path,),
    )  # fmt: skip


def _database(workload: Workload) -> tuple[Link, ...]:
    url, host, kind = (workload.env.get(name) for name in ("KC_DB_URL", "KC_DB_URL_HOST", "KC_DB"))
    dsn = parse_dsn(url.text, url.span) if url is not None else None
    if dsn is not None:
        return (dsn_link(dsn, "KC_DB_URL"),)
    if host is None or "$" in host.text:
        return ()
    mysql = kind is not None and kind.text in ("mysql", "mariadb")
    target = Address(host.text, 3306 if mysql else 5432)
    return (Link(target, host.span, protocol="mysql" if mysql else "postgresql", label="KC_DB_URL_HOST"),)
