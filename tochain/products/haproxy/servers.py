"""Server and bind lines: where they point, and the settings among their options."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tochain.formats.haproxy import Line, Word
from tochain.model.component import Address
from tochain.model.fact import Setting, Settings
from tochain.model.span import Span
from tochain.products.haproxy.lines import text_of

__all__ = ["Server", "addresses", "bind_settings", "options", "read_server"]

_VALUES = {
    "inter": "inter", "fastinter": "fastinter", "downinter": "downinter", "rise": "rise", "fall": "fall",
    "agent-inter": "agent-inter", "slowstart": "slowstart", "pool-purge-delay": "pool-purge-delay",
    "pool-max-conn": "pool-max-conn", "pool-low-conn": "pool-low-conn", "max-reuse": "max-reuse", "maxconn": "maxconn",
    "tcp-ut": "server tcp-ut", "idle-ping": "server idle-ping", "sni": "sni", "check-sni": "check-sni",
    "on-marked-down": "on-marked-down", "port": "check port", "proto": "proto", "alpn": "alpn", "resolvers": "resolvers",
}  # fmt: skip
_FLAGS = {"ssl": "ssl", "check": "check", "check-sni-auto": "check-sni", "sni-auto": "sni", "disabled": "disabled"}
_OFF = {"no-ssl": "ssl", "no-check": "check", "no-check-ssl": "check-ssl", "no-sni-auto": "sni"}
_MORE_ARGUMENTS = {
    "source": 1,
    "addr": 1,
    "cookie": 1,
    "id": 1,
    "weight": 1,
    "verify": 1,
    "ca-file": 1,
    "crt": 1,
}
_BIND = {"tcp-ut": "bind tcp-ut", "idle-ping": "bind idle-ping"}
_FAMILY = re.compile(r"(?:quic|udp|tcp|mptcp|stream\+|dgram\+|ipv)+[46]?@|stream\+|dgram\+")
_MAX_PORTS = 16


@dataclass(frozen=True, slots=True)
class Server:
    """One server line: its name, its address (or why there is none) and what its options set."""

    name: str
    address: Address
    span: Span
    settings: Settings
    unknown: str = ""


def read_server(line: Line, backend: str, base: Settings, env: dict[str, str]) -> Server | None:
    """A `server` or `server-template` line; None where it is cut short. `base` is what default-server presets."""
    at = 2 if line.name == "server" else 3
    if len(line.words) <= at:
        return None
    name = text_of(line.words[1], env)
    scope = f"backend {backend}, server {name}"
    own = options(line.words[at + 1 :], scope, env)
    settings = {**{key: tuple(s.inherited() for s in found) for key, found in base.items()}, **own}
    text = text_of(line.words[at], env)
    found = addresses(text)
    if _open(text) or not found:
        return Server(name, Address(text), line.span, settings, f"the address is filled in from {text}")
    if text.startswith(("rhttp@", "rev@")):
        return Server(name, Address(text), line.span, settings, "the server connects to HAProxy (reverse HTTP)")
    if found[0] == Address():
        return Server(name, found[0], line.span, settings, "the target is the address the client dialled")
    return Server(name, found[0], line.span, settings)


def _open(text: str) -> bool:
    return "$" in text or "{{" in text or "{%" in text or "%[" in text


def options(words: tuple[Word, ...], scope: str, env: dict[str, str]) -> Settings:
    """The settings among the options of a server or default-server line; each points at its own words."""
    found: Settings = {}
    at = 0
    while at < len(words):
        word = words[at]
        step = 1
        if word.text in _VALUES and at + 1 < len(words):
            span = Span(word.span.path, word.span.start, words[at + 1].span.end)
            found[_VALUES[word.text]] = (Setting(_VALUES[word.text], text_of(words[at + 1], env), span, scope=scope),)
            step = 2
        elif word.text in _FLAGS:
            found[_FLAGS[word.text]] = (Setting(_FLAGS[word.text], "on", word.span, scope=scope),)
        elif word.text in _OFF:
            found[_OFF[word.text]] = (Setting(_OFF[word.text], "off", word.span, scope=scope),)
        else:
            step += _MORE_ARGUMENTS.get(word.text, 0)
        at += step
    return found


def bind_settings(line: Line, scope: str, env: dict[str, str]) -> Settings:
    """The settings among the options of a bind line."""
    found: Settings = {}
    for word in line.words[2:]:
        if word.text == "strict-sni":
            found["strict-sni"] = (Setting("strict-sni", "on", word.span, scope=scope),)
    for word, value in zip(line.words[2:], line.words[3:], strict=False):
        if word.text in _BIND:
            span = Span(word.span.path, word.span.start, value.span.end)
            found[_BIND[word.text]] = (Setting(_BIND[word.text], text_of(value, env), span, scope=scope),)
    return found


def addresses(text: str) -> list[Address]:
    """The addresses of a bind or server line: host and port, a socket, several with commas, a range of ports."""
    found: list[Address] = []
    for part in text.split(","):
        part = part.strip()
        family = _FAMILY.match(part)
        part = part[family.end() :] if family else part
        if part.startswith(("unix@", "/")):
            found.append(Address(socket=part.removeprefix("unix@")))
        elif part.startswith(("abns@", "abnsz@")):
            found.append(Address(socket=f"@{part.partition('@')[2]}"))
        elif part and not part.startswith(("fd@", "sockpair@")):
            found += _inet(part)
    return found


def _inet(text: str) -> list[Address]:
    host, colon, ports = text.rpartition(":")
    if not colon or text.endswith("]"):
        return [Address(_host(text))]
    first, dash, last = ports.lstrip("+").partition("-")
    if not first.isdecimal() or not 0 < int(first) < 65536 or len(first) > 5:
        return [Address(_host(host))]
    upto = min(int(last), int(first) + _MAX_PORTS - 1) if dash and last.isdecimal() and len(last) < 6 else int(first)
    return [Address(_host(host), port) for port in range(int(first), upto + 1)]


def _host(text: str) -> str:
    host = text.strip("[]")
    return "" if host in ("*", "0.0.0.0", "::", "") else host  # noqa: S104 - compared with, never bound
