"""tochain.yaml meets what was read: names, versions, settings and timers go to the components they mean."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from fnmatch import fnmatch
from pathlib import PurePosixPath

from tochain.config import ComponentSpec, Config
from tochain.model.component import Component, Kind, Link, Workload
from tochain.model.coverage import Problem
from tochain.model.fact import Fact, Facts, Setting
from tochain.model.limit import Unknown, Unset
from tochain.products.registry import Registry
from tochain.products.spelling import setting_meant, variant_meant, variants
from tochain.reading import owner
from tochain.unread import Readable, told_nothing, unread

__all__ = ["Bound", "assume", "bind", "config_paths", "forced", "merge", "owners", "quiet"]


@dataclass(slots=True)
class Bound:
    """Components after binding, and for each declared name the keys of those it stands for."""

    components: list[Component] = field(default_factory=list)
    groups: dict[str, list[str]] = field(default_factory=dict)


def config_paths(config: Config, spec: ComponentSpec, known: Iterable[str]) -> list[str]:
    """The files a component's `config` means: paths and globs relative to tochain.yaml; a missing one is a problem."""
    base = PurePosixPath(config.path).parent
    found: dict[str, None] = {}
    for glob, span in spec.config:
        pattern = _normal(base / glob)
        hits = [path for path in known if path == pattern or fnmatch(path, pattern)]
        if not hits:
            config.problems.append(Problem(f"component {spec.name}: config {glob} was not found", span, "failed"))
        found.update(dict.fromkeys(hits))
    return list(found)


def _normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            parts = [*parts[:-1]] if parts and parts[-1] != ".." else [*parts, part]
        elif part != ".":
            parts.append(part)
    return "/".join(parts).replace("//", "/")


def forced(config: Config, known: list[str]) -> dict[str, set[str]]:
    """Which product must read which file because tochain.yaml says so; files some other product knows by name are left."""
    wants: dict[str, set[str]] = {}
    for spec in config.components.values():
        entry = owner(spec.product)
        for path in config_paths(config, spec, known) if spec.config else ():
            if PurePosixPath(path).name.startswith("sysctl") or "/sysctl.d/" in f"/{path}":
                wants.setdefault(path, set()).add("linux-kernel")
            elif entry is not None and entry.files and _foreign(entry.files.split(), path):
                wants.setdefault(path, set()).add("client")
            else:
                wants.setdefault(path, set()).add(entry.name if entry is not None else spec.product)
    return wants


def _foreign(globs: list[str], path: str) -> bool:
    """Whether a file is in no form of a product's own but one that holds connection URLs."""
    return PurePosixPath(path).name.startswith(".env") and not any(
        fnmatch(PurePosixPath(path).name, glob) for glob in globs
    )


def owners(config: Config, known: list[str]) -> dict[str, str]:
    """Which component of tochain.yaml each file belongs to that one points to."""
    names: dict[str, dict[str, None]] = {}
    for spec in config.components.values():
        for path in config_paths(quiet(config), spec, known) if spec.config else ():
            names.setdefault(path, {})[spec.name] = None
    return {path: ", ".join(found) for path, found in names.items()}


def bind(
    config: Config, components: list[Component], known: list[str], registry: Registry, files: Readable,
    workloads: tuple[Workload, ...] = (),
) -> Bound:  # fmt: skip
    """Gives declared names, versions and settings to what was read; what was not read becomes a bare component.

    What is set in `files` that could not be parsed is unknown, and no default takes its place.
    """
    bound = Bound(list(components))
    for spec in config.components.values():
        if spec.product and registry.get(spec.product) is None:
            close = get_close_matches(spec.product, registry.names(), n=3, cutoff=0.4)
            hint = f"; nearest: {', '.join(close)}" if close else "; tochain products lists the names"
            config.problems.append(
                Problem(f"component {spec.name}: no product {spec.product!r}{hint}", spec.span, "failed")
            )
            bound.components.append(_bare(spec, registry))
            bound.groups[spec.name] = [bound.components[-1].key]
            continue
        meant = _with_variant(config, _spelled(spec, registry), registry)
        _check_settings(config, meant, registry)
        _bind_one(config, meant, bound, known, registry, files, workloads)
    _find_by_name(config, bound)
    return bound


