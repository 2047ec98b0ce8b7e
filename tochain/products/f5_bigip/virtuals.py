"""BIG-IP's virtual servers, whatever form they are written in: who listens, which profiles, which members."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tochain.model.component import Address
from tochain.model.fact import Setting, Settings
from tochain.model.limit import NEVER, Finite, Limit
from tochain.model.span import Span

__all__ = ["CLIENT_IDLE", "SERVER_IDLE", "Member", "Property", "Virtual", "address", "setting"]

CLIENT_IDLE = "tcp idle-timeout (client side)"
SERVER_IDLE = "tcp idle-timeout (server side)"

_SERVICES = {
    "http": 80,
    "https": 443,
    "any": 0,
    "ssh": 22,
    "mysql": 3306,
    "postgresql": 5432,
    "ldap": 389,
    "ldaps": 636,
}
_OPEN = re.compile(r"[${}]|\{%")


@dataclass(frozen=True, slots=True)
class Property:
    """One value of a profile, pool or monitor with its place."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Member:
    """A pool member: where it is, or why that cannot be known."""

    address: Address
    span: Span
    unknown: str = ""


@dataclass(slots=True)
class Virtual:
    """A virtual server; `kinds` are the kinds of profiles it has (tcp, fastl4, http, one-connect, server-ssl ...)."""

    name: str
    span: Span
    listens: list[Address] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    settings: Settings = field(default_factory=dict)
    members: list[Member] = field(default_factory=list)
    pool: str = ""

    def add(self, name: str, value: Property | None, scope: str) -> None:
        """Adds a setting that is written."""
        if value is not None:
            self.settings[name] = (setting(name, value, scope),)

    def add_all(self, names: Iterable[tuple[str, str]], values: dict[str, Property], scope: str) -> None:
        """Adds the settings whose property is written, by (property, setting)."""
        for key, name in names:
            self.add(name, values.get(key), scope)


def setting(name: str, value: Property, scope: str) -> Setting:
    """A property as a setting, BIG-IP's words for times included."""
    return Setting(name, value.text, value.span, limit=_limit(value.text), scope=scope)


def _limit(text: str) -> Limit | None:
    if text in ("indefinite", "-1"):
        return NEVER
    return Finite(0) if text == "immediate" else None


def address(text: str, service: str = "") -> tuple[Address, str]:
    """A destination or member such as /Common/10.0.0.1%2:443 or 2001:db8::1.443; and why it cannot be known."""
    if _OPEN.search(text + service):
        return Address(text), f"the address is filled in from {text}"
    plain = text.rpartition("/")[2]
    host, port = plain, service
    if not service:
        dotted = plain.count(":") > 1
        host, _, port = plain.rpartition("." if dotted else ":")
        if not host:
            host, port = plain, ""
    host = host.partition("%")[0]
    host = "" if host in ("0.0.0.0", "any", "any6", "::") else host  # noqa: S104 - compared with, never bound
    number = int(port) if port.isdecimal() and len(port) < 6 else _SERVICES.get(port)
    return Address(host, number or None), ""
