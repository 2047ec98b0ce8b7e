"""Spring Boot applications: files, profiles and environment in layers, then the server and the clients they set."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Facts, Settings
from tochain.model.span import SourceFile, Span
from tochain.model.version import Versions, parse_versions
from tochain.products import facts
from tochain.products.base import Context, Extract, Site
from tochain.products.configmaps import embedded_files
from tochain.products.javaconfig import (
    Document,
    Item,
    View,
    app_folder,
    build_file,
    documents,
    environment,
    filled,
    owners,
    settings,
    version_in_build,
)  # fmt: skip
from tochain.products.resolve import resolve
from tochain.products.spring_boot.clients import clients
from tochain.products.spring_boot.gateway import gateway_links
from tochain.products.spring_boot.parts import Client

__all__ = ["read"]

PRODUCT = "spring-boot"
GATEWAY = "spring-cloud-gateway"
_FILE = re.compile(r"(application|bootstrap)(?:-([\w.-]+))?\.(?:ya?ml|properties)")
_OTHER = re.compile(r"([\w.-]+?)\.(?:ya?ml|properties)")
_VERSIONS = (
    re.compile(r"<artifactId>spring-boot-(?:starter-parent|dependencies)</artifactId>\s*<version>(\d[\w.]*)</version>"),
    re.compile(r"<spring-boot\.version>(\d[\w.]*)</spring-boot\.version>"),
    re.compile(r"org\.springframework\.boot['\"]?\)?\s*version\s*[=:]?\s*['\"](\d[\w.]*)"),
)
_ENV = re.compile(r"SPRING_(?!CLOUD_CONFIG_)[A-Z]|SERVER_TOMCAT_|SERVER_JETTY_|SERVER_UNDERTOW_|SERVER_NETTY_")


@dataclass(slots=True)
class _App:
    """One application: its folder and its documents, the weakest first."""

    folder: str
    documents: list[Document] = field(default_factory=list)
    name: str = ""

    @property
    def span(self) -> Span:
        """The first line of its main file."""
        main = [d for d in self.documents if not d.profiles and PurePosixPath(d.source.path).stem == "application"]
        main = [d for d in main if app_folder(d.source.path) == self.folder] or self.documents
        return main[0].source.whole_line(1)


def read(ctx: Context) -> Extract:
    """Each application's server and clients for each workload that starts it, those set by environment alone too."""
    extract = Extract()
    taken: set[str] = set()
    for app in _apps(ctx):
        found = owners(ctx, app.name, app.folder)
        taken |= {workload.key for workload in found}
        for owner in found or (None,):
            extract.components += _components(ctx, app, owner)
    for workload in ctx.workloads:
        mounted = _mounted(ctx, workload)
        if mounted.documents and _is_spring(mounted) and workload.key not in taken:
            taken.add(workload.key)
            extract.components += _components(ctx, mounted, workload)
        elif workload.key not in taken and any(_ENV.match(name) for name in workload.env):
            extract.components += _components(ctx, _App(workload.root or "", name=workload.name), workload)
    return extract


def _apps(ctx: Context) -> list[_App]:
    apps: dict[str, _App] = {}
    others: list[SourceFile] = []
    for source in sorted(ctx.files, key=lambda s: (PurePosixPath(s.path).name.startswith("application"), s.path)):
        found = _FILE.fullmatch(PurePosixPath(source.path).name)
        if "src/test/" in source.path:
            continue
        if found is None:
            others.append(source)
            continue
        folder = app_folder(source.path)
        apps.setdefault(folder, _App(folder)).documents += documents(ctx, source, found[2] or "")
    for app in apps.values():
        name = next(
            (d.view["springapplicationname"].text for d in app.documents if "springapplicationname" in d.view), ""
        )
        app.name = "" if "$" in name or "@" in name else name
    _from_config_server(ctx, apps, others)
    return [app for app in apps.values() if _is_spring(app)]


