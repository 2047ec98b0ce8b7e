"""Envoy: listeners to components, routes and clusters to links, from any of the forms Envoy's configuration has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tochain.formats.tree import Node
from tochain.model.component import TAKES_OVER, Component, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile
from tochain.model.version import parse_versions
from tochain.products.base import Context, Extract
from tochain.products.configmaps import inputs
from tochain.products.envoy import proto
from tochain.products.envoy.listeners import Chain, chains
from tochain.products.envoy.routes import Linker, links_of
from tochain.products.envoy.sources import Resources, collect
from tochain.products.programs import Program, flags
from tochain.products.scopes import folder_scope
from tochain.products.trees import document, tell

__all__ = ["read"]

ENVOY = Program(
    re.compile(r"envoy|envoy-(alpine|distroless|dev|debug|contrib|google-vrp).*|envoy-server"),
    frozenset({"envoy", "func-e", "getenvoy"}),
)
_FLAGS = ("--drain-time-s", "--parent-shutdown-time-s")


@dataclass(frozen=True, slots=True)
class _File:
    """A file by the path its owners know it by."""

    path: str
    source: SourceFile
    resources: Resources


def read(ctx: Context) -> Extract:
    """One component for each filter chain of each listener, for every workload that starts with the file."""
    out = Extract()
    beside: dict[str, Resources] = defaultdict(Resources)
    given = inputs(ctx, ENVOY.of(ctx.workloads))
    files = [found for path, source in given if (found := _file(ctx, path, source)) is not None]
    for file in files:
        scope = folder_scope(file.path)
        beside[scope] = beside[scope].below(file.resources)
    listening = {folder_scope(file.path) for file in files if file.resources.listeners}
    for file in files:
        resources = file.resources.below(beside[folder_scope(file.path)])
        for owner in ENVOY.owners(ctx.workloads, file.path) or (None,):
            _components(ctx, file, resources, owner, out)
            if folder_scope(file.path) not in listening:
                out.components += _alone(ctx, file, resources, owner)
    return out


def _file(ctx: Context, path: str, source: SourceFile) -> _File | None:
    tree = document(ctx, source, path)
    resources = collect(tree)
    if not resources.found():
        return None
    ctx.understood(source.path)
    tell(ctx, tree)
    return _File(path, source, resources)


def _components(ctx: Context, file: _File, resources: Resources, owner: Workload | None, out: Extract) -> None:
    linker = Linker(resources, ctx.problem)
    for listener in file.resources.listeners:
        found = list(chains(listener, linker))
        for at, chain in enumerate(found):
            made = _component(file, linker, chain, at, owner)
            taken = _taken(file.resources, listener, at)
            names = tuple(dict.fromkeys((*made.names, *taken)))
            out.components.append(replace(made, names=names, traits=TAKES_OVER) if taken else made)


def _taken(resources: Resources, listener: Node, at: int) -> list[str]:
    """The Services whose callers come to this listener; to its first chain, as nobody tells which."""
    name, first = proto.text(listener, "name"), listener is resources.listeners[0]
    return [service for service, wanted in resources.taken if at == 0 and (wanted == name or (not wanted and first))]


def _alone(ctx: Context, file: _File, resources: Resources, owner: Workload | None) -> Iterator[Component]:
    """Routes or clusters of a file whose listeners stand elsewhere: one component that leads to all of them."""
    linker = Linker(resources, ctx.problem)
    links = [link for config in file.resources.routes.values() for link in links_of(config, {}, linker)]
    for name, node in file.resources.clusters.items():
        if name not in linker.reached:
            links += linker.links(name, proto.line(node, "name"), {}, f"cluster {name}")
    if links:
        chain = Chain("", links[0].span, (), (), {}, tuple(links), None, "http", tuple(linker.reached))
        yield _component(file, linker, chain, 0, owner)


def _component(file: _File, linker: Linker, chain: Chain, at: int, owner: Workload | None) -> Component:
    path = file.path
    where = chain.name or str(chain.listens[0] if chain.listens else chain.span.start.line)
    suffix = (f"/{at}" if at else "") + (f"@{owner.key}" if owner else "")
    versions = ENVOY.version(owner)
    if not versions.known and file.resources.versions:
        versions = parse_versions(file.resources.versions)
    return Component(
        key=f"envoy:{path}#{where}{suffix}",
        name=owner.name if owner else chain.name or "envoy",
        product="envoy",
        span=chain.span,
        kind="proxy",
        versions=versions,
        variant=chain.variant,
        scope=owner.scope if owner else _scope(file),
        settings={**chain.settings, **_health(linker, chain), **_flagged(owner)},
        listens=chain.listens,
        names=chain.names,
        links=chain.links,
        protocol=chain.protocol,
        workload=owner.key if owner else "",
        files=(file.source.path,),
    )


def _scope(file: _File) -> str:
    return folder_scope(file.path) if file.resources.namespace is None else f"k8s:{file.resources.namespace}"


def _health(linker: Linker, chain: Chain) -> Settings:
    """Health checks of the clusters this chain leads to; one timer may stand several times."""
    found: dict[str, list[Setting]] = defaultdict(list)
    for name in chain.clusters:
        cluster = linker.cluster(name)
        for setting in cluster.health if cluster else ():
            found[setting.name].append(setting)
    return {name: tuple(settings) for name, settings in found.items()}


def _flagged(owner: Workload | None) -> Settings:
    if owner is None:
        return {}
    given = flags(owner.command)
    return {name: (Setting(name, word.text, word.span),) for name in _FLAGS if (word := given.get(name)) is not None}
