"""Squid: one proxy for each squid.conf, links to its cache peers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from fractions import Fraction
from posixpath import basename, dirname, join, normpath

from tochain.formats import lines
from tochain.formats.template import NOTE
from tochain.formats.words import Line
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.limit import Finite
from tochain.model.span import Pos, SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.programs import Program
from tochain.products.scopes import folder_scope

__all__ = ["read"]

SQUID = Program(re.compile(r"squid(-.*)?|docker-squid"), frozenset({"squid", "squid3"}))
_TIMES = frozenset({
    "client_idle_pconn_timeout", "persistent_request_timeout", "request_timeout", "request_start_timeout",
    "write_timeout", "client_lifetime", "pconn_lifetime", "read_timeout", "shutdown_lifetime", "connect_timeout",
    "peer_connect_timeout", "forward_timeout", "server_idle_pconn_timeout", "pconn_timeout", "positive_dns_ttl",
    "negative_dns_ttl", "dns_timeout", "dns_retransmit_interval", "icap_connect_timeout", "icap_io_timeout",
})  # fmt: skip
_WORDS = frozenset({
    "half_closed_clients", "forward_max_tries", "retry_on_error", "server_persistent_connections", "connect_retries",
    "client_persistent_connections",
})  # fmt: skip
_UNITS = {
    "mil": 1_000, "sec": 10**6, "min": 60 * 10**6, "hou": 3600 * 10**6, "day": 86_400 * 10**6, "wee": 604_800 * 10**6,
    "for": 1_209_600 * 10**6, "mon": 2_592_000 * 10**6, "yea": 31_557_790 * 10**6, "dec": 315_577_900 * 10**6,
}  # fmt: skip
_START = re.compile(
    r"(?m)^[ \t]*(?:http_port|https_port|http_access|cache_peer|acl|refresh_pattern|cache_dir|visible_hostname)\s"
)


def read(ctx: Context) -> Extract:
    """One component for each file that no other one includes, for every workload that starts with it."""
    out = Extract()
    sources = [source for source in ctx.files if _START.search(source.text)]
    included: set[str] = set()
    found = []
    for source in sources:
        files: list[str] = []
        read_lines = list(_lines(ctx, source, files))
        included.update(files[1:])
        found.append((source, read_lines, files))
    for source, read_lines, files in found:
        if source.path not in included:
            for owner in SQUID.owners(ctx.workloads, source.path) or (None,):
                out.components.append(_component(source, read_lines, tuple(files), owner))
    return out


def _lines(ctx: Context, source: SourceFile, files: list[str]) -> Iterator[Line]:
    """The lines of a file with its includes in place; what `if` asks for is taken to hold, `else` is left out."""
    work: list[tuple[str, Iterator[Line]]] = [(source.path, _open(ctx, source, files))]
    branches: list[bool] = []
    while work:
        path, rest = work[-1]
        line = next(rest, None)
        if line is None:
            work.pop()
        elif line.name in ("if", "else", "endif"):
            _branch(line, branches)
        elif all(branches):
            if line.name == "include" and len(line.words) > 1:
                for wanted in reversed(_matches(ctx, path, line.texts[1])):
                    included = ctx.file(wanted)
                    if included is not None and wanted not in files:
                        work.append((wanted, _open(ctx, included, files)))
            else:
                yield line


def _branch(line: Line, branches: list[bool]) -> None:
    if line.name == "if":
        branches.append(line.texts[1:2] != ("false",))
    elif branches and line.name == "else":
        branches[-1] = not branches[-1]
    elif branches:
        branches.pop()


def _open(ctx: Context, source: SourceFile, files: list[str]) -> Iterator[Line]:
    tree = ctx.parsed(source, lines.parse)
    files.append(source.path)
    ctx.understood(source.path)
    if tree.template is not None:
        ctx.problem(tree.template, NOTE)
    return iter(tree.lines)


def _matches(ctx: Context, path: str, pattern: str) -> list[str]:
    folder = dirname(path)
    inside = pattern.partition("/squid/")[2] or basename(pattern)
    for wanted in (pattern, normpath(join(folder, inside)), normpath(join(folder, basename(pattern)))):
        if "*" not in wanted:
            if ctx.file(wanted) is not None:
                return [wanted]
            continue
        found = sorted(p for p in ctx.paths() if p.count("/") == wanted.count("/") and fnmatchcase(p, wanted))
        if found:
            return found
    return []


def _component(source: SourceFile, found: list[Line], files: tuple[str, ...], owner: Workload | None) -> Component:
    settings: Settings = {}
    listens: list[Address] = []
    for line in found:
        for setting in _settings(line):
            settings[setting.name] = (setting,)
        if line.name in ("http_port", "https_port") and len(line.words) > 1:
            listens += _listen(line.texts[1])
    ports = [line.span for line in found if line.name == "http_port"]
    return Component(
        key=f"squid:{source.path}#squid" + (f"@{owner.key}" if owner else ""),
        name=owner.name if owner else "squid",
        product="squid",
        span=ports[0] if ports else Span(source.path, Pos(1, 1), Pos(1, 2)),
        kind="proxy",
        versions=SQUID.version(owner),
        scope=owner.scope if owner else folder_scope(source.path),
        settings=settings,
        listens=tuple(dict.fromkeys(listens)) or (Address(port=3128),),
        links=tuple(link for line in found if (link := _peer(line, settings)) is not None),
        protocol="http",
        workload=owner.key if owner else "",
        files=files,
    )


def _listen(text: str) -> list[Address]:
    host, _, port = text.rpartition(":")
    host = "" if host in ("[::]", "0.0.0.0", "*") else host.strip("[]")  # noqa: S104 - compared with, never bound
    return [Address(host, int(port))] if port.isdecimal() and 0 < len(port) < 6 else []


def _settings(line: Line) -> Iterator[Setting]:
    if line.name in _TIMES and len(line.words) > 1:
        text = " ".join(line.texts[1:3])
        yield Setting(line.name, text, line.span, limit=_time(line.texts[1:3]))
    elif line.name in _WORDS and len(line.words) > 1:
        yield Setting(line.name, line.texts[1], line.span)
    elif line.name == "server_pconn_for_nonretriable" and len(line.words) > 1:
        yield Setting(line.name, " ".join(line.texts[1:]), line.span)
    elif line.name in ("http_port", "https_port"):
        for word in line.words[2:]:
            name, _, value = word.text.partition("=")
            if name == "tcpkeepalive":
                idle, interval, *_ = [*value.split(","), ""] if value else ["kernel", "kernel"]
                yield Setting("tcpkeepalive", idle, word.span)
                yield Setting("tcpkeepalive interval", interval, word.span)


def _time(words: tuple[str, ...]) -> Finite | None:
    """A number with a unit word, of which the beginning counts; None for anything else."""
    if len(words) != 2 or not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", words[0]):
        return None
    scale = _UNITS.get(words[1][:3].lower())
    return Finite(int(Fraction(words[0]) * scale)) if scale is not None else None


def _peer(line: Line, settings: Settings) -> Link | None:
    """`cache_peer HOST TYPE HTTP-PORT ICP-PORT [options]`."""
    if line.name != "cache_peer" or len(line.words) < 4:
        return None
    host, _, port = line.texts[1:4]
    own: Settings = {}
    for word in line.words[5:]:
        name, _, value = word.text.partition("=")
        if name in ("connect-timeout", "connect-fail-limit"):
            full = "peer_connect_timeout" if name == "connect-timeout" else name
            own[full] = (Setting(full, value, word.span, scope=f"cache_peer {host}"),)
        elif name in ("ssl", "tls"):
            own["tls"] = (Setting("tls", "on", word.span, scope=f"cache_peer {host}"),)
    unknown = f"the address is filled in from {host}:{port}" if re.search(r"[${%]", host + port) else ""
    number = int(port) if port.isdecimal() and len(port) < 6 else None
    return Link(Address(host, number), line.span, {**settings, **own}, "http", f"cache_peer {host}", unknown=unknown)
