"""Caddy: each site block or server to a component, each reverse_proxy to links, from Caddyfiles, JSON and labels."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tochain.formats.caddyfile import Caddyfile, Site, parse
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.caddy.expand import MAX_LINES, NOTHING, Reader, filled
from tochain.products.caddy.jsonform import read_json
from tochain.products.caddy.labels import labelled, read_labels
from tochain.products.caddy.proxy import PROXIES, Proxy, links_to, read_proxy
from tochain.products.caddy.sites import listens_and_names
from tochain.products.configmaps import inputs
from tochain.products.programs import Program
from tochain.products.scopes import folder_scope

__all__ = ["CADDY", "read"]

CADDY = Program(re.compile(r"caddy|caddy-.*|.*-caddy"), frozenset({"caddy"}))
_TIMEOUTS = frozenset({"read_body", "read_header", "read_body_idle", "write", "write_idle", "idle"})
_PROCESS = "process"
_SOCKET = frozenset({"keepalive_interval", "keepalive_idle", "keepalive_count"})


@dataclass(frozen=True, slots=True)
class _Setup:
    """What holds for every site of a file: who starts it, the global options by listener, the ports."""

    path: str
    source: SourceFile
    owner: Workload | None
    general: dict[str, Settings]
    ports: tuple[int, int]


def read(ctx: Context) -> Extract:
    """One component for each site of each Caddyfile, and each server of each JSON configuration."""
    out = Extract()
    given = inputs(ctx, CADDY.of(ctx.workloads))
    files = [(path, source) for path, source in given if not path.endswith((".json", ".yaml", ".yml"))]
    imported = _imported(ctx, files)
    for path, source in files:
        # A file that another one imports is a part of that one and no configuration by itself.
        if path not in imported:
            out.components += _sites(ctx, path, source)
    for path, source in given:
        if path.endswith(".json"):
            for owner in CADDY.owners(ctx.workloads, path) or (None,):
                out.components += read_json(ctx, path, source, owner)
    out.components += _labels(ctx)
    return out


def _labels(ctx: Context) -> Iterator[Component]:
    """What labels of containers say: read by the Caddy of their own project, else by the only one there is."""
    running = CADDY.of(ctx.workloads)
    readers: dict[str, list[Workload]] = defaultdict(list)
    for workload in filter(labelled, ctx.workloads):
        same = [caddy for caddy in running if caddy.scope == workload.scope] or running
        readers[same[0].key if len(same) == 1 else ""].append(workload)
    for key, workloads in readers.items():
        containers = read_labels(workloads)
        owner = next((caddy for caddy in running if caddy.key == key), None)
        first = owner or workloads[0]
        source = ctx.file(first.span.path)
        if source is None:
            continue
        reader = Reader(ctx, first.span.path)
        for made in _components(source.path, source, reader, reader.sites(containers.tree), owner):
            links = tuple(containers.joined(link) for link in made.links)
            scope = made.scope if owner else first.scope
            yield replace(made, key=f"{made.key}#labels", links=links, scope=scope)


def _imported(ctx: Context, files: list[tuple[str, SourceFile]]) -> set[str]:
    found: set[str] = set()
    for path, source in files:
        reader = Reader(ctx, path, quiet=True)
        for site in reader.sites(_parsed(ctx, path, source)):
            for _ in reader.walk(site.body):
                pass
        found |= reader.imported
    return found


def _parsed(ctx: Context, path: str, source: SourceFile) -> Caddyfile:
    # What a manifest carries has the manifest's path, under which its own tree is kept.
    return parse(source) if path != source.path else ctx.parsed(source, parse)


def _sites(ctx: Context, path: str, source: SourceFile) -> Iterator[Component]:
    reader = Reader(ctx, path)
    ctx.understood(source.path)
    sites = reader.sites(_parsed(ctx, path, source))
    for owner in CADDY.owners(ctx.workloads, path) or (None,):
        reader.left = MAX_LINES
        yield from _components(path, source, reader, sites, owner)


def _components(
    path: str, source: SourceFile, reader: Reader, sites: list[Site], owner: Workload | None
) -> Iterator[Component]:
    options = [site for site in sites if site.kind == "global"]
    setup = _Setup(path, source, owner, _general(reader, options), _ports(reader, options))
    for site in sites:
        if site.kind == "site":
            yield _component(reader, site, setup)
    if reader.left < 0:
        reader.ctx.problem(
            source.whole_line(1), f"imports add up to more than {MAX_LINES} lines; the rest was not read"
        )


def _component(reader: Reader, site: Site, setup: _Setup) -> Component:
    owner, file = setup.owner, setup.path
    keys = [filled(key.text, owner) for key in site.keys]
    listens, names = listens_and_names(keys, setup.ports)
    proxies = [read_proxy(reader, line, path) for line, path in reader.walk(site.body) if line.name in PROXIES]
    settings: dict[str, list[Setting]] = defaultdict(list)
    for group in _in_force(setup.general, listens):
        for name, written in group.items():
            settings[name] += written
    for proxy in proxies:
        for setting in proxy.own:
            settings[setting.name].append(setting)
    shown = keys[0] if keys else str(site.span.start.line)
    return Component(
        key=f"caddy:{file}#{shown}" + (f"@{owner.key}" if owner else ""),
        name=owner.name if owner else names[0] if names else "caddy",
        product="caddy",
        span=site.keys[0].span if site.keys else site.span,
        kind="proxy",
        versions=CADDY.version(owner),
        scope=owner.scope if owner else folder_scope(file),
        settings={name: tuple(dict.fromkeys(group)) for name, group in settings.items()},
        listens=listens,
        names=names,
        links=tuple(link for proxy in proxies for link in _links(proxy, owner)),
        protocol="http",
        workload=owner.key if owner else "",
        files=tuple(dict.fromkeys((setup.source.path, *sorted(reader.imported)))),
    )


def _in_force(general: dict[str, Settings], listens: tuple[Address, ...]) -> list[Settings]:
    """The process's options, and the server options of the listener: its own ones replace the general ones whole."""
    ports = {str(address.port) for address in listens}
    own = next((group for where, group in general.items() if where.rpartition(":")[2] in ports), None)
    return [general.get(_PROCESS, {}), own if own is not None else general.get("", {})]


