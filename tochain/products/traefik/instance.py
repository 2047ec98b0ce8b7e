"""One running Traefik: its install configuration, everything routed through it, and the components it comes to."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from tochain.model.component import KNOWS_PODS, Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import Span
from tochain.model.version import ANY, Versions, parse_versions
from tochain.products.options import Flat
from tochain.products.programs import image_version
from tochain.products.traefik.names import ENTRY_POINT, TLS_OPTIONS, TRANSPORT, V1_GLOBAL
from tochain.products.traefik.routing import Route, default_transport

__all__ = ["Instance"]

_ADDRESS = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*):(?P<port>\d+)(?:/(?P<protocol>tcp|udp))?")
_API = "traefik"


@dataclass(slots=True)
class Instance:
    """A Traefik: `static` is its install configuration, `span` where it is made known."""

    key: str
    scope: str
    span: Span
    static: Flat = field(default_factory=Flat)
    workload: Workload | None = None
    routes: list[Route] = field(default_factory=list)
    files: dict[str, None] = field(default_factory=dict)
    dynamic: Flat = field(default_factory=Flat)

    @property
    def versions(self) -> Versions:
        """The image's versions; without one, what the form of the configuration tells."""
        known = image_version(self.workload.image) if self.workload else ANY
        if not known.known and self._v1():
            return parse_versions("<2.0")
        return known

    def _v1(self) -> bool:
        tops = {*self.static.names(), *self.dynamic.names()}
        return bool(tops & {"defaultentrypoints", "frontends", "backends"})

    def components(self) -> Iterator[Component]:
        """One component for each entry point, with the routes that hold for it."""
        points = [name for name in self.static.names("entrypoints") if name != _API]
        if not points:
            # Without entry points there is one, and without an install configuration nobody knows them.
            known = bool(self.workload or self.static.items)
            yield self._component("", [Address(port=80)] if known else [], self.routes, {})
            return
        usable = [name for name in points if self._protocol(name) != "udp"]
        default = {n for n in usable if self.static.text("entrypoints", n, "asdefault") == "true"} or set(usable)
        for name in points:
            mine = [route for route in self.routes if name in (route.entry_points or default)]
            settings = self.static.settings(("entrypoints", name), ENTRY_POINT, f"entryPoint {name}")
            yield self._component(name, self._listens(name), mine, settings)

    def _transports(self) -> Settings:
        """Without routes: the default transport, else the named ones, for they are meant for something."""
        found = default_transport(self.static)
        for name in self.dynamic.names("http", "serverstransports"):
            place = ("http", "serverstransports", name)
            for key, group in self.dynamic.settings(place, TRANSPORT, f"serversTransport {name}").items():
                found[key] = tuple(dict.fromkeys((*found.get(key, ()), *group)))
        return found

    def _protocol(self, name: str) -> str:
        return "udp" if self.static.text("entrypoints", name, "address").endswith("/udp") else "tcp"

    def _listens(self, name: str) -> list[Address]:
        found = _ADDRESS.fullmatch(self.static.text("entrypoints", name, "address"))
        return [Address(found["host"].strip("[]"), int(found["port"]))] if found else []

    def _component(self, name: str, listens: list[Address], routes: list[Route], settings: Settings) -> Component:
        health: dict[str, list[Setting]] = defaultdict(list)
        for route in routes:
            for key, found in route.health.items():
                health[key] += found
        udp = bool(name) and self._protocol(name) == "udp"
        links = tuple(link for route in routes for link in route.links)
        transports = default_transport(self.static) if any(route.links for route in self.routes) else self._transports()
        return Component(
            key=f"{self.key}#{name}" if name else self.key,
            name=self.workload.name if self.workload else "traefik",
            product="traefik",
            span=(self.static.place("entrypoints", name) if name else None) or self.span,
            kind="proxy",
            versions=self.versions,
            variant="udp" if udp else None,
            scope=self.scope,
            settings={
                **self.static.settings((), V1_GLOBAL, "global"),
                **settings,
                **self.dynamic.settings(("tls", "options", "default"), TLS_OPTIONS, "tls options default"),
                **{key: tuple(dict.fromkeys(found)) for key, found in health.items()},
                **transports,
            },
            listens=tuple(listens),
            names=tuple(dict.fromkeys(host for route in routes for host in route.hosts)),
            links=shared(links),
            protocol="udp" if udp else "http",
            workload=self.workload.key if self.workload else "",
            traits=KNOWS_PODS if self.scope.startswith("k8s:") else frozenset(),
            files=tuple(self.files),
        )


def shared(links: tuple[Link, ...]) -> tuple[Link, ...]:
    """The links once each."""
    seen: dict[tuple[object, ...], Link] = {}
    for link in links:
        seen.setdefault((str(link.target), link.span, link.protocol, link.label, link.unknown), link)
    return tuple(seen.values())
