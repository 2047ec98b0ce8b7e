"""uWSGI: the uwsgi section of an ini, YAML, JSON or XML file, with the sockets that tell which of its timers count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tochain.formats.ini import parse_ini
from tochain.formats.keyvalue import Entry
from tochain.formats.xmlfile import parse_xml
from tochain.model.component import Address, Component, Link
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.configmaps import inputs
from tochain.products.flat import Found, components, given, pick, tell_lines
from tochain.products.programs import Program, flags
from tochain.products.trees import document, lines_of, tell

__all__ = ["read"]

PRODUCT = "uwsgi"
PROGRAM = Program(re.compile(r"uwsgi.*|.*-uwsgi(-.*)?"), frozenset({"uwsgi", "uwsgi-core"}))
_ROUTERS = ("http", "https", "http-to")
_SOCKETS = ("http-socket", "http11-socket", "https-socket", "socket", "uwsgi-socket", "fastcgi-socket", "shared-socket")

_TREES = (".yml", ".yaml", ".json", ".xml")
_Section = tuple[SourceFile, str, Span, list[Entry]]
"""A file, the path owners know it by, where the section begins, and its lines."""


def read(ctx: Context) -> Extract:
    """One server for each workload or file."""
    found = [_found(*section) for section in (*_ini(ctx), *_trees(ctx))]
    made = components(ctx, found, PRODUCT, PROGRAM, protocol="http")
    return Extract([_routed(one) for one in [*made, *_started(ctx, made)]])


def _ini(ctx: Context) -> Iterator[_Section]:
    for path, source, entries in given(ctx, PROGRAM, parse_ini, ".ini"):
        own = [] if path.endswith(_TREES) else entries.within("uwsgi")
        if own:
            tell_lines(ctx, source, entries)
            yield source, path, next(word.span for word in entries.sections if word.text == "uwsgi"), own


def _trees(ctx: Context) -> Iterator[_Section]:
    """The same options below `uwsgi` in YAML, JSON or XML."""
    for path, source in inputs(ctx, PROGRAM.of(ctx.workloads), _TREES):
        tree = ctx.parsed(source, parse_xml) if path.endswith(".xml") else document(ctx, source, path)
        for root in tree.roots:
            blocks = [(root.span, root)] if root.tag == "uwsgi" else []
            blocks += [(key.span, node) for key, node in root.entries if key.text == "uwsgi"]
            for span, node in blocks:
                ctx.understood(source.path)
                tell(ctx, tree)
                yield source, path, span, lines_of(node)


def _found(source: SourceFile, path: str, head: Span, own: list[Entry]) -> Found:
    listens = [a for line in own if line.key in (*_ROUTERS, *_SOCKETS) and (a := _address(line)) is not None]
    traits = {"router"} if any(line.key in _ROUTERS for line in own) else {"sockets"} if listens else set()
    settings = pick(own, PRODUCT, lambda key: key.replace("_", "-"))
    return Found(source, settings, head, list(dict.fromkeys(listens)), traits=frozenset(traits), path=path)


def _routed(component: Component) -> Component:
    """With its own hop where requests come through the router: a process in front of the workers, with limits of its own."""
    if "router" not in component.traits:
        return component
    return replace(component, links=(Link(Address(ref=component.key), component.span, protocol="uwsgi"),))


def _started(ctx: Context, made: list[Component]) -> Iterator[Component]:
    """Servers whose router is asked for on the command line; their other options are read with every program's."""
    known = {component.workload for component in made}
    for workload in PROGRAM.of(ctx.workloads):
        asked = {name.lstrip("-") for name in flags(workload.command)}
        asked |= {name.removeprefix("UWSGI_").lower() for name in workload.env if name.startswith("UWSGI_")}
        if workload.key not in known and asked.intersection(_ROUTERS):
            yield Component(
                f"{PRODUCT}:{workload.key}", workload.name, PRODUCT, workload.span, versions=PROGRAM.version(workload),
                scope=workload.scope, names=workload.names, protocol="http", workload=workload.key,
                traits=frozenset({"router"}), files=(workload.span.path,),
            )  # fmt: skip


def _address(line: Entry) -> Address | None:
    text = line.value.split(",")[0].strip().removeprefix("unix:")
    if text.startswith("/"):
        return Address(socket=text)
    host, _, port = text.rpartition(":")
    plain = "" if "{" in host or "$" in host else host.strip("[]")
    return Address("" if plain == "::" else plain, int(port)) if port.isdecimal() else None