def _links(proxy: Proxy, owner: Workload | None) -> list[Link]:
    return links_to(proxy, {name: (setting,) for name, setting in proxy.settings.items()}, owner)


def _general(reader: Reader, options: list[Site]) -> dict[str, Settings]:
    """Global options by the listener they hold for ("" is every other one), those of the process apart."""
    found: dict[str, Settings] = defaultdict(dict)
    for line in (line for site in options for line in reader.lines(tuple(site.body), NOTHING)):
        if line.name in ("grace_period", "shutdown_delay") and line.args:
            found[_PROCESS][line.name] = (_option(line.name, line.words[0].span, line.args[0].text, line.args[0].span),)
        if line.name != "servers":
            continue
        group = found[line.args[0].text if line.args else ""]
        for inner in reader.inside(line):
            if inner.name == "timeouts":
                for limit in reader.inside(inner):
                    if limit.name in _TIMEOUTS and limit.args:
                        name = f"servers timeouts {limit.name}"
                        group[name] = (_option(name, limit.words[0].span, limit.args[0].text, limit.args[0].span),)
            elif inner.name in _SOCKET and inner.args:
                name = f"servers {inner.name}"
                group[name] = (_option(name, inner.words[0].span, inner.args[0].text, inner.args[0].span),)
    return found


def _option(name: str, first: Span, text: str, last: Span) -> Setting:
    return Setting(name, text, Span(first.path, first.start, last.end), scope="global options")


def _ports(reader: Reader, options: list[Site]) -> tuple[int, int]:
    """The ports for http and https, as the global options set them."""
    found = {"http_port": 80, "https_port": 443}
    for line in (line for site in options for line in reader.lines(tuple(site.body), NOTHING)):
        if line.name in found and line.args and re.fullmatch(r"\d{1,5}", line.args[0].text):
            found[line.name] = int(line.args[0].text)
    return found["http_port"], found["https_port"]
