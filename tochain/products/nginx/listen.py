"""What a virtual server listens on, and how it is called."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tochain.formats.nginx import Directive
from tochain.model.component import Address
from tochain.model.fact import Setting, Settings
from tochain.products.nginx.levels import FILLED, Reader, fill
from tochain.products.nginx.targets import parse_address
from tochain.products.nginx.times import parse_time

__all__ = ["Listening", "keepalive_parts", "listening", "server_names"]

_PORT: Final = re.compile(r"\d{1,5}")
_RANGE: Final = re.compile(r"(.*?)(\d{1,5})-(\d{1,5})")
_MOST_PORTS: Final = 100


@dataclass(slots=True)
class Listening:
    """The addresses of a server, what its `listen` lines say of sockets, and words such as tls and http2.

    `first` marks the server that answers when no name fits.
    """

    addresses: list[Address] = field(default_factory=list)
    sockets: dict[Address, Settings] = field(default_factory=dict)
    traits: set[str] = field(default_factory=set)
    first: bool = False


def listening(directives: list[Directive], reader: Reader, complain: Callable[[Directive, str], None]) -> Listening:
    """Reads every `listen` of a server; without any nginx listens on port 80 of every address."""
    out = Listening()
    lines = [directive for directive in directives if directive.name == "listen"]
    for directive in lines:
        texts = tuple(fill(text, reader.env) for text in directive.texts)
        if not texts:
            complain(directive, "listen names no address")
            continue
        addresses = _addresses(texts[0])
        if not addresses:
            why = "is filled in later" if FILLED.search(texts[0]) else "is no address"
            complain(directive, f"listen: {texts[0]} {why}")
        out.addresses += [address for address in addresses if address not in out.addresses]
        _options(directive, texts[1:], addresses, reader, out)
    if not lines:
        out.addresses.append(Address(port=80))
    return out


def _addresses(text: str) -> list[Address]:
    if _PORT.fullmatch(text):
        return [Address(port=int(text))] if 0 < int(text) < 65536 else []
    span = _RANGE.fullmatch(text)
    if span is not None and (not span[1] or span[1].endswith(":")) and not text.startswith("unix:"):
        first, last = int(span[2]), int(span[3])
        ports = range(first, min(last, first + _MOST_PORTS, 65535) + 1)
        return [Address(host=_any(span[1].rstrip(":").strip("[]")), port=port) for port in ports]
    address = parse_address(text, 80)
    if address is None or FILLED.search(text):
        return []
    return [address if address.socket else Address(host=_any(address.host), port=address.port)]


def _any(host: str) -> str:
    return "" if host in ("*", "0.0.0.0", "::") else host  # noqa: S104 - an address read, not one bound


def _options(
    directive: Directive, words: tuple[str, ...], addresses: list[Address], reader: Reader, out: Listening
) -> None:
    for word in words:
        if word in ("default_server", "default"):
            out.first = True
        elif word in ("ssl", "http2", "quic", "udp", "proxy_protocol"):
            out.traits.add("tls" if word == "ssl" else word)
        elif word.startswith("so_keepalive="):
            settings = _keepalive(directive, word[len("so_keepalive=") :], reader)
            out.sockets.update(dict.fromkeys(addresses, settings))


def _keepalive(directive: Directive, value: str, reader: Reader) -> Settings:
    """The setting for `on`, `off`, or idle:interval:count of which each may be left out for the kernel's value."""
    try:
        if value not in ("on", "off") and not FILLED.search(value):
            keepalive_parts(value)
    except ValueError as error:
        return {"so_keepalive": (reader.refuse("so_keepalive", value, directive, "listen", str(error)),)}
    return {"so_keepalive": (Setting("so_keepalive", value, directive.span, scope="listen"),)}


def keepalive_parts(value: str) -> tuple[int | None, int | None, int | None]:
    """Idle time and interval in milliseconds and the count of an idle:interval:count; None is the kernel's own.

    Raises ValueError where nginx refuses to start.
    """
    parts = [*value.split(":", 2), "", ""][:3]
    idle, interval = (parse_time(part, whole_seconds=True) or None if part else None for part in parts[:2])
    if parts[2] and not re.fullmatch(r"\d{1,9}", parts[2]):
        raise ValueError(f'invalid so_keepalive value "{value}"; the count is no number')
    count = int(parts[2] or 0) or None
    if idle is None and interval is None and count is None:
        raise ValueError(f'invalid so_keepalive value "{value}"; expected on, off or idle:interval:count')
    return idle, interval, count


def server_names(directives: list[Directive]) -> tuple[str, ...]:
    """The names of a server that are plain or wildcards; expressions and the catch-all `_` are left out."""
    found: dict[str, None] = {}
    for directive in directives:
        if directive.name == "server_name":
            names = (name.lower() for name in directive.texts)
            found.update(dict.fromkeys(n for n in names if n not in ("", "_") and n[0] != "~" and not FILLED.search(n)))
    return tuple(found)
