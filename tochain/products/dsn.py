"""Connection URLs wherever they stand: where they lead, and the timers in their parameters; never who logs in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from urllib.parse import unquote

from tochain.model.component import Address, Link, Word
from tochain.model.fact import Facts, Setting, Settings
from tochain.model.issue import Issue
from tochain.model.limit import OFF
from tochain.model.span import Pos, Span
from tochain.products import facts
from tochain.products.base import Site
from tochain.products.dsnforms import Form, parse_form
from tochain.products.facts import TEMPLATE, ProductFacts
from tochain.products.resolve import resolve

__all__ = ["Dsn", "driver_of", "driver_settings", "dsn_link", "dsn_link_with_timers", "parse_dsn"]


@dataclass(frozen=True, slots=True)
class Dsn:
    """A connection URL without its credentials.

    `scheme` is the protocol's own ("postgresql", "jdbc:mysql"); `params` have the place of `name=value` where the text
    stands in one piece, else that of the whole. `unknown` says why host and port cannot be known.
    """

    scheme: str
    host: str
    port: int | None
    span: Span
    params: dict[str, Word] = field(default_factory=dict)
    unknown: str = ""
    socket: str = ""

    @property
    def variant(self) -> str | None:
        """Which of its driver's variants the scheme means."""
        return _SCHEMES[self.scheme].variant


@dataclass(frozen=True, slots=True)
class _Scheme:
    """What a scheme stands for: protocol, usual port, and the client library whose settings its parameters are.

    `partly` where most of what the library can be told stands in code only, so that its defaults say nothing.
    """

    protocol: str
    port: int | None
    driver: str = ""
    variant: str | None = None
    partly: bool = False


_SCHEMES = {
    "jdbc:mysql": _Scheme("mysql", 3306, "mysql-connector-j", "mysql"),
    "jdbc:mariadb": _Scheme("mysql", 3306, "mysql-connector-j", "mariadb"),
    "jdbc:postgresql": _Scheme("postgresql", 5432, "pgjdbc"),
    "jdbc:sqlserver": _Scheme("tds", 1433),
    "postgresql": _Scheme("postgresql", 5432, "libpq"),
    "go:mysql": _Scheme("mysql", 3306, "go-database-sql", "mysql", partly=True),
    "net:postgresql": _Scheme("postgresql", 5432, "npgsql"),
    "net:mysql": _Scheme("mysql", 3306),
    "net:sqlserver": _Scheme("tds", 1433),
    "net:sql": _Scheme("", None),
    "postgres": _Scheme("postgresql", 5432, "libpq"),
    "postgis": _Scheme("postgresql", 5432, "libpq"),
    "mysql": _Scheme("mysql", 3306),
    "mysql2": _Scheme("mysql", 3306),
    "mariadb": _Scheme("mysql", 3306),
    "mongodb": _Scheme("mongodb", 27017, "mongodb"),
    "mongodb+srv": _Scheme("mongodb", 27017, "mongodb"),
    "redis": _Scheme("redis", 6379, "redis-py"),
    "rediss": _Scheme("redis", 6379, "redis-py"),
    "unix": _Scheme("", None),
    "amqp": _Scheme("amqp", 5672, "amqp-clients"),
    "amqps": _Scheme("amqp", 5671, "amqp-clients"),
    "pyamqp": _Scheme("amqp", 5672, "amqp-clients", "py-amqp"),
    "mqtt": _Scheme("mqtt", 1883),
    "mqtts": _Scheme("mqtt", 8883),
    "nats": _Scheme("nats", 4222),
    "memcached": _Scheme("memcached", 11211),
    "memcache": _Scheme("memcached", 11211),
    "smtp": _Scheme("smtp", 25),
    "ldap": _Scheme("ldap", 389),
    "ldaps": _Scheme("ldap", 636),
    "http": _Scheme("http", 80),
    "https": _Scheme("http", 443),
    "ws": _Scheme("websocket", 80),
    "wss": _Scheme("websocket", 443),
    "grpc": _Scheme("grpc", None),
    "socks5": _Scheme("socks", 1080),
    "socks5h": _Scheme("socks", 1080),
    "tcp": _Scheme("tcp", None),
}
_PRISMA_SCHEMES = ("postgresql", "postgres", "mysql")
_OF_PRISMA = frozenset({"connection_limit", "pool_timeout", "pgbouncer"})
"""Parameters that no other client has."""
_URL = re.compile(
    r"(?P<scheme>(?:jdbc:)?[a-z][a-z0-9]*(?:\+[a-z0-9_]+)?):(?:(?:replication|loadbalance|failover|sequential|aurora|p6spy:\w+):)?//"
    r"(?:(?P<user>[^/?#\s]*)@)?(?P<hosts>[^/?#;\s]*)(?P<path>/[^?#;\s]*)?(?:[?;](?P<query>[^#\s]*))?",
    re.IGNORECASE,
)
_HOST = re.compile(r"(?P<host>\[[^\]]*\]|[^:\[\]]*)(?::(?P<port>\d{1,5}))?")
_SETTINGS = {
    # What the parameter is called in a URL, where that differs from the driver's own name.
    ("redis-py", "socket_connect_timeout"): "socket_connect_timeout",
    ("amqp-clients", "heartbeat"): "heartbeat",
    ("amqp-clients", "connection_timeout"): "connectionTimeout",
    ("amqp-clients", "blocked_connection_timeout"): "blocked_connection_timeout",
}


