"""Apache httpd: a component for each virtual host, links to the workers its directives name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tochain.formats.apache import Directive
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.issue import Issue
from tochain.model.limit import OneOf, seconds
from tochain.model.span import Pos, Span
from tochain.products.apache_httpd.files import Server, roots
from tochain.products.apache_httpd.values import Found, parameters, server_settings
from tochain.products.apache_httpd.workers import Pool, Target, links, targets
from tochain.products.base import Context, Extract
from tochain.products.programs import Program, image_name
from tochain.products.scopes import folder_scope

__all__ = ["read"]

APACHE = Program(
    re.compile(r"httpd|apache2?|apache-php"),
    frozenset({"httpd", "apache2", "apachectl", "apache2ctl", "httpd-foreground", "apache2-foreground"}),
)
_WITH_PHP = Program(re.compile(f"{APACHE.images.pattern}|php|wordpress|nextcloud|drupal"), APACHE.commands)
_DEBIAN = re.compile(r"(^|/)(apache2|sites-(available|enabled))/")
_LINK_NAMES = (
    "connectiontimeout",
    "timeout",
    "ttl",
    "smax",
    "max",
    "enablereuse",
    "acquire",
    "ping",
    "keepalive",
    "addressttl",
    "hcinterval",
    "hcmethod",
    "upgrade",
)


@dataclass(slots=True)
class _Host:
    """A virtual host, or the main server, before its listeners are known."""

    span: Span
    directives: list[Directive]
    addresses: tuple[str, ...] = ()
    found: Found = field(default_factory=Found)
    main: bool = False

    def value(self, name: str) -> str:
        """The first argument of a directive; empty where it is missing."""
        return next((d.texts[0] for d in self.directives if d.low == name and d.args), "")

    def values(self, name: str) -> tuple[str, ...]:
        """All arguments of all directives of a name."""
        return tuple(text for d in self.directives if d.low == name for text in d.texts)


@dataclass(slots=True)
class _Site:
    """One httpd: its main server, its virtual hosts, and what <Proxy> sections say."""

    server: Server
    main: _Host
    hosts: list[_Host] = field(default_factory=list)
    pool: Pool = field(default_factory=Pool)


def read(ctx: Context) -> Extract:
    """One component for each virtual host, or for the main server where there is none."""
    out = Extract()
    paths = list(ctx.paths())
    apaches = _apaches(ctx)

    def mounts_of(path: str) -> dict[str, str]:
        return next((owner.mounts for owner in _WITH_PHP.owners(apaches, path)), {})

    for root in roots(ctx, mounts_of):
        for owner in _WITH_PHP.owners(apaches, root) or (None,):
            mounts = dict(owner.mounts) if owner else {}
            env = {name: word.text for name, word in owner.env.items() if "$" not in word.text} if owner else {}
            site = _site(Server(ctx, root, paths, mounts, env))
            out.components += _components(site, owner)
    taken = {component.workload for component in out.components}
    out.components += [
        _bare(w) for w in ctx.workloads if w.key not in taken and w.image and (APACHE.runs(w) or _php(w))
    ]
    return out


def _bare(workload: Workload) -> Component:
    """What an image starts with the configuration it brings along; PHP's images are Debian's httpd."""
    span = workload.image.span if workload.image else workload.span
    settings: Settings = {}
    if _php(workload):
        settings["Timeout"] = (Setting("Timeout", "300", span, "default", scope="the image's apache2.conf"),)
    return Component(
        key=f"apache-httpd:{workload.key}",
        name=workload.name,
        product="apache-httpd",
        span=span,
        kind="proxy",
        versions=APACHE.version(workload),
        scope=workload.scope,
        settings=settings,
        listens=(Address(port=80),),
        names=workload.names,
        protocol="http",
        workload=workload.key,
        files=(span.path,),
    )


def _apaches(ctx: Context) -> tuple[Workload, ...]:
    """The workloads that may run httpd: PHP's and WordPress's images do unless they say fpm or cli."""
    return tuple(w for w in ctx.workloads if w.image is None or APACHE.runs(w) or _php(w))


def _php(workload: Workload) -> bool:
    image = workload.image
    return (
        image is not None
        and image_name(image) in ("php", "wordpress", "nextcloud", "drupal")
        and "apache" in image.text
    )


def _site(server: Server) -> _Site:
    start = Span(server.main, Pos(1, 1), Pos(1, 2))
    site = _Site(server, _Host(start, [], main=True))
    for directive in server.directives():
        if directive.low == "virtualhost" and directive.block is not None:
            host = _Host(directive.span, list(server.inside(directive.block)), directive.texts)
            site.hosts.append(host)
            _proxies(site, host.directives)
        else:
            site.main.directives.append(directive)
    _proxies(site, site.main.directives)
    site.main.span = next((d.span for d in site.main.directives if d.low in ("listen", "servername")), start)
    site.main.found = server_settings(site.main.directives, "", virtual=False)
    for host in site.hosts:
        name = host.value("servername")
        host.found = server_settings(host.directives, f"VirtualHost {name or ' '.join(host.addresses)}", virtual=True)
    return site


def _proxies(site: _Site, directives: list[Directive]) -> None:
    for directive in directives:
        if directive.low == "proxy" and directive.block is not None:
            site.pool.add(site.server, directive)
        elif directive.low == "proxyset" and directive.args and "=" not in directive.texts[0]:
            url = directive.texts[0].rstrip("/")
            site.pool.set(url, parameters(directive.args[1:], f"ProxySet {url}"))


def _components(site: _Site, owner: Workload | None) -> Iterator[Component]:
    firsts: dict[str, _Host] = {}
    for host in site.hosts:
        for address in host.addresses:
            firsts.setdefault(address, host)
    seen: dict[str, int] = defaultdict(int)
    for host in site.hosts or ([site.main] if _serves(site.main) else []):
        name = _server_name(host)
        mark = name or " ".join(host.addresses) or "main"
        seen[mark] += 1
        key = f"apache-httpd:{host.span.path}#{mark}" + (f":{host.span.start.line}" if seen[mark] > 1 else "")
        component = _component(site, host, firsts)
        yield replace(
            component,
            key=key + (f"@{owner.key}" if owner else ""),
            name=owner.name if owner else name or "apache-httpd",
            versions=APACHE.version(owner),
            scope=owner.scope if owner else folder_scope(site.server.main),
            listens=_host_listens(host, _listens(site), owner),
            names=tuple(dict.fromkeys(n for n in (name, *host.values("serveralias")) if n)),
            workload=owner.key if owner else "",
        )


def _server_name(host: _Host) -> str:
    name = host.value("servername").removeprefix("https://").removeprefix("http://").partition(":")[0]
    return "" if re.search(r"[${]", name) else name


def _serves(main: _Host) -> bool:
    return any(
        d.low
        in (
            "listen",
            "documentroot",
            "proxypass",
            "proxypassmatch",
            "keepalive",
            "keepalivetimeout",
            "timeout",
            "servername",
        )
        for d in main.directives
    )


def _listens(site: _Site) -> list[Address]:
    found = []
    for directive in site.main.directives:
        if directive.low == "listen" and directive.args:
            found += [address for address in _addresses(directive.texts[0]) if address.port is not None]
    return found


def _addresses(text: str) -> list[Address]:
    host, colon, port = text.rpartition(":")
    if not colon:
        host, port = ("", text) if text.isdecimal() else (text, "")
    host = host.strip("[]")
    host = "" if host in ("*", "_default_", "0.0.0.0", "::") else host  # noqa: S104 - compared with, never bound
    number = int(port) if port.isdecimal() and 0 < len(port) < 6 else None
    return [Address(host, number)]


def _component(site: _Site, host: _Host, firsts: dict[str, _Host]) -> Component:
    """What a host says, without who runs it."""
    settings = _settings(site, host, firsts)
    issues = list(host.found.issues)
    if host is (site.hosts or [host])[0]:
        issues += [*site.pool.issues, *(site.main.found.issues if not host.main else ())]
    found = _links(site, host, settings, issues)
    return Component(
        key="",
        name="",
        product="apache-httpd",
        span=host.span,
        kind="proxy",
        settings={**settings, **_union(found)},
        links=found,
        protocol="http",
        traits=frozenset({"prefork"}) if "mpm_prefork_module" in site.server.modules else frozenset(),
        files=tuple(site.server.files),
        issues=tuple(dict.fromkeys(issues)),
    )


def _settings(site: _Site, host: _Host, firsts: dict[str, _Host]) -> Settings:
    """The main server's settings under the host's own; the idle time may be that of the first host of the address."""
    if host.main:
        settings = dict(host.found.settings)
    else:
        inherited = {name: tuple(s.inherited() for s in group) for name, group in site.main.found.settings.items()}
        for first in [first for address in host.addresses if (first := firsts.get(address)) is not None][:1]:
            if first is not host and "KeepAliveTimeout" in first.found.settings:
                inherited["KeepAliveTimeout"] = tuple(s.inherited() for s in first.found.settings["KeepAliveTimeout"])
        settings = {**inherited, **host.found.settings}
    if "Timeout" not in settings and _DEBIAN.search(host.span.path) and not _has_main(site):
        limit = OneOf((seconds(60), seconds(300)))
        settings["Timeout"] = (
            Setting("Timeout", "60 or 300", host.span, "default", limit=limit, scope="Debian ships 300"),
        )
    return settings


def _has_main(site: _Site) -> bool:
    return any(d.low in ("serverroot", "listen", "includeoptional", "mutex") for d in site.main.directives)


def _links(site: _Site, host: _Host, settings: Settings, issues: list[Issue]) -> tuple[Link, ...]:
    found: list[Link] = []
    everywhere = [] if host.main else [t for t in targets(site.server, site.main.directives) if _inherited(t, host)]
    for target in [*targets(site.server, host.directives), *everywhere]:
        issues += target.found.issues
        found += links(target, settings, site.pool)
    unique = {(link.span, link.target, link.label): link for link in found}
    return tuple(unique.values())


def _inherited(target: Target, host: _Host) -> bool:
    """Whether what the main server says holds in a virtual host: rewrite rules do not, ProxyPass does unless told."""
    return not target.label.startswith("RewriteRule") and host.value("proxypassinherit").lower() != "off"


def _union(found: tuple[Link, ...]) -> Settings:
    """What the workers say, all of it real, for those who look at the component as a whole."""
    gathered: dict[str, dict[Setting, None]] = defaultdict(dict)
    for link in found:
        for name in _LINK_NAMES:
            gathered[name].update(dict.fromkeys(link.settings.get(name, ())))
    return {name: tuple(group) for name, group in gathered.items() if group}


def _host_listens(host: _Host, listens: list[Address], owner: Workload | None) -> tuple[Address, ...]:
    if host.main:
        own = listens
    else:
        own = [address for text in host.addresses for address in _addresses(text)]
        own = [
            a if a.port is not None else Address(a.host, listen.port) for a in own for listen in listens or [Address()]
        ]
        own = own if any(address.port is not None for address in own) else listens
    if not own and owner is not None:
        own = [Address(port=port) for port in owner.ports.values()]
    return tuple(dict.fromkeys(address for address in own if address.port is not None))
