"""RabbitMQ: rabbitmq.conf, and the plain pairs among the Erlang terms of rabbitmq.config and advanced.config."""

from __future__ import annotations

import re

from tochain.formats.ini import parse_rabbitmq
from tochain.formats.keyvalue import Entries
from tochain.model.component import Address
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, given, known_settings, pick, tell_lines
from tochain.products.programs import Program
from tochain.products.rabbitmq import ldap
from tochain.products.rabbitmq.ldap import directories

__all__ = ["read"]

PRODUCT = "rabbitmq"
PROGRAM = Program(re.compile(r"rabbitmq.*|.*-rabbitmq"), frozenset({"rabbitmq-server"}))
_LISTENER = re.compile(
    r"(?:stomp\.|mqtt\.|web_stomp\.|web_mqtt\.)?listeners\.(?:tcp|ssl)\.[\w$-]+|management\.tcp\.port"
)
_PORT = re.compile(r"(?:.*:)?(\d{1,5})")
_TERM = re.compile(r"\{\s*(\w+)\s*,\s*(\d+|undefined|infinity)\s*\}")
_COMMENT = re.compile(r"(?m)%.*$")


def read(ctx: Context) -> Extract:
    """One broker for each workload or file; several files of one workload are one broker."""
    found: list[Found] = []
    pools: list[Found] = []
    for path, source, entries in given(ctx, PROGRAM, parse_rabbitmq, ".conf"):
        if path.endswith(".config"):
            ctx.understood(source.path)
            found.append(Found(source, _terms(source), path=path))
            continue
        tell_lines(ctx, source, entries)
        found.append(Found(source, pick(entries.entries, PRODUCT), listens=_listens(entries), path=path))
        pools += directories(source, entries, path)
    brokers = components(ctx, found, PRODUCT, PROGRAM, kind="broker", protocol="amqp", port=5672)
    return Extract([*brokers, *components(ctx, pools, ldap.PRODUCT, PROGRAM, kind="client", protocol="ldap")])


def _listens(entries: Entries) -> list[Address]:
    found = []
    for line in entries.entries:
        port = _PORT.fullmatch(line.value) if _LISTENER.fullmatch(line.key) else None
        if port is not None:
            found.append(Address(port=int(port[1])))
    return found


def _terms(source: SourceFile) -> Settings:
    """`{heartbeat, 60}` and the like anywhere outside comments; `undefined` and `infinity` are never."""
    text = _COMMENT.sub(lambda note: " " * len(note[0]), source.text)
    known = known_settings(PRODUCT)
    found: Settings = {}
    for term in _TERM.finditer(text):
        if term[1] in known:
            value = "never" if term[2] in ("undefined", "infinity") else term[2]
            found[term[1]] = (Setting(term[1], value, source.span(term.start(), term.end())),)
    return found
