"""Airflow: airflow.cfg and AIRFLOW__SECTION__KEY variables, with the database and the broker they name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from tochain.formats.ini import parse_cfg
from tochain.formats.keyvalue import Entry
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import Span
from tochain.products.base import Context, Extract
from tochain.products.dsn import dsn_link, parse_dsn
from tochain.products.flat import Found, components, known_settings, tell_lines
from tochain.products.programs import Program

__all__ = ["read"]

PRODUCT = "airflow"
PROGRAM = Program(re.compile(r"airflow|.*-airflow(-.*)?"), frozenset({"airflow"}))
_URLS = ("sql_alchemy_conn", "broker_url", "result_backend")


def read(ctx: Context) -> Extract:
    """One server for each file or workload; variables over the file."""
    found = []
    for source in ctx.files:
        entries = ctx.parsed(source, parse_cfg)
        if not any(word.text in ("core", "scheduler", "database", "webserver") for word in entries.sections):
            continue
        tell_lines(ctx, source, entries)
        settings = _settings((line.section, line.key, line.value, line.span) for line in entries.entries)
        found.append(Found(source, settings, listens=(Address(port=8080),), links=_links(entries.entries)))
    made = components(ctx, found, PRODUCT, PROGRAM, protocol="http")
    done = [component for component in made if not component.workload]
    by_workload = {component.workload: component for component in made if component.workload}
    for workload in PROGRAM.of(ctx.workloads):
        old = by_workload.get(workload.key) or _started(workload)
        done.append(replace(old, settings={**old.settings, **_settings(_variables(workload))}))
    return Extract([part for component in done for part in _parts(component)])


def _parts(component: Component) -> list[Component]:
    """The server with its database, and a client of its broker, whose times are none of the database's."""
    database = tuple(link for link in component.links if link.label == _URLS[0])
    others = tuple(link for link in component.links if link.label != _URLS[0])
    own = replace(component, links=database)
    if not others:
        return [own]
    broker = replace(
        component, key=f"client:{component.key}", product="client", kind="client", settings={}, listens=(), names=(),
        links=others, protocol="",
    )  # fmt: skip
    return [own, broker]


def _settings(lines: Iterable[tuple[str, str, str, Span]]) -> Settings:
    known = known_settings(PRODUCT)
    found: Settings = {}
    for section, key, value, span in lines:
        name = next((name for name in (f"{section}.{key}", key) if name in known), None)
        if name is not None and value:
            found[name] = (Setting(name, value, span),)
    return found


def _links(lines: list[Entry]) -> list[Link]:
    return [
        dsn_link(dsn, line.key)
        for line in lines
        if line.key in _URLS and (dsn := parse_dsn(line.value.removeprefix("db+"), line.value_span)) is not None
    ]


def _variables(workload: Workload) -> list[tuple[str, str, str, Span]]:
    found = []
    for name, word in workload.env.items():
        parts = name.split("__")
        if len(parts) == 3 and parts[0] == "AIRFLOW":
            found.append((parts[1].lower(), parts[2].lower(), word.text, word.span))
    return found


def _started(workload: Workload) -> Component:
    web = any(word.text in ("webserver", "api-server", "standalone") for word in workload.command)
    return Component(
        f"{PRODUCT}:{workload.key}", workload.name, PRODUCT, workload.span, versions=PROGRAM.version(workload),
        scope=workload.scope, listens=(Address(port=8080),) if web else (), names=workload.names, protocol="http",
        workload=workload.key, files=(workload.span.path,),
    )  # fmt: skip
