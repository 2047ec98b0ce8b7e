"""Links that stand in the environment: a workload with DATABASE_URL or REDIS_HOST connects to what it names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from tochain.model.component import Address, Component, Link, Workload
from tochain.products.dsn import Dsn, driver_of, driver_settings, dsn_link, parse_dsn
from tochain.products.facts import TEMPLATE
from tochain.products.programs import image_name

__all__ = ["with_dsn_links"]

_HOST = re.compile(
    r"(?P<name>(?:\w+_)?(?P<what>DB|DATABASE|POSTGRES(?:QL)?|PG|MYSQL|MARIADB|REDIS|VALKEY|RABBITMQ|AMQP|MONGO(?:DB)?"
    r"|MEMCACHED?|ELASTICSEARCH|OPENSEARCH|KAFKA|NATS|MQTT)(?:_MASTER|_SERVER|_CACHE|_BROKER)?)"
    r"_?(?:HOST|HOSTNAME|SERVER|ADDR|ADDRESS)"
)
_USUAL = {
    "postgresql": (5432, "POSTGRES POSTGRESQL PG"), "mysql": (3306, "MYSQL MARIADB"), "redis": (6379, "REDIS VALKEY"),
    "amqp": (5672, "RABBITMQ AMQP"), "mongodb": (27017, "MONGO MONGODB"), "memcached": (11211, "MEMCACHED MEMCACHE"),
    "http": (9200, "ELASTICSEARCH OPENSEARCH"), "kafka": (9092, "KAFKA"), "nats": (4222, "NATS"),
    "mqtt": (1883, "MQTT"),
}  # fmt: skip
_KINDS = {name: (protocol, port) for protocol, (port, names) in _USUAL.items() for name in names.split()}
_KAFKA = re.compile(
    r"(?:\w+_)?(?:KAFKA_(?:BROKERS?|BROKER_(?:LIST|URL)|SERVERS?|HOSTS)|(?:KAFKA_\w*)?BOOTSTRAP_?SERVERS?)"
)
_OWN = frozenset(
    "public external base root site frontend domain origin origins callback redirect webhook allowed advertised "
    "trusted listen cors issuer self doc docs help home logo support discovery hub registry mirror repo download no "
    "hostname otel urls aspnetcore".upper().split()
)
"""Variables that name the program itself to others, or a page for people, and no peer of it."""
_INFRASTRUCTURE = re.compile(
    r"(?i).*(clickhouse|elasticsearch|opensearch|kibana|minio|nats|jaeger|redis|valkey|mysql|mariadb|postgres|mongo|rabbitmq|kafka"
    r"|zookeeper|prometheus|grafana|memcached|mosquitto|nginx|traefik|haproxy|varnish|mailhog|mailpit|embeddings).*"
)
"""Images that connect to no database of an application, whatever a file of variables shared by all services says."""


_NOWHERE = frozenset({"", "*", "+", "%", "0.0.0.0", "::"})  # noqa: S104 - compared with, never bound
_WEB = frozenset({"http", "https", "ws", "wss", "tcp", "grpc", "smtp", "unix"})


def with_dsn_links(components: list[Component], workloads: Iterable[Workload]) -> list[Component]:
    """The components with a link for each peer their workload's environment names.

    A URL that sets timers makes a client of its driver's product; the others are links of a client nobody knows, or of
    the program itself where nobody knows that either. What a reader has linked already is left alone.
    """
    done = list(components)
    inside: dict[str, list[int]] = {}
    for at, component in enumerate(done):
        if component.workload:
            inside.setdefault(component.workload, []).append(at)
    for workload in workloads:
        mine = inside.get(workload.key, [])
        known = {_address(link.target) for at in mine for link in done[at].links}
        found = [link for link in _links(workload) if _address(link[0].target) not in known]
        plain = [link for link, dsn in found if dsn is None or not driver_settings(dsn)]
        plain = _given_to_client(done, mine, plain)
        if plain and not mine:
            done.append(_program(workload, tuple(plain)))
        elif plain and not any(done[at].kind in ("database", "broker") for at in mine):
            done.append(_caller(workload, tuple(plain)))
        done += [_client(workload, dsn, link) for link, dsn in found if dsn is not None and driver_settings(dsn)]
    return done


def _given_to_client(components: list[Component], mine: list[int], links: list[Link]) -> list[Link]:
    """Puts the web addresses of a program's environment into its one HTTP client whose addresses nobody saw; the rest.

    `http.Client{...}` and API_URL=http://api:8080 beside it: where the code takes its address from is not followed.
    """
    web = [link for link in links if link.protocol == "http" and not link.unknown]
    lost = [at for at in mine if any(_lost(link) for link in components[at].links)]
    if (
        not web
        or len(lost) != 1
        or any(link.protocol == "http" and not _lost(link) for link in components[lost[0]].links)
    ):
        return links
    client = components[lost[0]]
    kept = tuple(link for link in client.links if not _lost(link))
    own = tuple(
        replace(link, target=given.target, label=given.label, unknown="")
        for link in client.links
        if _lost(link)
        for given in web
    )
    components[lost[0]] = replace(client, links=(*kept, *own))
    return [link for link in links if link not in web]


def _lost(link: Link) -> bool:
    """Whether a link of an HTTP client leads nowhere known."""
    return link.protocol == "http" and bool(link.unknown) and bool(link.settings)


def _address(target: Address) -> tuple[str, int | None, str]:
    return target.host.lower(), target.port, target.socket


def _links(workload: Workload) -> list[tuple[Link, Dsn | None]]:
    found: dict[tuple[str, int | None, str], tuple[Link, Dsn | None]] = {}
    shared = workload.image is not None and _INFRASTRUCTURE.fullmatch(image_name(workload.image)) is not None
    for name, word in workload.env.items():
        if shared and word.span.path != workload.span.path:
            continue
        dsn = parse_dsn(word.text, word.span) or _libpq(workload, name)
        link = dsn_link(dsn, name) if dsn is not None and _peer(workload, name, dsn) else None
        link = link or _by_host(workload, name) or _by_list(workload, name)
        if link is not None:
            found.setdefault(_address(link.target) if not link.unknown else (name, None, ""), (link, dsn))
    return list(found.values())


def _peer(workload: Workload, name: str, dsn: Dsn) -> bool:
    """Whether a URL names somebody to connect to: of the web only when its host is a bare name."""
    if dsn.unknown:
        return driver_of(dsn) != ""
    if _OWN.intersection(name.upper().split("_")) or dsn.host in workload.names or dsn.host in _NOWHERE:
        return False
    bare = "." not in dsn.host or dsn.host.endswith((".svc", ".local", ".internal"))
    return dsn.scheme not in _WEB or (bare and dsn.host not in ("localhost", ""))


def _by_host(workload: Workload, name: str) -> Link | None:
    """DB_HOST with DB_PORT, REDIS_HOST and their like; a database without a kind takes its kind from the port."""
    found = _HOST.fullmatch(name)
    word = workload.env[name]
    if found is None or not re.fullmatch(r"[^\s/,]+", word.text) or word.text.isdecimal():
        return None
    if word.text in workload.names or word.text in _NOWHERE:
        return None
    if TEMPLATE.search(word.text):
        return Link(Address(), word.span, label=name, unknown=f"filled in later: {word.text[:60]}")
    host, _, own_port = word.text.partition(":")
    given = next(
        (w.text for key in (f"{found['name']}_PORT", f"{found['name']}PORT") if (w := workload.env.get(key))), own_port
    )
    protocol, port = _kind(found["what"], given, workload)
    return Link(Address(host, port), word.span, protocol=protocol, label=name) if port is not None else None


def _libpq(workload: Workload, name: str) -> Dsn | None:
    """PGHOST where PGCONNECT_TIMEOUT stands beside it: both are libpq's own."""
    timeout, port = workload.env.get("PGCONNECT_TIMEOUT"), workload.env.get("PGPORT")
    word = workload.env[name]
    if name != "PGHOST" or timeout is None or TEMPLATE.search(word.text) or not re.fullmatch(r"[\w.-]+", word.text):
        return None
    number = int(port.text) if port is not None and port.text.isdecimal() else 5432
    return Dsn("postgresql", word.text, number, word.span, {"connect_timeout": timeout})


