"""Kafka: server.properties of brokers, producer and consumer properties of clients, image variables of brokers."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

from tochain.formats.keyvalue import Entries, parse_properties
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, known_settings, pick, tell_lines, written
from tochain.products.kafka.confluent import kafka_version
from tochain.products.programs import Program

__all__ = ["read"]

PRODUCT = "kafka"
PROGRAM = Program(
    re.compile(r"(cp-|ubi-)?(kafka|enterprise-kafka|cp-server)(-native)?"),
    frozenset({"kafka-server-start.sh", "kafka-server-start"}),
)
_LISTENER = re.compile(r"(?:\w+:)?//[^,\s:]*:(\d{1,5})")
_PREFIXES = ("KAFKA_CFG_", "KAFKA_")
_IDLE = "connections.max.idle.ms"


def read(ctx: Context) -> Extract:
    """One broker for each workload or server file, one client for each client file."""
    servers: list[Found] = []
    clients: list[Found] = []
    for source in ctx.files:
        entries = ctx.parsed(source, parse_properties)
        server = _is_server(entries)
        if not server and entries.get("bootstrap.servers") is None:
            continue
        tell_lines(ctx, source, entries)
        (servers if server else clients).append(_server(source, entries) if server else _client(source, entries))
    made = components(ctx, servers, PRODUCT, PROGRAM, kind="broker", protocol="kafka", port=9092)
    nobody = Program(re.compile(r"(?!)"), frozenset())
    callers = components(ctx, clients, PRODUCT, nobody, kind="client", protocol="kafka")
    started = {workload.key: workload for workload in ctx.workloads}
    made = [replace(c, versions=kafka_version(started[c.workload], PROGRAM)) if c.workload else c for c in made]
    return Extract([*made, *callers, *_started(ctx, {c.workload for c in made})])


def _is_server(entries: Entries) -> bool:
    return any(entries.get(key) for key in ("broker.id", "node.id", "process.roles", "log.dirs", "zookeeper.connect"))


def _server(source: SourceFile, entries: Entries) -> Found:
    line = entries.get("listeners") or entries.get("advertised.listeners")
    ports = _LISTENER.findall(line.value) if line is not None else []
    return Found(source, pick(entries.entries, PRODUCT), listens=[Address(port=int(port)) for port in ports])


def _client(source: SourceFile, entries: Entries) -> Found:
    settings = pick(entries.entries, PRODUCT, lambda key: f"client {key}" if key == _IDLE else key)
    servers = entries.get("bootstrap.servers")
    links = _links(servers.value, servers.value_span) if servers is not None else []
    name = entries.get("client.id") or entries.get("group.id")
    return Found(
        source, settings, links=links, variant="client", name=name.value if name else PurePosixPath(source.path).stem
    )


def _links(text: str, span: Span) -> list[Link]:
    found = []
    for part in text.split(","):
        host, _, port = part.strip().rpartition(":")
        if "$" in part or "{" in part:
            found.append(Link(Address(), span, protocol="kafka", unknown=f"filled in later: {part.strip()[:60]}"))
        elif host:
            found.append(Link(Address(host, int(port) if port.isdecimal() else 9092), span, protocol="kafka"))
    return found[:1]


def _started(ctx: Context, read: set[str]) -> list[Component]:
    return [_of_image(workload) for workload in PROGRAM.of(ctx.workloads) if workload.key not in read]


def _of_image(workload: Workload) -> Component:
    variables = [
        (name, word.text, word.span)
        for name in known_settings(PRODUCT)
        if "_" not in name  # the spelling of Python's clients, which would be the same variable once more
        for prefix in _PREFIXES
        if (word := workload.env.get(prefix + name.upper().replace(".", "_"))) is not None
    ]
    listeners = next(
        (
            w
            for n in ("KAFKA_LISTENERS", "KAFKA_CFG_LISTENERS", "KAFKA_ADVERTISED_LISTENERS")
            if (w := workload.env.get(n))
        ),
        None,
    )
    ports = dict.fromkeys(_LISTENER.findall(listeners.text)) if listeners is not None else {}
    return Component(
        f"{PRODUCT}:{workload.key}", workload.name, PRODUCT, workload.span, "broker", kafka_version(workload, PROGRAM),
        scope=workload.scope, settings=written(PRODUCT, variables), names=workload.names, protocol="kafka",
        listens=tuple(Address(port=int(port)) for port in ports) or (Address(port=9092),), workload=workload.key,
        files=(workload.span.path,),
    )  # fmt: skip
