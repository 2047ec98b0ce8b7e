"""One reverse_proxy: its settings under the names of the facts, and where it leads."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tochain.formats.caddyfile import Token
from tochain.model.component import Address, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import Span
from tochain.products.caddy.expand import Line, Reader, filled
from tochain.products.nameless import ADDRESS, is_literal

__all__ = ["PROXIES", "Proxy", "links_to", "read_proxy", "upstream"]

PROXIES = frozenset({"reverse_proxy", "php_fastcgi", "forward_auth"})
OWN = frozenset({"lb_retries", "lb_try_duration", "lb_try_interval", "stream_timeout", "stream_close_delay"})
HEALTH = frozenset({
    "health_interval", "health_timeout", "health_fails", "health_passes", "health_uri", "health_port",
    "max_fails", "fail_duration",
})  # fmt: skip
TRANSPORT = frozenset({
    "dial_timeout", "tls_timeout", "response_header_timeout", "read_timeout", "write_timeout", "keepalive",
    "keepalive_interval",
    "keepalive_idle_conns", "keepalive_idle_conns_per_host", "tls_server_name",
})  # fmt: skip
FASTCGI = frozenset({"dial_timeout", "read_timeout", "write_timeout"})
_URL = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+]*)://)?(?P<host>\[[0-9a-fA-F:.]+\]|[^:/\[\]]*)(?::(?P<port>\d+)(?P<range>-\d+)?)?/?"
)
_PORTS = {"https": 443, "h2c": 80, "http": 80, "": 80}


@dataclass(slots=True)
class Proxy:
    """What one reverse_proxy says; `own` are settings of the component as a whole (health checks, streams)."""

    label: str
    span: Span
    upstreams: list[Token] = field(default_factory=list)
    settings: dict[str, Setting] = field(default_factory=dict)
    own: list[Setting] = field(default_factory=list)
    protocol: str = "http"
    dynamic: str = ""

    def set(self, name: str, words: tuple[Token, ...], scope: str = "") -> Setting:
        """A setting from a line: the name and its value, at the place of both."""
        value = words[1] if len(words) > 1 else words[0]
        span = Span(words[0].span.path, words[0].span.start, value.span.end)
        text = value.text if len(words) > 1 else "on"
        return Setting(name, text, span, scope=scope or self.label)


def read_proxy(reader: Reader, line: Line, path: str) -> Proxy:
    """The settings and upstreams of a reverse_proxy, php_fastcgi or forward_auth line; `path` is where it stands."""
    args = list(line.args)
    matcher = args.pop(0).text if args and _is_matcher(args[0]) else path
    proxy = Proxy(f"{line.name} {matcher}".strip(), _line_span(line), args)
    if line.name == "php_fastcgi":
        proxy.protocol = "fastcgi"
    for inner in reader.inside(line):
        _option(reader, proxy, inner)
    return proxy


def _line_span(line: Line) -> Span:
    return Span(line.words[0].span.path, line.words[0].span.start, line.words[-1].span.end)


def _is_matcher(word: Token) -> bool:
    return not word.quoted and (word.text == "*" or word.text.startswith(("/", "@")))


def _option(reader: Reader, proxy: Proxy, line: Line) -> None:
    if line.name == "to":
        proxy.upstreams += line.args
    elif line.name == "dynamic":
        proxy.dynamic = line.args[0].text if line.args else "dynamic"
        for inner in reader.inside(line):
            if inner.name == "refresh":
                proxy.settings["dynamic refresh"] = proxy.set("dynamic refresh", inner.words)
    elif line.name == "transport":
        _transport(reader, proxy, line)
    elif line.name in HEALTH:
        proxy.own.append(proxy.set(line.name, line.words))
    elif line.name in OWN:
        setting = proxy.set(line.name, line.words)
        proxy.own.append(setting) if line.name.startswith("stream_") else proxy.settings.__setitem__(line.name, setting)
    elif line.name in FASTCGI and proxy.protocol == "fastcgi":
        proxy.settings[f"fastcgi {line.name}"] = proxy.set(f"fastcgi {line.name}", line.words)


def _transport(reader: Reader, proxy: Proxy, line: Line) -> None:
    kind = line.args[0].text if line.args else "http"
    if kind == "fastcgi":
        proxy.protocol = "fastcgi"
    for inner in reader.inside(line):
        if kind == "fastcgi" and inner.name in FASTCGI:
            proxy.settings[f"fastcgi {inner.name}"] = proxy.set(f"fastcgi {inner.name}", inner.words)
        elif kind == "http" and inner.name in TRANSPORT:
            proxy.settings[inner.name] = proxy.set(inner.name, inner.words)
        elif (
            inner.name == "versions"
            and any(word.text in ("h2c", "2") for word in inner.args)
            and "1.1" not in {w.text for w in inner.args}
        ):
            proxy.protocol = "http2"
        elif inner.name == "tls":
            proxy.settings["tls"] = proxy.set("tls", inner.words)


def links_to(proxy: Proxy, settings: Settings, owner: Workload | None) -> list[Link]:
    """A link to each upstream of a proxy."""
    if proxy.dynamic:
        return [
            Link(
                Address(),
                proxy.span,
                settings,
                proxy.protocol,
                proxy.label,
                unknown=f"upstreams are looked up at run time ({proxy.dynamic})",
            )
        ]
    links = []
    encrypted: Settings = {}
    for word in proxy.upstreams:
        for target, unknown, scheme in upstream(filled(word.text, owner)):
            protocol = "http2" if scheme == "h2c" else proxy.protocol
            if scheme == "https" and not encrypted:
                encrypted = {**settings, "tls": (Setting("tls", "on", word.span, scope=proxy.label),)}
            own = encrypted if scheme == "https" else settings
            if "tls" in own and is_literal(target.host):
                own = {**own, "tls": (Setting("tls", ADDRESS, word.span, scope=proxy.label),)}
            links.append(Link(target, word.span, own, protocol, proxy.label, unknown=unknown))
    return links


def upstream(text: str) -> Iterable[tuple[Address, str, str]]:
    """What an upstream address stands for: addresses with a reason where they cannot be known, and the scheme."""
    if text.startswith("unix"):
        yield Address(socket="/" + text.partition("/")[2].lstrip("/")), "", ""
        return
    found = _URL.fullmatch(text)
    if found is None or "{" in text:
        yield Address(), f"the upstream {text} is known at run time only", ""
        return
    scheme = found["scheme"] or ""
    first = int(found["port"]) if found["port"] else _PORTS.get(scheme, 80)
    last = int(found["range"][1:]) if found["range"] else first
    host = found["host"].strip("[]") or "127.0.0.1"
    for port in range(first, min(last, first + 15, 65535) + 1):
        yield Address(host, port), "", scheme