def _mounted(ctx: Context, workload: Workload) -> _App:
    """The application whose files a workload mounts from a ConfigMap."""
    app = _App(workload.root or "", name=workload.name)
    for path, source in embedded_files(ctx, (workload,)):
        found = _FILE.fullmatch(PurePosixPath(path).name)
        if found is not None:
            app.documents += documents(ctx, source, found[2] or "", path)
    return app


def _is_spring(app: _App) -> bool:
    names = {name for document in app.documents for name in document.view}
    return not any(name.startswith(("quarkus", "micronaut")) for name in names) and any(
        name.startswith(
            ("spring", "server", "management", "eureka", "feign", "ribbon", "hystrix", "zuul", "resilience4j")
        )
        for name in names
    )


def _from_config_server(ctx: Context, apps: dict[str, _App], others: list[SourceFile]) -> None:
    """Files called by an application's name, as a config server serves them; application.yml beside them is for all."""
    by_name = {app.name: app for app in apps.values() if app.name}
    for source in others:
        found = _OTHER.fullmatch(PurePosixPath(source.path).name)
        stem = found[1] if found else ""
        name = next((n for n in by_name if stem == n or stem.startswith(f"{n}-")), "")
        if not name:
            continue
        by_name[name].documents += documents(ctx, source, stem[len(name) + 1 :])
        shared = apps.get(app_folder(source.path))
        if shared is not None and not shared.name and shared is not by_name[name]:
            by_name[name].documents[:0] = shared.documents
    served = {app_folder(s.path) for s in others}
    for folder in [f for f, app in apps.items() if not app.name and f in served]:
        if any(d in by_name[n].documents for n in by_name for d in apps[folder].documents):
            del apps[folder]


def _views(app: _App, owner: Workload | None) -> list[tuple[str, View]]:
    """What holds by default, and what each further profile makes of it; only what runs where the start says so."""
    base: View = {}
    for document in app.documents:
        if not document.profiles:
            base.update(document.view)
    start = environment(owner) if owner is not None else {}
    chosen = start.get("springprofilesactive")
    active = chosen or base.get("springprofilesactive")
    names = [part.strip() for part in active.text.split(",")] if active is not None and "$" not in active.text else []
    main = dict(base)
    for name in names:
        main.update(_of_profile(app, name))
    views = [("", filled({**main, **start}))]
    if chosen is None:
        more = dict.fromkeys(p for d in app.documents for p in d.profiles if p not in names and not p.startswith("!"))
        views += [(name, filled({**base, **own, **start})) for name in more if (own := _of_profile(app, name))]
    return views


def _of_profile(app: _App, name: str) -> View:
    found: View = {}
    for document in app.documents:
        if name in document.profiles:
            found.update(document.view)
    return found


def _components(ctx: Context, app: _App, owner: Workload | None) -> list[Component]:
    views = _views(app, owner)
    name = owner.name if owner is not None else app.name or PurePosixPath(app.folder).name or PRODUCT
    span = owner.span if owner is not None and not app.documents else app.span
    versions = version_in_build(ctx, app.folder, _VERSIONS)
    build = build_file(ctx, app.folder)
    variant = _variant(build.text if build is not None else "")
    servlets = build is not None and not variant and _servlets(build.text)
    base = Component(
        f"{PRODUCT}:{owner.key if owner else app.folder or '.'}", name, PRODUCT, span, "server", versions,
        variant or None,
        owner.scope if owner else f"dir:{app.folder}", names=_names(app, owner), protocol="http",
        part_of="" if owner else f"code:{app.folder}",
        traits=frozenset({"tomcat"} if servlets else ()),
        workload=owner.key if owner else "", files=tuple(dict.fromkeys(d.source.path for d in app.documents)),
    )  # fmt: skip
    made = [] if variant == "none" else [_server(base, views)]
    return [*made, *_client_components(base, views)]


def _names(app: _App, owner: Workload | None) -> tuple[str, ...]:
    own = owner.names if owner is not None else ()
    return tuple(dict.fromkeys((*own, app.name))) if app.name else own