def _by_list(workload: Workload, name: str) -> Link | None:
    """The first of Kafka's brokers: KAFKA_BROKERS, KAFKA_BOOTSTRAP_SERVERS and their like."""
    word = workload.env[name]
    first = re.match(r"\s*(?:\w+://)?([\w.-]+):(\d{1,5})\s*(?:,|$)", word.text) if _KAFKA.fullmatch(name) else None
    if first is None or first[1] in workload.names:
        return None
    return Link(Address(first[1], int(first[2])), word.span, protocol="kafka", label=name)


def _kind(what: str, port: str, workload: Workload) -> tuple[str, int | None]:
    protocol, usual = _KINDS.get(what, ("", None))
    if not protocol:
        by_port = {"5432": "postgresql", "6432": "postgresql", "3306": "mysql", "27017": "mongodb", "1433": "tds"}
        protocol = by_port.get(port, "") or _told(workload)
        usual = next((number for name, number in _KINDS.values() if name == protocol), None)
    return protocol, int(port) if port.isdecimal() and int(port) < 65536 else usual


def _told(workload: Workload) -> str:
    """The kind of database that other variables tell: DB_CONNECTION=mysql, DB_ENGINE=django...postgresql."""
    text = " ".join(
        w.text.lower() for n, w in workload.env.items() if re.search(r"(?i)db|database", n) and len(w.text) < 60
    )
    return next(
        (p for word, p in (("postgres", "postgresql"), ("mysql", "mysql"), ("maria", "mysql")) if word in text), ""
    )


def _program(workload: Workload, links: tuple[Link, ...]) -> Component:
    """A workload whose program nobody knows: what it connects to is all there is to say."""
    listens = tuple(Address(port=port) for port in dict.fromkeys(workload.ports.values()))
    return Component(
        f"server:{workload.key}", workload.name, "server", workload.span, scope=workload.scope, listens=listens,
        names=workload.names, workload=workload.key, links=links,
    )  # fmt: skip


def _caller(workload: Workload, links: tuple[Link, ...]) -> Component:
    """What a known program connects to with clients nobody knows: its own times as a server or proxy are not theirs."""
    return Component(
        f"client:{workload.key}", workload.name, "client", links[0].span, "client", scope=workload.scope, links=links,
        workload=workload.key, files=(links[0].span.path,),
    )  # fmt: skip


def _client(workload: Workload, dsn: Dsn, link: Link) -> Component:
    product, variant = driver_of(dsn), dsn.variant
    settings = driver_settings(dsn)
    return Component(
        f"{product}:{workload.key}#{link.label}", workload.name, product, dsn.span, "client", variant=variant,
        scope=workload.scope, settings=settings, links=(replace(link, settings=settings),), workload=workload.key,
        files=(dsn.span.path,), protocol=link.protocol,
    )  # fmt: skip
