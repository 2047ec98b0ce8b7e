"""Where httpd connects to: ProxyPass, RewriteRule [P], SetHandler "proxy:...", balancers and their members."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tochain.formats.apache import Directive
from tochain.model.component import Address, Link
from tochain.model.fact import Setting, Settings
from tochain.model.issue import Issue
from tochain.model.span import Span
from tochain.products.apache_httpd.files import Server
from tochain.products.apache_httpd.values import Found, parameters

__all__ = ["Balancer", "Pool", "Target", "links", "targets"]

_PORTS = {
    "http": 80, "https": 443, "ws": 80, "wss": 443, "h2c": 80, "h2": 443, "ajp": 8009, "fcgi": 8000, "scgi": 4000,
    "uwsgi": 3031, "ftp": 21,
}  # fmt: skip
_PROTOCOLS = {
    "http": "http", "https": "http", "ws": "websocket", "wss": "websocket", "h2": "http2", "h2c": "http2", "ajp": "ajp",
    "fcgi": "fastcgi", "scgi": "scgi", "uwsgi": "uwsgi",
}  # fmt: skip
_URL = re.compile(
    r"(?P<scheme>[a-z0-9+]+)://(?:[^/@\s]*@)?(?P<host>\[[^\]]*\]|[^/:\s?]*)(?::(?P<port>[^/\s?]*))?", re.I
)
_SECTIONS = frozenset({
    "location", "locationmatch", "directory", "directorymatch", "files", "filesmatch", "if", "elseif", "else", "limit",
    "limitexcept", "proxymatch", "macro",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """One place that says where requests go: the URL, its own parameters, and where it applies."""

    url: str
    span: Span
    label: str
    found: Found
    named: bool = True
    """Whether the directive makes a worker with a pool of its own, or uses one that never keeps connections."""


@dataclass(slots=True)
class Balancer:
    """A balancer's members with their parameters, and its own."""

    members: list[Target] = field(default_factory=list)
    settings: Settings = field(default_factory=dict)


@dataclass(slots=True)
class Pool:
    """What <Proxy> sections say: balancers by name and parameters of workers by URL."""

    balancers: dict[str, Balancer] = field(default_factory=dict)
    workers: dict[str, Settings] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)

    def add(self, server: Server, section: Directive) -> None:
        """Reads a <Proxy> section."""
        url = section.texts[0].rstrip("/") if section.args else ""
        balancer = self.balancers.setdefault(_name(url), Balancer()) if url.startswith("balancer://") else None
        if len(section.args) > 1:
            self.set(url, parameters(section.args[1:], f"<Proxy {url}>"))
        for directive in server.inside(section.block or []):
            if directive.low == "balancermember" and balancer is not None and directive.args:
                found = parameters(directive.args[1:], f"balancer {_name(url)}")
                balancer.members.append(Target(directive.texts[0], directive.span, "", found))
                self.issues += found.issues
            elif directive.low == "proxyset":
                self.set(url, parameters(directive.args, f"<Proxy {url}>"))

    def set(self, url: str, found: Found) -> None:
        """Adds the parameters of a ProxySet or of a ProxyPass to a balancer."""
        self.issues += found.issues
        if url.startswith("balancer://"):
            own = found.settings
            if "timeout" in own:
                own = {**own, "balancer timeout": tuple(_renamed(s, "balancer timeout") for s in own["timeout"])}
                del own["timeout"]
            self.balancers.setdefault(_name(url), Balancer()).settings.update(own)
        else:
            self.workers.setdefault(url, {}).update(found.settings)

    def of(self, url: str) -> Settings:
        """The parameters a <Proxy> section gives the worker of a URL; empty when there is none."""
        plain = url.rstrip("/")
        best = max((name for name in self.workers if plain.startswith(name)), key=len, default=None)
        return self.workers[best] if best is not None and best not in ("", "*") else {}


def _renamed(setting: Setting, name: str) -> Setting:
    return Setting(name, setting.text, setting.span, setting.origin, limit=setting.limit, scope=setting.scope)


def _name(url: str) -> str:
    return url.removeprefix("balancer://").partition("/")[0]


