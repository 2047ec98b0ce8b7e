"""Directives and worker parameters to settings, with httpd's own ways of reading times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tochain.formats.apache import Arg, Directive
from tochain.model.fact import Setting, Settings
from tochain.model.issue import Issue
from tochain.model.limit import Finite, Limit
from tochain.model.span import Span

__all__ = ["Found", "parameters", "server_settings"]

_SECONDS_ONLY = frozenset({"timeout", "proxytimeout", "gracefulshutdowntimeout", "ttl", "retry", "addressttl"})
"""What is read up to the first character that is no digit, whatever unit follows."""

_NAMES = {
    name.lower(): name
    for name in (
        "KeepAlive", "KeepAliveTimeout", "MaxKeepAliveRequests", "Timeout", "ProxyTimeout", "GracefulShutdownTimeout",
        "H2StreamTimeout", "ListenBacklog", "Protocols",
    )
}  # fmt: skip
_PARAMETERS = frozenset({
    "connectiontimeout", "timeout", "ttl", "smax", "max", "min", "disablereuse", "enablereuse", "acquire", "ping",
    "keepalive", "retry", "maxattempts", "addressttl", "hcinterval", "hcmethod", "hcpasses", "hcfails", "upgrade",
})  # fmt: skip
_MILLIS = frozenset({"acquire"})
_TIMES = frozenset({"keepalivetimeout", "connectiontimeout", "ping", "h2streamtimeout", "hcinterval", "acquire"})
_UNITS = {"ms": 1_000, "s": 1_000_000, "mi": 60_000_000, "min": 60_000_000, "h": 3_600_000_000, "": 1_000_000}


@dataclass(slots=True)
class Found:
    """Settings, and what is wrong with how they are written."""

    settings: Settings = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)

    def add(self, setting: Setting) -> None:
        """Keeps a setting; of two with one name the later counts."""
        self.settings[setting.name] = (setting,)


def server_settings(directives: Iterable[Directive], scope: str, *, virtual: bool) -> Found:
    """The settings of a main server or virtual host; a 0 in a virtual host means what the main server says."""
    found = Found()
    for directive in directives:
        if directive.block is not None or not directive.args:
            continue
        name = _NAMES.get(directive.low)
        if name is not None:
            text = directive.texts[0]
            if not (virtual and text == "0" and name in ("Timeout", "KeepAliveTimeout")):
                _add(found, name, text, directive.span, scope)
        elif directive.low == "requestreadtimeout":
            _request_read(found, directive, scope)
        elif directive.low == "setenv" and directive.texts[0] in ("proxy-nokeepalive", "proxy-initial-not-pooled"):
            found.add(Setting(directive.texts[0], "on", directive.span, scope=scope))
    return found


def _request_read(found: Found, directive: Directive, scope: str) -> None:
    for arg in directive.args:
        part, _, value = arg.text.partition("=")
        first = re.match(r"(\d{1,9})", value)
        if part.lower() in ("header", "body", "handshake"):
            limit = Finite(int(first[1]) * 1_000_000) if first and int(first[1]) else None
            text = value if limit else "0" if first else value
            name = f"RequestReadTimeout {part.lower()}"
            found.add(Setting(name, text, arg.span, limit=limit, scope=scope))


def _add(found: Found, name: str, text: str, span: Span, scope: str) -> None:
    limit, issue = _limit(name, text, span)
    found.add(Setting(name, text, span, limit=limit, scope=scope))
    if issue is not None:
        found.issues.append(issue)


def _limit(name: str, text: str, span: Span) -> tuple[Limit | None, Issue | None]:
    number = re.fullmatch(r"(\d{1,12})([A-Za-z]*)", text)
    if number is None or not number[2]:
        return None, None
    low, unit = name.lower(), number[2].lower()
    if low in _SECONDS_ONLY:
        said = f"{name} {text} is {int(number[1])} seconds: httpd ignores the unit here"
        issue = Issue("suspicious-unit", name, text, span, said) if unit != "s" else None
        return Finite(int(number[1]) * 1_000_000), issue
    if low in _TIMES and unit in _UNITS:
        return Finite(int(number[1]) * _UNITS[unit]), None
    return None, None


def parameters(args: Iterable[Arg], scope: str) -> Found:
    """The `key=value` parameters of a worker, as ProxyPass, BalancerMember and ProxySet have them."""
    found = Found()
    for arg in args:
        name, equals, value = arg.text.partition("=")
        if equals and name.lower() in _PARAMETERS:
            for setting_name, text in _renamed(name.lower(), value):
                _add(found, setting_name, text, arg.span, scope)
    return found


def _renamed(name: str, value: str) -> Iterator[tuple[str, str]]:
    if name == "disablereuse":
        yield "enablereuse", "off" if value.lower() == "on" else "on"
    else:
        yield name, value