def _find_by_name(config: Config, bound: Bound) -> None:
    """What a path names and nobody declared: the component of the files with that name, if it is one alone."""
    wanted = [named for path in config.paths for named in path.names if named[0] not in config.components]
    for name, span in wanted:
        hits = [c for c in bound.components if c.name == name] or [c for c in bound.components if name in c.names]
        if len(hits) == 1:
            bound.groups[name] = [hits[0].key]
        else:
            config.problems.append(Problem(_nobody(name, hits, config, bound), span, "failed"))


def _nobody(name: str, hits: list[Component], config: Config, bound: Bound) -> str:
    """Why a name in a path means nothing: too many have it, or none, with the nearest there is."""
    if hits:
        return (
            f"{len(hits)} components are called {name!r}: {', '.join(c.key for c in hits[:3])}; declare the one meant"
        )
    close = get_close_matches(name, {*config.components, *(c.name for c in bound.components)}, n=1, cutoff=0.5)
    hint = f"; did you mean {close[0]!r}?" if close else f"; declared are: {', '.join(config.components)}"
    return f"no component {name!r}{hint}"


def _with_variant(config: Config, spec: ComponentSpec, registry: Registry) -> ComponentSpec:
    """The declared component with its variant as the facts call it; one they do not know is said and left out."""
    product = registry.get(spec.product)
    if product is None or spec.variant is None:
        return spec
    meant = variant_meant(product, spec.variant)
    if meant is None:
        there = f"it has: {', '.join(variants(product))}" if variants(product) else "it has none"
        message = f"component {spec.name}: {spec.product} has no variant {spec.variant!r}; {there}"
        config.problems.append(Problem(message, spec.span, "partly"))
    return replace(spec, variant=meant)


def _bind_one(
    config: Config, spec: ComponentSpec, bound: Bound, known: list[str], registry: Registry, files: Readable,
    workloads: tuple[Workload, ...],
) -> None:  # fmt: skip
    paths = set(config_paths(quiet(config), spec, known))
    hits = [c for c in bound.components if _meant(spec, c, paths)] or _stand_in(spec, bound.components, paths, registry)
    chosen = [c for c in hits if _selected(c, spec.select)]
    if spec.select and hits and not chosen:
        names = ", ".join(sorted({c.name for c in hits})[:5])
        config.problems.append(
            Problem(
                f"component {spec.name}: nothing is called {spec.select!r}; there are: {names}", spec.span, "failed"
            )
        )
    host = next((c.key for c in bound.components if c.product == "linux-kernel" and c.span.path in paths), "")
    place = None if hits else _workload(spec, workloads, paths, registry)
    if place is not None:
        chosen = [c for c in bound.components if c.workload == place.key][:1]
    if not chosen:
        bare = replace(_bare(spec, registry), host=host, workload=place.key if place is not None else "")
        if hits or any(files.get(path) == "failed" for path in paths) or (spec.config and not paths):
            bare = replace(bare, facts={**unread(spec, registry), **bare.facts})
        elif paths and not host and place is None:
            bare = replace(bare, facts={**told_nothing(config, spec, paths, files, registry), **bare.facts})
        bound.components.append(bare)
        bound.groups[spec.name] = [bare.key]
        return
    keys = {c.key for c in chosen}
    bound.components = [_given(c, spec, host) if c.key in keys else c for c in bound.components]
    bound.groups[spec.name] = [c.key for c in chosen]


def _workload(
    spec: ComponentSpec, workloads: tuple[Workload, ...], paths: set[str], registry: Registry
) -> Workload | None:
    """What a platform starts from the declared files, where it is one thing: its program may be one nobody knows."""
    known = registry.get(spec.product)
    if known is None or known.kind != "platform":
        return None
    kind, _, name = spec.select.rpartition("/")
    found = [
        w
        for w in workloads
        if w.span.path in paths
        and (not name or name in (w.name, *w.names))
        and all(part in w.key for part in kind.split("/"))
    ]
    return found[0] if len(found) == 1 else None


_STANDING_IN: dict[Kind, Kind] = {"client": "pool", "box": "box", "platform": "box"}


