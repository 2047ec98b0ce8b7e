"""Whom a location connects to: addresses of *_pass, upstream groups, variables followed where they have one value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from tochain.formats.nginx import Directive
from tochain.model.component import Address
from tochain.model.fact import Setting, Settings
from tochain.model.span import Span
from tochain.products.nginx.levels import FILLED

__all__ = [
    "TLS_SCHEMES", "Server", "Target", "Upstream", "Variables", "parse_address", "parse_target",
    "read_upstream",
]  # fmt: skip

_SCHEMES: Final = {"http": 80, "https": 443, "grpc": 80, "grpcs": 443, "uwsgi": None, "suwsgi": None}
TLS_SCHEMES: Final = ("https", "grpcs", "suwsgi")
"""Schemes of pass directives that mean TLS."""
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*|\$\{?scheme\}?)://")
_URI_VARIABLE: Final = re.compile(r"\$\{?(?:request_uri|uri|document_uri|is_args|args|\d)\b")
_HOST_PORT: Final = re.compile(r"(\[[^\]]*\]|[^:]*)(?::([^:]*))?")
_VARIABLE: Final = re.compile(r"\$\{(\w+)\}|\$(\w+)")
_METHODS: Final = frozenset({"least_conn", "ip_hash", "hash", "random", "least_time", "fair", "sticky"})
_MOST_VALUES: Final = 50


@dataclass(frozen=True, slots=True)
class Server:
    """One `server` line of an upstream group; `filled` marks one whose address is not known yet."""

    address: Address
    span: Span
    backup: bool = False
    filled: bool = False


@dataclass(slots=True)
class Upstream:
    """An upstream group: its servers that are in use, and the settings of the block."""

    name: str
    span: Span
    servers: list[Server] = field(default_factory=list)
    settings: Settings = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a pass directive leads: `host` is the authority as written, `unknown` says why it cannot be known."""

    scheme: str
    host: str
    address: Address
    unknown: str = ""


class Variables:
    """What `set` and `map` may put into a variable."""

    def __init__(self, above: Variables | None = None) -> None:
        self._above = above
        self._values: dict[str, list[str]] = {}

    def add(self, name: str, values: list[str]) -> None:
        """Notes values a variable may get."""
        known = self._values.setdefault(name.lstrip("$").strip("{}"), [])
        known += [value for value in values if value not in known]

    def values(self, name: str) -> list[str]:
        """Every value a variable may have; none when nothing here sets it."""
        found = self._values.get(name)
        if found is None:
            return self._above.values(name) if self._above is not None else []
        return found

    def expand(self, text: str) -> list[str]:
        """The texts a text with variables may come to; those nobody sets stay in it.

        Only the first twenty variables are followed, and at most fifty results kept.
        """
        done = [text]
        for _ in range(20):
            more: list[str] = []
            changed = False
            for one in done:
                options = self._first(one)
                changed = changed or options != [one]
                more += options
            done = list(dict.fromkeys(more))[:_MOST_VALUES]
            if not changed:
                break
        return done

    def _first(self, text: str) -> list[str]:
        for found in _VARIABLE.finditer(text):
            values = self.values(found[1] or found[2])
            if values:
                return [text[: found.start()] + value + text[found.end() :] for value in values if len(value) < 1000]
        return [text]


def parse_target(text: str, scheme_default: str = "") -> Target:
    """The target of a pass directive: scheme, authority, and the address it stands for."""
    found = _SCHEME.match(text)
    scheme = found[1].lower() if found else scheme_default
    rest = text[found.end() :] if found else text
    if rest.startswith("unix:"):
        path = rest[5:].split(":", 1)[0]
        return Target(scheme, rest, Address(socket=path))
    authority = re.split(r"[/?]", rest, maxsplit=1)[0]
    uri = _URI_VARIABLE.search(authority)
    authority = authority[: uri.start()] if uri else authority
    port = _SCHEMES.get(scheme.strip("${}"))
    address = parse_address(authority, port)
    if FILLED.search(authority):
        if address is not None and address.host and not FILLED.search(address.host):
            return Target(scheme, authority, address)  # only the port is filled in; the name is enough to go by
        why = "when a request comes" if "$" in authority else "by a template"
        why = f"the target {authority} is filled in {why}"
        return Target(scheme, authority, Address(port=address.port if address else None), why)
    if address is None or not authority:
        return Target(scheme, authority, Address(), f"{text!r} is no address")
    return Target(scheme, authority, address)


def parse_address(text: str, port: int | None) -> Address | None:
    """A `host`, `host:port`, `[v6]:port` or `unix:/path` as an address; None for what is none."""
    if text.startswith("unix:"):
        return Address(socket=text[5:])
    found = _HOST_PORT.fullmatch(text)
    if found is None:
        return None
    host = found[1].strip("[]")
    if found[2] is None:
        return Address(host=host, port=port)
    if re.fullmatch(r"\d{1,5}", found[2]) and 0 < int(found[2]) < 65536:
        return Address(host=host, port=int(found[2]))
    return Address(host=host, port=None) if FILLED.search(found[2]) else None


def read_upstream(directive: Directive, block: list[Directive], settings: Settings, port: int | None) -> Upstream:
    """An upstream group from its block; `settings` are those read already, named "upstream ..."."""
    name = directive.texts[0] if directive.texts else ""
    group = Upstream(name, directive.span, settings=dict(settings))
    label = f"upstream {name}"
    keepalive = next((at for at, d in enumerate(block) if d.name == "keepalive"), None)
    servers: list[Setting] = []
    for at, inner in enumerate(block):
        if inner.name == "server" and inner.texts:
            _server(group, inner, servers, label, port)
        elif inner.name in _METHODS and keepalive is not None and at > keepalive:
            found = Setting("upstream method after keepalive", inner.name, inner.span, scope=label)
            group.settings[found.name] = (found,)
        elif inner.name.startswith("balancer_by_lua"):
            group.settings["upstream balancer_by_lua"] = (
                Setting("upstream balancer_by_lua", "", inner.span, scope=label),
            )
    # Which group, and which address, say nothing of timers: the scope and the link name them.
    group.settings["upstream"] = (Setting("upstream", "", directive.span, scope=label),)
    group.settings["upstream server"] = tuple(servers)
    return group


def _server(group: Upstream, inner: Directive, servers: list[Setting], label: str, port: int | None) -> None:
    texts = inner.texts
    if "down" in texts[1:]:
        return
    address = parse_address(texts[0], port)
    if address is None:
        return
    span = inner.span
    group.servers.append(Server(address, span, "backup" in texts[1:], FILLED.search(address.host) is not None))
    servers.append(Setting("upstream server", " ".join(texts[1:]), span, scope=label))
