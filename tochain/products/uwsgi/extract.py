"""uWSGI: the [uwsgi] section of an ini file, with the sockets that tell which of its timers count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tochain.formats.ini import parse_ini
from tochain.formats.keyvalue import Entry
from tochain.model.component import Address, Component, Link
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, given, pick, tell_lines
from tochain.products.programs import Program, flags, image_version

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
    made = components(ctx, found, PRODUCT, PROGRAM, protocol="http")
    return Extract([_routed(one) for one in [*made, *_started(ctx, made)]])


def _routed(component: Component) -> Component:
    """With its own hop where requests come through the router: a process in front of the workers, with limits of its own."""
    if "router" not in component.traits:
        return component
    return replace(component, links=(Link(Address(ref=component.key), component.span, protocol="uwsgi"),))


def _started(ctx: Context, made: list[Component]) -> Iterator[Component]:
    """Servers whose router is asked for on the command line; their other options are read with every program's."""
    known = {component.workload for component in made}
    for workload in PROGRAM.of(ctx.workloads):
        if workload.key not in known and any(name.lstrip("-") in _ROUTERS for name in flags(workload.command)):
            yield Component(
                f"{PRODUCT}:{workload.key}", workload.name, PRODUCT, workload.span, versions=image_version(workload.image),
                scope=workload.scope, names=workload.names, protocol="http", workload=workload.key,
                traits=frozenset({"router"}), files=(workload.span.path,),
            )  # fmt: skip


def _address(line: Entry) -> Address | None:
    text = line.value.split(",")[0].strip().removeprefix("unix:")
    if text.startswith("/"):
        return Address(socket=text)
    host, _, port = text.rpartition(":")
    plain = "" if "{" in host or "$" in host else host.strip("[]")
    return Address("" if plain == "::" else plain, int(port)) if port.isdigit() else None