def _stand_in(spec: ComponentSpec, components: list[Component], paths: set[str], registry: Registry) -> list[Component]:
    """The only pool, or the only box, of the files, where nothing of the declared product was found in them.

    A driver is often set through its pool (`product: libpq` and a file that makes an SQLAlchemy engine), a client through
    the one that is built on it (`product: dotnet-httpclient` and a gRPC channel), and a platform's own balancer goes by
    another name (`product: kubernetes` and kube-proxy's configuration).
    """
    known = registry.get(spec.product)
    if known is None:
        return []
    spoken = set(known.protocols)

    def alike(component: Component) -> bool:
        product = registry.get(component.product)
        return product is not None and bool(spoken & set(product.protocols))

    kind = _STANDING_IN.get(known.kind)
    here = [c for c in components if paths & {c.span.path, *c.files}]
    found = [c for c in here if c.kind == kind] or [c for c in here if c.kind == known.kind == "client" and alike(c)]
    return found if len(found) == 1 and spec.product != "client" else []


def quiet(config: Config) -> Config:
    """The same configuration with a list of problems of its own, for a second look that must not report twice."""
    return replace(config, problems=[])


def _meant(spec: ComponentSpec, component: Component, paths: set[str]) -> bool:
    if component.key.startswith("declared:"):
        return False
    same_product = not spec.product or component.product == spec.product or _owned(component.product, spec.product)
    if paths:
        return same_product and (component.span.path in paths or any(f in paths for f in component.files))
    return same_product and (component.name == spec.name or spec.name in component.names) and not spec.config


def _owned(product: str, declared: str) -> bool:
    entry = owner(declared)
    return entry is not None and product == entry.name and declared in entry.forms


def _selected(component: Component, select: str) -> bool:
    if not select:
        return True
    host, _, port = select.rpartition(":")
    names = {component.name, component.key, *component.names}
    if select in names or component.key.endswith((f"#{select}", f"/{select}")):
        return True
    ports = {str(address.port) for address in component.listens}
    if (bool(host) and host in names and port in ports) or (not host and port in ports):
        return True
    return bool(_spoken_of(component, select))


def _spoken_of(component: Component, select: str) -> tuple[Link, ...]:
    """The links an object of a cluster speaks of (Kind/namespace/name), where one component stands for several objects."""
    kind, _, name = select.partition("/")
    label = f"{kind} {name.rpartition('/')[2]}"
    namespace = name.rpartition("/")[0]
    if not namespace or not re.search(rf"(^|[^\w-]){re.escape(namespace)}/", component.key):
        return ()
    return tuple(link for link in component.links if link.label == label or label in _scopes(link))


def _scopes(link: Link) -> set[str]:
    return {setting.scope for found in link.settings.values() for setting in found}


def _bare(spec: ComponentSpec, registry: Registry) -> Component:
    known = registry.get(spec.product)
    kind = known.kind if known else "server"
    if (
        known
        and kind == "proxy"
        and not known.settings
        and spec.timers
        and all(t.timer.startswith("flow.") for t in spec.timers)
    ):
        kind = "box"  # nothing is known of it but how long it remembers a flow
    protocol = known.protocols[0] if known and known.protocols else ""
    facts = _declared_facts(spec)
    return Component(
        f"declared:{spec.name}", spec.name, spec.product or "server", spec.span, kind, spec.versions, spec.variant,
        scope=f"dir:{PurePosixPath(spec.span.path).parent.as_posix().strip('.')}", settings=_group(spec.settings),
        facts=facts, protocol=protocol if kind not in ("client", "proxy") else "",
    )  # fmt: skip


def _given(component: Component, spec: ComponentSpec, host: str) -> Component:
    settings = {**component.settings, **_group(spec.settings)}
    links = tuple(
        replace(link, settings={**link.settings, **_group(spec.settings)}) if spec.settings else link
        for link in (_spoken_of(component, spec.select) if spec.select.count("/") > 1 else ()) or component.links
    )
    # The version of a pool is not that of the framework it is configured in.
    told = spec.versions.known and (not spec.product or component.product == spec.product)
    return replace(
        component, name=spec.name, versions=spec.versions if told else component.versions,
        variant=spec.variant or component.variant, settings=settings, links=links, host=host or component.host,
        facts={**component.facts, **_declared_facts(spec)},
    )  # fmt: skip


def _declared_facts(spec: ComponentSpec) -> Facts:
    return {t.timer: (Fact(t.timer, t.limit, t.timer, "declared", t.span),) for t in spec.timers}


