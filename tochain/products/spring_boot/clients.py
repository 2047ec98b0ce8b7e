"""The pools and clients Spring Boot makes from properties: data sources, Redis, AMQP, Kafka, MongoDB, LDAP, Vault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tochain.model.component import Address, Link, Word
from tochain.model.fact import Setting, Settings
from tochain.model.issue import Issue
from tochain.model.version import Versions
from tochain.products.dsn import Dsn, dsn_link, dsn_link_with_timers, parse_dsn
from tochain.products.facts import TEMPLATE
from tochain.products.javaconfig import View, relaxed, settings
from tochain.products.spring_boot.calls import CALLS
from tochain.products.spring_boot.parts import Client, first, link, renamed, server, under

__all__ = ["clients"]


def clients(view: View, versions: Versions) -> Iterator[Client]:
    """What the properties of one profile make."""
    for make in (
        _data_source, _r2dbc, _redis, _rabbit, _kafka, _mongo, _elastic, _ldap, _vault, _quartz, *CALLS,
    ):  # fmt: skip
        found = make(view, versions)
        if found is not None:
            yield found


_SIZES = (
    "minimumIdle",
    "maximumPoolSize",
    "minIdle",
    "maxIdle",
    "maxActive",
    "maxTotal",
    "testWhileIdle",
    "testOnBorrow",
)
_POOLS = (
    ("druid", ("spring.datasource.druid.",)),
    ("tomcat-jdbc", ("spring.datasource.tomcat.",)),
    ("dbcp2", ("spring.datasource.dbcp2.",)),
    ("hikaricp", ("spring.datasource.hikari.",)),
)


def _data_source(view: View, versions: Versions) -> Client | None:
    """The pool of the data sources: the one whose settings or type are there, else what the version brings."""
    sources = [
        (item, dsn)
        for item in view.values()
        if (dsn := parse_dsn(item.text, item.span)) and dsn.scheme.startswith("jdbc:")
    ]
    product, prefixes = _pool(view, versions)
    own = settings(view, product, *prefixes, also=_SIZES)
    if not sources and not own:
        return None
    links: list[Link] = []
    issues: list[Issue] = []
    for item, dsn in sources:
        label = "" if relaxed(item.name).startswith("springdatasource") else item.name
        made, more = dsn_link_with_timers(_with_properties(view, dsn), label, own, always=product != "druid")
        links.append(made)
        issues += more
    return Client(product, own, tuple(links), "pool", issues=tuple(issues))


def _pool(view: View, versions: Versions) -> tuple[str, tuple[str, ...]]:
    kind = view.get(relaxed("spring.datasource.type"))
    for product, prefixes in _POOLS:
        if under(view, *prefixes) or (
            kind is not None and product.partition("-")[0].rstrip("cp2") in kind.text.lower()
        ):
            return product, prefixes
    return _POOLS[1] if versions.surely_since((2, 0)) is False else _POOLS[3]


def _with_properties(view: View, dsn: Dsn) -> Dsn:
    """The driver's properties given beside the URL."""
    start = relaxed("spring.datasource.hikari.data-source-properties.")
    extra = {
        item.name.rpartition(".")[2]: Word(item.text, item.span)
        for name, item in view.items()
        if name.startswith(start)
    }
    return replace(dsn, params={**dsn.params, **extra})


def _r2dbc(view: View, _: Versions) -> Client | None:
    """The reactive pool, which is there with R2DBC unless it is switched off."""
    prefix = "spring.r2dbc."
    url, enabled = first(view, f"{prefix}url"), first(view, f"{prefix}pool.enabled")
    table = {
        "max-idle-time": "maxIdleTime", "max-life-time": "maxLifeTime", "max-acquire-time": "maxAcquireTime",
        "validation-query": "validationQuery",
    }  # fmt: skip
    own = renamed(view, f"{prefix}pool.", table)
    if (url is None and not own) or (enabled is not None and enabled.text == "false"):
        return None
    dsn = parse_dsn(re.sub(r"^r2dbcs?:(?:pool:)?", "", url.text), url.span) if url is not None else None
    return Client("r2dbc-pool", own, (dsn_link(dsn, "", own),) if dsn is not None else (), "pool")


def _redis(view: View, _: Versions) -> Client | None:
    for prefix in ("spring.data.redis.", "spring.redis."):
        if not under(view, prefix):
            continue
        kind = first(view, f"{prefix}client-type")
        jedis = bool(under(view, f"{prefix}jedis.")) or (kind is not None and kind.text.lower() == "jedis")
        own = _jedis(view, prefix) if jedis else settings(view, "lettuce", prefix)
        url = first(view, f"{prefix}url")
        dsn = parse_dsn(url.text, url.span) if url is not None else None
        found = server(view, f"{prefix}host", f"{prefix}port", 6379)
        if dsn is None and found is None and not own:
            return None
        links = (
            (dsn_link(dsn, "", own),) if dsn is not None else (link(found, "redis", own),) if found is not None else ()
        )
        return Client("jedis" if jedis else "lettuce", own, links)
    return None


