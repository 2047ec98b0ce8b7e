"""Redis and Valkey: redis.conf as a server reads it."""

from __future__ import annotations

import re

from tochain.formats.ini import parse_words
from tochain.model.component import Address
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, given, pick, port_of, tell_lines
from tochain.products.programs import Program

__all__ = ["read"]

PROGRAM = Program(
    re.compile(r"redis|valkey|redis-stack(-server)?|keydb|.*-(redis|valkey)(-.*)?"),
    frozenset({"redis-server", "valkey-server", "keydb-server"}),
)


def read(ctx: Context) -> Extract:
    """One server for each workload or file; `port 0` with a `unixsocket` listens there alone."""
    found = []
    for path, source, entries in given(ctx, PROGRAM, parse_words, ".conf"):
        if entries.get("sentinel") is not None:
            continue
        tell_lines(ctx, source, entries)
        port, socket = port_of(entries, "port", "tls-port"), entries.get("unixsocket")
        listens = [Address(socket=socket.value)] if socket is not None else []
        if port or (port is None and listens):
            listens.append(Address(port=port or 6379))
        found.append(Found(source, pick(entries.entries, "redis", str.lower), listens=listens, path=path))
    return Extract(components(ctx, found, "redis", PROGRAM, kind="database", protocol="redis", port=6379))