def _group(settings: tuple[Setting, ...]) -> dict[str, tuple[Setting, ...]]:
    found: dict[str, tuple[Setting, ...]] = {}
    for setting in settings:
        found[setting.name] = (*found.get(setting.name, ()), setting)
    return found


def _check_settings(config: Config, spec: ComponentSpec, registry: Registry) -> None:
    known = registry.get(spec.product)
    if known is None or not spec.settings:
        return
    names = sorted({name for row in known.settings for name in (row.setting, *row.aliases)})
    for setting in spec.settings:
        if setting.name not in names and not _spared(spec.product):
            close = get_close_matches(setting.name, names, n=3, cutoff=0.4)
            hint = f"; nearest: {', '.join(close)}" if close else ""
            config.problems.append(
                Problem(
                    f"component {spec.name}: {spec.product} has no setting {setting.name!r} that tochain knows{hint}",
                    setting.span,
                    "partly",
                )
            )


def _spelled(spec: ComponentSpec, registry: Registry) -> ComponentSpec:
    """The declared settings by the names facts have for them."""
    known = registry.get(spec.product)
    if known is None or not spec.settings:
        return spec
    return replace(spec, settings=tuple(replace(s, name=setting_meant(known, s.name)) for s in spec.settings))


def _spared(product: str) -> bool:
    """Products whose settings decide more than the timers they feed (worker classes and the like)."""
    return product in ("kubernetes",)


def merge(bound: Bound, components: tuple[Component, ...]) -> tuple[tuple[Component, ...], dict[str, Component]]:
    """One component for each declared name: several virtual servers behind one name become one with all their timers."""
    by_key = {c.key: c for c in components}
    by_name: dict[str, Component] = {}
    moved: dict[str, str] = {}
    for name, keys in bound.groups.items():
        parts = [_with_declared(by_key[key]) for key in keys]
        by_name[name] = parts[0] if len(parts) == 1 else _union(parts)
        moved.update(dict.fromkeys(keys, by_name[name].key))
    kept = []
    for component in components:
        target = moved.get(component.key, component.key)
        if target == component.key:
            chosen = next((c for c in by_name.values() if c.key == component.key), component)
            kept.append(_moved(chosen, moved))
    names = {name: _moved(component, moved) for name, component in by_name.items()}
    return tuple(kept), names


def _with_declared(component: Component) -> Component:
    declared = {t: f for t, f in component.facts.items() if f and f[0].origin == "declared" and f[0].setting == t}
    return replace(component, links=tuple(replace(link, facts={**link.facts, **declared}) for link in component.links))


def _moved(component: Component, moved: dict[str, str]) -> Component:
    if not any(link.target.ref in moved for link in component.links):
        return component
    links = tuple(
        replace(link, target=replace(link.target, ref=moved.get(link.target.ref, link.target.ref)))
        for link in component.links
    )
    return replace(component, links=links)


def _union(parts: list[Component]) -> Component:
    facts: Facts = {}
    for part in parts:
        for timer, found in part.facts.items():
            old = facts.get(timer, ())
            facts[timer] = (
                *old,
                *(
                    f
                    for f in found
                    if (f.limit, f.setting, f.origin) not in {(o.limit, o.setting, o.origin) for o in old}
                ),
            )
    listens = tuple(dict.fromkeys(address for part in parts for address in part.listens))
    links = tuple(link for part in parts for link in part.links)
    issues = tuple(dict.fromkeys(issue for part in parts for issue in part.issues))
    names = tuple(dict.fromkeys(name for part in parts for name in part.names))
    return replace(parts[0], facts=facts, listens=listens, links=links, issues=issues, names=names)


def assume(config: Config, components: tuple[Component, ...]) -> tuple[Component, ...]:
    """The components with assumed values where nothing better is known."""
    return tuple(_assumed(config, component) for component in components)


def _assumed(config: Config, component: Component) -> Component:
    facts = dict(component.facts)
    for given in config.assume:
        if given.product not in ("", component.product) or given.component not in ("", component.name):
            continue
        found = facts.get(given.timer)
        if not found or all(fact.likely or isinstance(fact.limit, (Unknown, Unset)) for fact in found):
            facts[given.timer] = (Fact(given.timer, given.limit, given.timer, "assumed", given.span),)
    return replace(component, facts=facts) if facts != component.facts else component