def _jedis(view: View, prefix: str) -> Settings:
    table = {
        "connect-timeout": "connectionTimeoutMillis", "timeout": "socketTimeoutMillis",
        "jedis.pool.max-wait": "maxWait",
        "jedis.pool.min-evictable-idle-time": "minEvictableIdleTime",
    }  # fmt: skip
    return renamed(view, prefix, table)


def _rabbit(view: View, _: Versions) -> Client | None:
    prefix = "spring.rabbitmq."
    own = renamed(
        view, prefix, {"requested-heartbeat": "requestedHeartbeat", "connection-timeout": "connectionTimeout"}
    )
    many = first(view, f"{prefix}addresses", f"{prefix}addresses[0]")
    found = server(view, f"{prefix}host", f"{prefix}port", 5672)
    links: tuple[Link, ...] = ()
    if many is not None:
        text = many.text.split(",")[0]
        dsn = parse_dsn(text if "://" in text else f"amqp://{text}", many.span)
        links = (dsn_link(dsn, "", own),) if dsn is not None else ()
    elif found is not None:
        links = (link(found, "amqp", own),)
    return Client("amqp-clients", own, links, variant="java") if links or own else None


def _kafka(view: View, _: Versions) -> Client | None:
    servers = first(
        view,
        "spring.kafka.bootstrap-servers",
        "spring.kafka.bootstrap-servers[0]",
        "spring.cloud.stream.kafka.binder.brokers",
    )
    own = settings(
        view,
        "kafka",
        "spring.kafka.properties.",
        "spring.kafka.consumer.properties.",
        "spring.kafka.producer.properties.",
    )
    own |= renamed(
        view,
        "spring.kafka.consumer.",
        {"heartbeat-interval": "heartbeat.interval.ms", "fetch-max-wait": "fetch.max.wait.ms"},
    )
    if "connections.max.idle.ms" in own:
        setting = own.pop("connections.max.idle.ms")[0]
        name = "client connections.max.idle.ms"
        own[name] = (replace(setting, name=name),)
    if servers is None:
        return Client("kafka", own, variant="client") if own else None
    host, colon, port = servers.text.split(",")[0].strip().rpartition(":")
    target = Address(host, int(port)) if colon and port.isdecimal() else Address(servers.text.strip(), 9092)
    unknown = f"filled in later: {servers.text[:60]}" if TEMPLATE.search(servers.text) else ""
    return Client("kafka", own, (Link(target, servers.span, own, "kafka", unknown=unknown),), variant="client")


def _mongo(view: View, _: Versions) -> Client | None:
    url = first(view, "spring.data.mongodb.uri", "spring.mongodb.uri")
    dsn = parse_dsn(url.text, url.span) if url is not None else None
    found = server(view, "spring.data.mongodb.host", "spring.data.mongodb.port", 27017)
    if dsn is not None:
        own: Settings = {
            name: (Setting(name, w.text, w.span),) for name, w in dsn.params.items() if name.endswith("MS")
        }
        return Client("mongodb", own, (dsn_link(dsn, "", own),))
    return Client("mongodb", {}, (link(found, "mongodb", {}),)) if found is not None else None


def _elastic(view: View, _: Versions) -> Client | None:
    uris = first(
        view,
        *(
            f"spring.{p}.uris{i}"
            for p in ("elasticsearch", "elasticsearch.rest", "data.elasticsearch.client.reactive")
            for i in ("", "[0]")
        ),
    )
    if uris is None:
        return None
    own = renamed(
        view, "spring.elasticsearch.", {"socket-timeout": "socketTimeout", "connection-timeout": "connectTimeout"}
    )
    text = uris.text.split(",")[0]
    dsn = parse_dsn(text if "://" in text else f"http://{text}", uris.span)
    if dsn is None:
        return None
    dsn = replace(dsn, port=9200) if dsn.port == 80 and ":80" not in text else dsn
    return Client("elasticsearch-client", own, (dsn_link(dsn, "", own),), variant="java")


def _by_url(view: View, names: tuple[str, ...], own: Settings) -> tuple[Link, ...]:
    url = first(view, *names)
    dsn = parse_dsn(re.split(r"[,\s]", url.text)[0], url.span) if url is not None else None
    return (dsn_link(dsn, "", own),) if dsn is not None else ()


def _ldap(view: View, _: Versions) -> Client | None:
    own = settings(view, "ldap-pools", "spring.ldap.base-environment.")
    links = _by_url(view, ("spring.ldap.urls", "spring.ldap.urls[0]"), own)
    return Client("ldap-pools", own, links, variant="jndi") if own or links else None


def _vault(view: View, _: Versions) -> Client | None:
    own = settings(view, "hashicorp-vault")
    links = _by_url(view, ("spring.cloud.vault.uri",), own)
    found = server(view, "spring.cloud.vault.host", "spring.cloud.vault.port", 8200)
    links = links or ((link(found, "http", own),) if found is not None else ())
    return Client("hashicorp-vault", own, links, variant="spring") if own or links else None


def _quartz(view: View, _: Versions) -> Client | None:
    own = settings(view, "quartz", "spring.quartz.properties.")
    return Client("quartz", own, kind="schedule") if own else None
