"""Connection strings that are no URLs: keywords of libpq, of ADO.NET, and the form of Go's MySQL driver."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Form", "parse_form"]


@dataclass(frozen=True, slots=True)
class Form:
    """What a connection string says, without who logs in; parameters have their offsets in the text."""

    scheme: str
    host: str
    port: str
    params: tuple[tuple[str, str, int, int], ...]


_GO = re.compile(r"(?:[^\s@/]*@)?tcp\((?P<host>[^():]+)(?::(?P<port>\d{1,5}))?\)/[^?\s]*(?:\?(?P<query>\S*))?")
_QUERY = re.compile(r"(?P<name>[\w.]+)=(?P<value>[^&]*)")
_KEYWORD = re.compile(r"(?P<name>[a-z_]+)[ \t]*=[ \t]*(?P<value>'(?:[^'\\]|\\.)*'|[^\s'=]+)(?:[ \t]+|$)")
_PAIR = re.compile(r"\s*(?P<name>[^=;\n]{1,60}?)\s*=\s*(?P<value>\"[^\"]*\"|'[^']*'|[^;\n]*)(?:;|$)")
_LIBPQ = frozenset({"dbname", "user", "port", "password", "sslmode", "connect_timeout"})
_SECRET = re.compile(r"(?i)pass|pwd|secret|user|uid|token")
_HOSTS = ("host", "server", "data source", "datasource", "address", "addr", "network address")
_SQL_SERVER = frozenset(
    [
        "initial catalog",
        "trusted_connection",
        "integrated security",
        "multipleactiveresultsets",
        "encrypt",
        "attachdbfilename",
    ]
)
_DATABASE = frozenset(["database", "initial catalog", "user id", "uid", "username", "user", "pwd", "password"])


def parse_form(text: str) -> Form | None:
    """The connection string a text is; None when it has none of the known forms."""
    if "=" not in text and "tcp(" not in text:
        return None
    return _go(text) or _libpq(text) or _ado(text)


def _go(text: str) -> Form | None:
    found = _GO.fullmatch(text.strip())
    if found is None:
        return None
    start = len(text) - len(text.lstrip())
    parts = _QUERY.finditer(text.strip(), found.start("query")) if found["query"] else ()
    return Form("go:mysql", found["host"], found["port"] or "", _kept(parts, start))


def _libpq(text: str) -> Form | None:
    parts: list[re.Match[str]] = []
    at = len(text) - len(text.lstrip())
    while at < len(text) and (part := _KEYWORD.match(text, at)) is not None:
        parts.append(part)
        at = part.end()
    names = {part["name"]: part["value"].strip("'") for part in parts}
    if at < len(text.rstrip()) or "host" not in names or not _LIBPQ.intersection(names):
        return None
    return Form("postgresql", names["host"].split(",")[0], names.get("port", ""), _kept(parts, 0))


def _ado(text: str) -> Form | None:
    if ";" not in text:
        return None
    parts: list[re.Match[str]] = []
    at = 0
    while at < len(text.rstrip()) and (part := _PAIR.match(text, at)) is not None:
        parts.append(part)
        at = part.end()
    names = {part["name"].lower(): part["value"].strip("\"'") for part in parts}
    host = next((names[name] for name in _HOSTS if name in names), "")
    if at < len(text.rstrip()) or not host or not _DATABASE.intersection(names):
        return None
    if "host" in names:
        return Form("net:postgresql", host.split(",")[0], names.get("port", ""), _kept(parts, 0))
    name, comma, port = host.removeprefix("tcp:").partition(",")
    if comma or host.startswith("tcp:") or _SQL_SERVER.intersection(names) or "\\" in host:
        return Form("net:sqlserver", name.partition("\\")[0], port.strip(), ())
    given = names.get("port", "")
    return Form({"5432": "net:postgresql", "3306": "net:mysql"}.get(given, "net:sql"), name, given, ())


def _kept(parts: Iterable[re.Match[str]], start: int) -> tuple[tuple[str, str, int, int], ...]:
    return tuple(
        (part["name"].strip(), part["value"].strip("'\""), start + part.start("name"), start + part.end("value"))
        for part in parts
        if not _SECRET.search(part["name"])
    )
