"""Keyword lines to settings: which keywords carry timers, on which side of a proxy they act, and which undo others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tochain.formats.haproxy import Line, Word
from tochain.model.fact import Setting, Settings
from tochain.model.limit import Unknown

__all__ = ["BACK", "FRONT", "applies", "merged", "settings_of", "text_of"]

FRONT = frozenset({
    "timeout client", "timeout client-fin", "timeout client-hs", "timeout http-keep-alive", "timeout http-request",
    "timeout tarpit", "clitcpka-idle", "clitcpka-intvl", "clitcpka-cnt", "option clitcpka", "backlog",
    "option idle-close-on-response",
})  # fmt: skip
"""Settings that act between the client and HAProxy."""

BACK = frozenset({
    "timeout connect", "timeout server", "timeout server-fin", "timeout queue", "timeout tunnel", "timeout check",
    "srvtcpka-idle", "srvtcpka-intvl", "srvtcpka-cnt", "option srvtcpka", "retries", "retry-on", "option redispatch",
    "http-reuse",
})  # fmt: skip
"""Settings that act between HAProxy and a server."""

_VALUES = frozenset({
    "retries", "http-reuse", "clitcpka-idle", "clitcpka-intvl", "clitcpka-cnt", "srvtcpka-idle", "srvtcpka-intvl",
    "srvtcpka-cnt", "backlog", "hard-stop-after", "grace", "close-spread-time", "mode", "fullconn",
    "tune.h2.fe.max-total-streams", "tune.quic.fe.max-idle-timeout",
})  # fmt: skip
_OLD = {"clitimeout": "timeout client", "srvtimeout": "timeout server", "contimeout": "timeout connect"}
_MODES = ("option http-keep-alive", "option http-server-close", "option httpclose")
_OPTIONS = frozenset(
    {"redispatch", "clitcpka", "srvtcpka", "idle-close-on-response", "abortonclose", "http-buffer-request"}
)
_PROTOCOL_CHECKS = {"mysql-check": "mysql", "pgsql-check": "postgresql", "redis-check": "redis", "ldap-check": "ldap"}
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)\}?")


def text_of(word: Word, env: dict[str, str]) -> str:
    """A word with the variables that are known put in; the others stay as written."""
    if not word.expands:
        return word.text
    return _VARIABLE.sub(lambda found: env.get(found[1], found[0]), word.text)


def applies(line: Line) -> bool | None:
    """Whether a line is in force: False under a condition that never holds, None where that cannot be known."""
    known: list[bool | None] = [_holds(condition) for condition in line.conditions]
    if False in known:
        return False
    return None if None in known else True


def _holds(condition: str) -> bool | None:
    words = condition.split()
    if words in (["0"], ["not", "1"]):
        return False
    if words in (["1"], ["not", "0"]):
        return True
    return None


def settings_of(lines: list[Line], scope: str, env: dict[str, str]) -> Settings:
    """The settings of one section's own lines; of two that say the same the later one counts."""
    found: Settings = {}
    for line in lines:
        sure = applies(line)
        if sure is False:
            continue
        for name, text in _read(line, env):
            for other in _MODES if name in _MODES else ():
                found.pop(other, None)
            limit = None if sure else Unknown(f"depends on .if {line.conditions[-1]}")
            found[name] = (Setting(name, text, line.span, limit=limit, scope=scope),)
    return found


def _read(line: Line, env: dict[str, str]) -> Iterator[tuple[str, str]]:
    args = [text_of(word, env) for word in line.args]
    match [line.name, *args]:
        case ["timeout", kind, value, *_]:
            yield f"timeout {kind}", value
        case ["no", "option", name, *_]:
            yield from ((full, "off") for full in _option(name))
        case ["option", name, *rest]:
            yield from _switched(name, rest)
        case ["retry-on", *rest] if rest:
            yield "retry-on", " ".join(rest)
        case [("http-request" | "http-response" | "tcp-request"), *rest]:
            yield from _action(rest)
        case [name, value, *_] if name in _VALUES:
            yield name, value
        case [name, value, *_] if name in _OLD:
            yield _OLD[name], value


def _switched(name: str, rest: list[str]) -> Iterator[tuple[str, str]]:
    if name in _PROTOCOL_CHECKS:
        yield "protocol", _PROTOCOL_CHECKS[name]
    elif name == "redispatch":
        yield "option redispatch", rest[0] if rest and re.fullmatch(r"-?\d+", rest[0]) else "on"
    else:
        yield from ((full, "on") for full in _option(name))


def _option(name: str) -> tuple[str, ...]:
    if name == "tcpka":
        return "option clitcpka", "option srvtcpka"
    if name == "forceclose":
        return ("option httpclose",)
    if f"option {name}" in _MODES or name in _OPTIONS:
        return (f"option {name}",)
    return ()


def _action(rest: list[str]) -> Iterator[tuple[str, str]]:
    """`set-timeout server 5m` without a condition is as good as the keyword; which requests are never repeated."""
    if len(rest) == 3 and rest[0] == "set-timeout":
        yield f"timeout {rest[1]}", rest[2]
    elif rest[:1] == ["disable-l7-retry"]:
        yield "disable-l7-retry", " ".join(rest[1:]) or "on"


def merged(base: Settings, own: Settings) -> Settings:
    """A section's own settings over those it starts from; one connection mode cancels the others."""
    if any(name in own for name in _MODES):
        base = {name: found for name, found in base.items() if name not in _MODES}
    return {**{name: tuple(setting.inherited() for setting in found) for name, found in base.items()}, **own}