def parse_dsn(text: str, span: Span) -> Dsn | None:
    """The connection URL, or connection string of another form, a text is; None when it is none of a known scheme.

    Of several hosts the first counts. SQLAlchemy's `postgresql+psycopg2` is postgresql.
    """
    found = _URL.fullmatch(text.strip())
    if found is None:
        form = parse_form(text)
        return _of_form(form, text, span) if form is not None else None
    scheme = found["scheme"].lower()
    scheme = scheme if scheme in _SCHEMES else scheme.partition("+")[0]
    known = _SCHEMES.get(scheme)
    if known is None:
        return None
    params = _params(found, text, span)
    if "@" in (found["path"] or "") and scheme not in ("http", "https"):
        # A password with a "/" in it: what looks like a host may be a part of it.
        return Dsn(scheme, "", None, span, params, "the address has a form of its own")
    first = found["hosts"].split(",")[0]
    if TEMPLATE.search(first) or "<" in first or "{" in first:
        return Dsn(scheme, "", None, span, params, f"filled in later: {first[:60]}")
    address = _HOST.fullmatch(first)
    if address is None:
        return Dsn(scheme, "", None, span, params, "the address has a form of its own")
    if not first:
        socket = found["path"] or "" if scheme == "unix" else ""
        return Dsn(scheme, "", None, span, params, "" if socket else "no host is given", socket)
    host = unquote(address["host"]).strip("[]")
    if host.startswith("/"):
        return Dsn(scheme, "", None, span, params, socket=f"{host}/.s.PGSQL.{address['port'] or known.port}")
    return Dsn(scheme, host, int(address["port"]) if address["port"] else known.port, span, params)


def _of_form(form: Form, text: str, span: Span) -> Dsn:
    params = {name: Word(value, _part(text, span, start, end)) for name, value, start, end in form.params}
    usual = _SCHEMES[form.scheme].port
    if TEMPLATE.search(form.host) or re.search(r"[{<#]", form.host):
        return Dsn(form.scheme, "", None, span, params, f"filled in later: {form.host[:60]}")
    if form.host.startswith("/"):
        return Dsn(form.scheme, "", None, span, params, socket=f"{form.host}/.s.PGSQL.{form.port or usual}")
    return Dsn(form.scheme, form.host, int(form.port) if form.port.isdecimal() else usual, span, params)


