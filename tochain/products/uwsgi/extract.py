"""uWSGI: the [uwsgi] section of an ini file, with the sockets that tell which of its timers count."""

from __future__ import annotations

import re

from tochain.formats.ini import parse_ini
from tochain.formats.keyvalue import Entry
from tochain.model.component import Address
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, given, pick, tell_lines
from tochain.products.programs import Program

__all__ = ["read"]

PRODUCT = "uwsgi"
PROGRAM = Program(re.compile(r"uwsgi.*|.*-uwsgi(-.*)?"), frozenset({"uwsgi", "uwsgi-core"}))
_ROUTERS = ("http", "https", "http-to")
_SOCKETS = ("http-socket", "http11-socket", "https-socket", "socket", "uwsgi-socket", "fastcgi-socket", "shared-socket")


def read(ctx: Context) -> Extract:
    """One server for each workload or file."""
    found = []
    for path, source, entries in given(ctx, PROGRAM, parse_ini, ".ini"):
        own = entries.within("uwsgi")
        if not own:
            continue
        tell_lines(ctx, source, entries)
        listens = [a for line in own if line.key in (*_ROUTERS, *_SOCKETS) and (a := _address(line)) is not None]
        traits = {"router"} if any(line.key in _ROUTERS for line in own) else {"sockets"} if listens else set()
        settings = pick(own, PRODUCT, lambda key: key.replace("_", "-"))
        head = next(word for word in entries.sections if word.text == "uwsgi")
        unique = list(dict.fromkeys(listens))
        found.append(Found(source, settings, head.span, unique, traits=frozenset(traits), path=path))
    return Extract(components(ctx, found, PRODUCT, PROGRAM, protocol="http"))


def _address(line: Entry) -> Address | None:
    text = line.value.split(",")[0].strip().removeprefix("unix:")
    if text.startswith("/"):
        return Address(socket=text)
    host, _, port = text.rpartition(":")
    plain = "" if "{" in host or "$" in host else host.strip("[]")
    return Address("" if plain == "::" else plain, int(port)) if port.isdigit() else None