def targets(server: Server, directives: list[Directive]) -> Iterator[Target]:
    """The places in a main server or virtual host that hand requests on, those inside sections too."""
    work: list[tuple[Iterator[Directive], str]] = [(iter(directives), "")]
    while work:
        rest, place = work[-1]
        directive = next(rest, None)
        if directive is None:
            work.pop()
        elif directive.block is not None:
            if directive.low in _SECTIONS:
                work.append(
                    (
                        server.inside(directive.block),
                        f"<{directive.name} {' '.join(directive.texts)}>".replace(" >", ">"),
                    )
                )
        else:
            yield from _one(directive, place)


def _one(directive: Directive, place: str) -> Iterator[Target]:
    texts = directive.texts
    match directive.low:
        case "proxypass" | "proxypassmatch" if texts:
            at = next((at for at, text in enumerate(texts[:2]) if _URL.match(text) or text.startswith("unix:")), None)
            if at is None:
                return
            label = f"{directive.name} {texts[0]}" if at else place or directive.name
            yield Target(texts[at], directive.span, label, parameters(directive.args[at + 1 :], label))
        case "rewriterule" if len(texts) > 2 and _proxies(texts[2]):
            yield Target(texts[1], directive.span, f"RewriteRule {texts[0]}", Found(), named=False)
        case "sethandler" if texts and texts[0].lower().startswith("proxy:"):
            yield Target(texts[0][6:], directive.span, place or "SetHandler", Found(), named=False)
        case "proxyremote" if len(texts) > 1:
            yield Target(texts[1], directive.span, f"ProxyRemote {texts[0]}", Found(), named=False)


def _proxies(flags: str) -> bool:
    return any(flag.strip().upper() in ("P", "PROXY") for flag in flags.strip("[]").split(","))


def links(target: Target, base: Settings, pool: Pool) -> Iterator[Link]:
    """The links of one target: one, or one for each member of its balancer."""
    if target.url.startswith("balancer://"):
        balancer = pool.balancers.get(_name(target.url), Balancer())
        if not balancer.members:
            yield Link(
                Address(_name(target.url)), target.span, label=target.label, unknown=f"{target.url} has no members"
            )
        own = {name: found for name, found in target.found.settings.items() if name != "timeout"}
        more = len(balancer.members) - 1
        tries = Setting("maxattempts", str(more), target.span, "default", scope=target.label)
        for member in balancer.members:
            settings = {
                **base,
                "maxattempts": (tries,),
                **balancer.settings,
                **own,
                **pool.of(member.url),
                **member.found.settings,
            }
            yield _link(member.url, member.span, target.label, settings)
        return
    worker = pool.of(target.url)
    settings = {**base, **worker, **target.found.settings}
    if not target.named and not worker:
        settings["default worker"] = (Setting("default worker", "on", target.span, scope=target.label),)
    yield _link(target.url, target.span, target.label, settings)


def _link(url: str, span: Span, label: str, settings: Settings) -> Link:
    address, scheme, unknown = _address_of(url)
    protocol = _PROTOCOLS.get(scheme, scheme)
    upgrade = settings.get("upgrade")
    if upgrade and upgrade[0].text.lower() == "websocket":
        protocol = "websocket"
    settings = {**settings, "scheme": (Setting("scheme", scheme, span, scope=label),)}
    if address.host:
        settings["host"] = (Setting("host", address.host, span, scope=label),)
    return Link(address, span, settings, protocol, label, unknown=unknown)


def _address_of(url: str) -> tuple[Address, str, str]:
    """Host and port or the socket of a backend URL, its scheme, and why the address cannot be known."""
    socket, bar, rest = url.partition("|")
    if url.startswith("unix:") and bar:
        scheme = rest.partition(":")[0].lower()
        return Address(socket=socket[5:]), scheme, ""
    found = _URL.match(url)
    if found is None:
        return Address(url), "http", f"the address is filled in from {url}"
    scheme, host = found["scheme"].lower(), found["host"].strip("[]")
    text = f"{host}{found['port'] or ''}"
    if not host or re.search(r"[$%{(\\]", text):
        return Address(host), scheme, f"the address is filled in from {found[0]}"
    port = found["port"]
    number = int(port) if port and port.isdecimal() and len(port) < 6 else _PORTS.get(scheme)
    return Address(host, number), scheme, ""