def _server(base: Component, views: list[tuple[str, View]]) -> Component:
    found: Settings = {}
    for profile, view in views:
        for name, group in settings(view, PRODUCT, scope=f"profile {profile}" if profile else "").items():
            if all(group[0].text != old.text for old in found.get(name, ())):
                found[name] = (*found.get(name, ()), *group)
    port = next((view["serverport"] for _, view in views if "serverport" in view), None)
    listens = (Address(port=_number(port, 8080)),) if port is None or _number(port, 0) else ()
    main = views[0][1]
    made = replace(base, settings=found, listens=listens)
    links = [link for _, view in views for link in gateway_links(view)]
    if not links and base.variant != "gateway":
        return made
    return _gateway(made, main, tuple(links))


def _gateway(server: Component, view: View, links: tuple[Link, ...]) -> Component:
    """A Spring Cloud Gateway: a proxy that accepts as its server does."""
    known = facts.load(PRODUCT)
    site = Site(PRODUCT, server.settings, server.versions, "netty", server.span)
    accepts: Facts = resolve(known, site).facts if known is not None else {}
    accepts = {timer: found for timer, found in accepts.items() if not timer.startswith("connect.")}
    own = settings(view, GATEWAY)
    return replace(
        server, key=server.key.replace(PRODUCT, GATEWAY, 1), product=GATEWAY, kind="proxy", variant=None, settings=own,
        facts=accepts, links=tuple(replace(link, settings={**own, **link.settings}) for link in links), versions=Versions(),
    )  # fmt: skip


def _client_components(base: Component, views: list[tuple[str, View]]) -> list[Component]:
    found: dict[str, Client] = {}
    for profile, view in views:
        for client in clients(view, base.versions):
            label = f"profile {profile}" if profile else ""
            links = tuple(replace(link, label=" ".join(filter(None, (link.label, label)))) for link in client.links)
            old = found.get(client.product)
            found[client.product] = (
                replace(client, links=links) if old is None else replace(old, links=_more(old.links, links))
            )
    return [
        replace(
            base, key=base.key.replace(PRODUCT, client.product, 1), product=client.product, kind=client.kind,
            variant=client.variant, versions=_brought(client.product, base.versions), settings=client.settings,
            listens=(), names=(), links=client.links, protocol="",
            issues=client.issues,
        )
        for client in found.values()
    ]  # fmt: skip


def _brought(product: str, boot: Versions) -> Versions:
    """The versions of a library that a Spring Boot brings where nobody chooses another."""
    if product == "hikaricp" and (newer := boot.surely_since((3, 5))) is not None:
        return parse_versions(">=6.3" if newer else "<6")
    if product == "lettuce" and boot.surely_since((4, 0)) is False:
        return parse_versions("<7")
    return Versions()


def _more(old: tuple[Link, ...], new: tuple[Link, ...]) -> tuple[Link, ...]:
    seen = {(link.target, _texts(link.settings)) for link in old}
    return (*old, *(link for link in new if (link.target, _texts(link.settings)) not in seen))


def _texts(found: Settings) -> tuple[tuple[str, str], ...]:
    return tuple((name, group[0].text) for name, group in found.items())


def _number(item: Item | None, default: int) -> int:
    if item is None:
        return default
    found = re.fullmatch(r"(?:\$\{[^:}]*:)?(\d{1,5})\}?", item.text.strip())
    return int(found[1]) if found else default


def _variant(build: str) -> str:
    """The embedded server the dependencies choose; "none" for an application without a web server."""
    if "spring-cloud-starter-gateway" in build and "gateway-mvc" not in build:
        return "gateway"
    for word in ("undertow", "jetty"):
        if f"spring-boot-starter-{word}" in build:
            return word
    if "spring-boot-starter-webflux" in build and not _servlets(build):
        return "netty"
    return ""


def _servlets(build: str) -> bool:
    """Whether the dependencies bring a servlet server: Tomcat, where no other is named."""
    return any(
        f"spring-boot-starter-{w}" in build for w in ('web"', "web'", "web<", "web:", "webmvc", "actuator", "data-rest")
    )