def _params(found: re.Match[str], text: str, span: Span) -> dict[str, Word]:
    query = found["query"]
    if not query:
        return {}
    out: dict[str, Word] = {}
    start = found.start("query") + len(text) - len(text.lstrip())
    for part in re.finditer(r"([^&;=]+)=([^&;]*)", query):
        if "pass" in part[1].lower() or "secret" in part[1].lower() or "user" in part[1].lower():
            continue
        out[part[1]] = Word(unquote(part[2]), _part(text, span, start + part.start(), start + part.end()))
    return out


def _part(text: str, span: Span, start: int, end: int) -> Span:
    """The place of a part of a text that stands in one line, as it is or in quotes; else the whole."""
    width = span.end.column - span.start.column
    if span.start.line != span.end.line or width not in (len(text), len(text) + 2):
        return span
    first = span.start.column + (width - len(text)) // 2
    return Span(span.path, Pos(span.start.line, first + start), Pos(span.start.line, first + end))


def driver_of(dsn: Dsn) -> str:
    """The client library whose settings the parameters are; "" when neither scheme nor parameters tell."""
    if dsn.scheme in _PRISMA_SCHEMES and not _OF_PRISMA.isdisjoint(dsn.params):
        return "prisma"
    scheme = _SCHEMES[dsn.scheme]
    return "" if scheme.partly else scheme.driver


def dsn_link(dsn: Dsn, label: str = "", settings: Settings | None = None, timers: Facts | None = None) -> Link:
    """The link a connection URL makes, its driver's timers left out."""
    scheme = _SCHEMES[dsn.scheme]
    own = timers or (_written(dsn, scheme) if scheme.partly else {})
    if dsn.unknown:
        return Link(Address(), dsn.span, settings or {}, scheme.protocol, label, unknown=dsn.unknown, facts=own)
    target = Address(socket=dsn.socket) if dsn.socket else Address(dsn.host, dsn.port)
    return Link(target, dsn.span, settings or {}, scheme.protocol, label, facts=own)


def _written(dsn: Dsn, scheme: _Scheme) -> Facts:
    """The timers a URL sets of a driver that is told the rest in code."""
    known = facts.load(scheme.driver)
    assert known is not None
    site = Site(
        scheme.driver, _named(dsn, scheme.driver, known), variant=scheme.variant, side="link", protocol=scheme.protocol
    )
    return resolve(known, site).facts


def dsn_link_with_timers(
    dsn: Dsn, label: str = "", settings: Settings | None = None, *, always: bool = False
) -> tuple[Link, tuple[Issue, ...]]:
    """The link with the timers of the driver the URL names, when it sets some of them, or `always`."""
    scheme, driver = _SCHEMES[dsn.scheme], driver_of(dsn)
    known = facts.load(driver) if driver else None
    own = driver_settings(dsn)
    if known is None or not (own or always):
        return dsn_link(dsn, label, settings), ()
    site = Site(driver, own, variant=scheme.variant, anchor=dsn.span, side="link", protocol=scheme.protocol)
    out = resolve(known, site)
    return dsn_link(dsn, label, settings, out.facts), tuple(out.issues)


def driver_settings(dsn: Dsn) -> Settings:
    """The parameters of a URL that are timers of the driver its scheme stands for."""
    driver = driver_of(dsn)
    known = facts.load(driver) if driver else None
    return _named(dsn, driver, known) if known is not None else {}


def _named(dsn: Dsn, driver: str, known: ProductFacts) -> Settings:
    # ADO.NET's keywords have any case.
    same = str.lower if dsn.scheme.startswith("net:") else str
    names = {same(name): name for row in known.settings for name in (row.setting, *row.aliases)}
    own: Settings = {}
    for name, word in dsn.params.items():
        spelled = names.get(same(_SETTINGS.get((driver, name), name)))
        if spelled is not None:
            own[spelled] = (Setting(spelled, word.text, word.span),)
    _libpq_switch(own)
    return own


def _libpq_switch(settings: Settings) -> None:
    """`keepalives=0` switches probes off whatever else is said; any other number changes nothing."""
    switch = settings.pop("keepalives", None)
    if switch is not None and switch[0].text == "0":
        settings["keepalives_idle"] = (replace(switch[0], limit=OFF),)
