"""Routers to services to servers: the links of one dynamic configuration, each with its transport and retries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from tochain.model.component import Address, Link
from tochain.model.fact import Setting, Settings
from tochain.products.nameless import ADDRESS, is_literal
from tochain.products.options import Flat, Item
from tochain.products.traefik.names import HEALTH, RETRY, TCP_TRANSPORT, TRANSPORT

__all__ = ["MARK", "Route", "default_transport", "hosts_of", "retries", "routes", "target_of", "transport", "v1_routes"]

MARK = "serversTransport"
"""The setting that tells a link's transport is a named one, which inherits nothing."""
_URL = re.compile(r"(?:(?P<scheme>[a-z0-9]+)://)?(?:[^@/]*@)?(?P<host>\[[^\]]+\]|[^:/{}$]+)(?::(?P<port>\d+))?(?:/.*)?")
_PORTS = {"https": 443, "http": 80, "h2c": 80, "": None}
_MAX_SERVICES = 200


@dataclass(slots=True)
class Route:
    """One router: the entry points it holds for (none: all of them), its host names, its links, health checks."""

    entry_points: tuple[str, ...]
    hosts: tuple[str, ...]
    links: list[Link] = field(default_factory=list)
    health: Settings = field(default_factory=dict)
    kind: str = "http"


def routes(
    dynamic: Flat, static: Flat, servers: Callable[[Flat, str, str], list[Link]] | None = None
) -> Iterator[Route]:
    """The routers of a dynamic configuration; `servers` gives links for services that list no servers themselves."""
    for kind in ("http", "tcp"):
        for name in dynamic.names(kind, "routers"):
            place = (kind, "routers", name)
            rule = dynamic.text(*place, "rule")
            points = tuple(item.text.lower() for item in dynamic.each(*place, "entrypoints"))
            route = Route(points, hosts_of(rule), kind=kind)
            retry = retries(dynamic, kind, [item.text for item in dynamic.each(*place, "middlewares")])
            service = dynamic.text(*place, "service") or (name if servers is None else _only(dynamic, kind))
            for found in _services(dynamic, kind, service):
                settings = {**transport(dynamic, static, kind, found), **retry}
                label = f"router {name}"
                route.health |= dynamic.settings((kind, "services", found, "loadbalancer"), HEALTH, f"service {found}")
                links = _servers(dynamic, kind, found) or (servers(dynamic, kind, found) if servers else [])
                route.links += [replace(link, settings={**link.settings, **settings}, label=label) for link in links]
            yield route


def _only(dynamic: Flat, kind: str) -> str:
    """The service of labels that define exactly one."""
    names = dynamic.names(kind, "services")
    return names[0] if len(names) == 1 else ""


def hosts_of(rule: str) -> tuple[str, ...]:
    """The host names a rule matches, patterns left out."""
    calls = re.findall(r"\b(?:Host|HostSNI)\(([^)]*)\)", rule)
    names = [name for call in calls for name in re.findall(r"[`'\"]([^`'\"]+)[`'\"]", call)]
    return tuple(dict.fromkeys(name for name in names if "*" not in name and "{" not in name))


def _services(dynamic: Flat, kind: str, name: str) -> Iterator[str]:
    """The services with servers behind a name: through weighted, mirrored and failover services."""
    waiting, seen = [name.partition("@")[0].lower()], set[str]()
    while waiting and len(seen) < _MAX_SERVICES:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        place = (kind, "services", name)
        below = dynamic.names(*place)
        if "weighted" in below:
            members = dynamic.names(*place, "weighted", "services")
            waiting += [
                dynamic.text(*place, "weighted", "services", at, "name").partition("@")[0].lower() for at in members
            ]
        elif "mirroring" in below or "failover" in below:
            group = "mirroring" if "mirroring" in below else "failover"
            inner = [dynamic.text(*place, group, part) for part in ("service", "fallback")]
            waiting += [one.partition("@")[0].lower() for one in inner if one]
        else:
            yield name


