"""Django: the databases of a settings file, read as source code and never run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.codevalue import settings_of
from tochain.products.dsn import dsn_link, parse_dsn
from tochain.products.flat import known_settings
from tochain.products.patterns import Feed, Patterns
from tochain.products.pins import Pins
from tochain.products.programs import built_from

if TYPE_CHECKING:
    from tochain.formats.codenames import Argument, Node
    from tochain.formats.constant import Evaluator

__all__ = ["read"]

PRODUCT = "django"
_PACKAGES = Patterns(PRODUCT, (), {"pypi": ("django", "Django")})
_ENGINES = {"postgresql": ("postgresql", 5432), "postgis": ("postgresql", 5432), "mysql": ("mysql", 3306)}
_DESK = re.compile(r"(?i)(^|[/._-])(tests?|testing|dev|develop|development|local|ci|example|sample)([/._-]|$)")
_STATEMENT = re.compile(r"statement_timeout\s*=\s*([\w']+)")
_SCHEMES = ("postgresql", "postgres", "postgis", "mysql", "mysql2")
_NAMES = {name: name.upper() for name in ("conn_max_age", "conn_health_checks")}
_NAMES |= {name: name for name in _NAMES.values()}
_OPTIONS = tuple(name for name in known_settings(PRODUCT) if name.startswith("OPTIONS."))
_URLS = ("dj_database_url.config", "dj_database_url.parse")


def read(ctx: Context) -> Extract:
    """A pool for each database of each program, from the settings of production where there are several files."""
    from tochain.formats import code as source_code
    from tochain.formats.constant import Evaluator

    extract, pins, done = Extract(), Pins(ctx), set()
    for source in sorted(ctx.files, key=lambda s: ("prod" not in PurePosixPath(s.path).name.lower(), s.path)):
        project = pins.project(source.path)
        code = None if _DESK.search(source.path) and source.path not in ctx.asked else source_code.parse(source)
        if code is None or project in done:
            continue
        owner = built_from(ctx.workloads, source.path)
        evaluator = Evaluator(code, {name: word.text for name, word in owner.env.items()} if owner else {})
        for binding in code.bindings:
            if binding.path == "DATABASES":
                tables = _tables(evaluator, binding.value)
                found = [
                    made for name, table in tables if (made := _pool(source, name, table, owner, pins)) is not None
                ]
                extract.components += found
                if found:
                    done.add(project)
                    ctx.understood(source.path)
    return extract


class _Table:
    """The entries of one dictionary, with what each comes to."""

    def __init__(self, evaluator: Evaluator, entries: tuple[Argument, ...]) -> None:
        self.evaluator = evaluator
        self.entries = {entry.name: entry for entry in entries}

    def text(self, name: str) -> str:
        """The known text or number under a name; "" where it is not certain."""
        entry = self.entries.get(name)
        value = self.evaluator.value(entry.value) if entry is not None else None
        return value.show() if value is not None and value.known and "{}" not in value.text else ""

    def within(self, name: str) -> _Table | None:
        """The table under a name."""
        entry = self.entries.get(name)
        opened = self.evaluator.opened(entry.value) if entry is not None else None
        return _Table(*opened) if opened is not None else None

    def span(self, name: str) -> Span:
        """The place of an entry."""
        return self.evaluator.code.span(self.entries[name].node)

    def settings(self, names: dict[str, str]) -> Settings:
        """Settings for the entries of a table of their names to those of the facts."""
        found: Settings = {}
        for name, own in names.items():
            if name in self.entries:
                given = settings_of(self.evaluator, Feed((own,)), self.entries[name].value, self.span(name))
                found |= {own: tuple(given)} if given else {}
        return found


def _tables(evaluator: Evaluator, node: Node) -> Iterator[tuple[str, _Table]]:
    """The databases by their names: dictionaries, and calls of dj_database_url."""
    opened = evaluator.opened(node)
    if opened is None:
        return
    inside, entries = opened
    for entry in entries:
        one = inside.opened(entry.value)
        expr = inside.code.expr(entry.value)
        if one is not None:
            yield entry.name, _Table(*one)
        elif expr.kind == "call" and expr.text in _URLS:
            given = inside.code.arguments(expr.node)
            named = tuple(a if a.name else replace(a, name="default") for a in given)
            yield entry.name, _Table(inside, named)


def _pool(source: SourceFile, name: str, table: _Table, owner: Workload | None, pins: Pins) -> Component | None:
    link = _address(name, table, owner)
    if link is None:
        return None
    options = table.within("OPTIONS")
    settings = table.settings(_NAMES)
    if options is not None:
        settings |= options.settings({name.removeprefix("OPTIONS."): name for name in _OPTIONS})
        settings |= _statement(options)
    project = pins.project(source.path)
    first = next(iter(table.entries))
    return Component(
        f"{PRODUCT}:{source.path}#{name}", owner.name if owner else PRODUCT, PRODUCT, table.span(first), "pool",
        pins.versions(_PACKAGES, source.path, owner), link.protocol, owner.scope if owner else f"dir:{project}", settings,
        links=(replace(link, settings=settings),), protocol=link.protocol, workload=owner.key if owner else "",
        files=(source.path,), part_of="" if owner else f"code:{project}",
    )  # fmt: skip


def _statement(options: _Table) -> Settings:
    """`options: "-c statement_timeout=5000"`."""
    found = _STATEMENT.search(options.text("options"))
    if found is None:
        return {}
    return {"statement_timeout": (Setting("statement_timeout", found[1], options.span("options")),)}


def _address(name: str, table: _Table, owner: Workload | None) -> Link | None:
    """Where a database is: HOST and PORT of an engine that has them, or the URL that is parsed."""
    label = f"database {name}"
    engine = table.text("ENGINE").rpartition(".")[2]
    if engine in _ENGINES:
        protocol, port = _ENGINES[engine]
        host, given = table.text("HOST"), table.text("PORT")
        place = table.span("HOST" if "HOST" in table.entries else "ENGINE")
        if not host:
            reason = "its host is not written here" if "HOST" in table.entries else "no host is given"
            return Link(Address(), place, protocol=protocol, label=label, unknown=reason)
        number = int(given) if given.isdecimal() else port
        if host.startswith("/"):
            socket = f"{host}/.s.PGSQL.{number}" if protocol == "postgresql" else host
            return Link(Address(socket=socket), place, protocol=protocol, label=label)
        return Link(Address(host, number), place, protocol=protocol, label=label)
    if engine or ("default" not in table.entries and not owner):
        return None
    word = owner.env.get("DATABASE_URL") if owner is not None else None
    text = word.text if word is not None else table.text("default")
    span = word.span if word is not None else table.span("default") if "default" in table.entries else None
    dsn = parse_dsn(text, span) if span is not None else None
    return dsn_link(dsn, label) if dsn is not None and dsn.scheme in _SCHEMES else None