def _servers(dynamic: Flat, kind: str, name: str) -> list[Link]:
    place = (kind, "services", name, "loadbalancer", "servers")
    key = "url" if kind == "http" else "address"
    found = [item for at in dynamic.names(*place) if (item := dynamic.get(*place, at, key)) is not None]
    return [target_of(item, kind) for item in found]


def target_of(item: Item, kind: str = "http") -> Link:
    """A link to a server's URL or address, unknown where a template names it."""
    found = _URL.fullmatch(item.text)
    if found is None or "{{" in item.text:
        return Link(Address(), item.span, protocol=kind, unknown=f"the server {item.text[:60]} is filled in later")
    scheme = found["scheme"] or ""
    port = int(found["port"]) if found["port"] else _PORTS.get(scheme)
    protocol = kind if kind == "tcp" else "http2" if scheme == "h2c" else "http"
    host = found["host"].strip("[]")
    own: Settings = {"tls": (Setting("tls", ADDRESS, item.span),)} if scheme == "https" and is_literal(host) else {}
    return Link(Address(host, port), item.span, own, protocol)


def transport(dynamic: Flat, static: Flat, kind: str, service: str) -> Settings:
    """The transport in force for a service: the one it names, which inherits nothing, else the default one."""
    item = dynamic.get(kind, "services", service, "loadbalancer", "serverstransport")
    if item is None:
        return default_transport(static, kind)
    name = item.text.partition("@")[0].lower()
    table = TRANSPORT if kind == "http" else TCP_TRANSPORT
    found = dynamic.settings((kind, "serverstransports", name), table, f"serversTransport {item.text}")
    return {MARK: (Setting(MARK, item.text, item.span),), **found}


def default_transport(static: Flat, kind: str = "http") -> Settings:
    """The transport of services that name none, as the install configuration sets it."""
    if kind == "tcp":
        return static.settings(("tcpserverstransport",), TCP_TRANSPORT, "tcpServersTransport")
    v1 = static.settings((), TRANSPORT, "global")
    return {**v1, **static.settings(("serverstransport",), TRANSPORT, "serversTransport")}


def retries(dynamic: Flat, kind: str, names: list[str]) -> Settings:
    """The settings of the retry middleware among a router's middlewares, chains opened."""
    waiting, seen = [name.partition("@")[0].lower() for name in names], set()
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        found = dynamic.settings((kind, "middlewares", name), RETRY, f"middleware {name}")
        if found:
            return found
        chained = dynamic.each(kind, "middlewares", name, "chain", "middlewares")
        waiting += [item.text.partition("@")[0].lower() for item in chained]
    return {}


def v1_routes(dynamic: Flat, static: Flat) -> Iterator[Route]:
    """The frontends of a 1.x configuration and the servers of their backends."""
    settings = {**default_transport(static), **static.settings((), RETRY, "retry")}
    for name in dynamic.names("frontends"):
        backend = dynamic.text("frontends", name, "backend").lower()
        points = tuple(item.text.lower() for item in dynamic.each("frontends", name, "entrypoints"))
        rules = [
            dynamic.text("frontends", name, "routes", at, "rule") for at in dynamic.names("frontends", name, "routes")
        ]
        hosts = [host for rule in rules for host in re.findall(r"Host:\s*([\w.,\s-]+)", rule)]
        names = tuple(part.strip() for host in hosts for part in host.split(",") if part.strip())
        place = ("backends", backend, "servers")
        items = [item for at in dynamic.names(*place) if (item := dynamic.get(*place, at, "url")) is not None]
        links = [
            replace(link, settings={**link.settings, **settings}, label=f"frontend {name}")
            for link in map(target_of, items)
        ]
        health = dynamic.settings(("backends", backend), HEALTH, f"backend {backend}")
        yield Route(points, names, links, health)
