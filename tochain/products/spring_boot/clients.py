"""The pools and clients Spring Boot makes from properties: data sources, Redis, AMQP, Kafka, MongoDB, Feign, Ribbon."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tochain.model.component import Address, Kind, Link, Word
from tochain.model.fact import Setting, Settings
from tochain.model.issue import Issue
from tochain.model.span import Span
from tochain.model.version import Versions
from tochain.products.dsn import Dsn, dsn_link, dsn_link_with_timers, parse_dsn
from tochain.products.facts import TEMPLATE
from tochain.products.javaconfig import Item, View, relaxed, settings

__all__ = ["Client", "clients", "gateway_links"]


@dataclass(frozen=True, slots=True)
class Client:
    """One client library of an application, with its settings and where it leads."""

    product: str
    settings: Settings
    links: tuple[Link, ...] = ()
    kind: Kind = "client"
    variant: str | None = None
    issues: tuple[Issue, ...] = field(default=())


def clients(view: View, versions: Versions) -> Iterator[Client]:
    """What the properties of one profile make."""
    for make in (_data_source, _redis, _rabbit, _kafka, _mongo, _elastic, _feign, _ribbon, _resilience, _http):
        found = make(view, versions)
        if found is not None:
            yield found


def _under(view: View, *prefixes: str) -> View:
    starts = tuple(relaxed(prefix) for prefix in prefixes)
    return {name: item for name, item in view.items() if name.startswith(starts)}


def _first(view: View, *names: str) -> Item | None:
    return next((item for name in names if (item := view.get(relaxed(name))) is not None and item.text), None)


_SIZES = ("minimumIdle", "maximumPoolSize", "minIdle", "maxIdle", "maxActive", "maxTotal", "testWhileIdle")
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
        link, more = dsn_link_with_timers(_with_properties(view, dsn), label, own, always=product != "druid")
        links.append(link)
        issues += more
    return Client(product, own, tuple(links), "pool", issues=tuple(issues))


def _pool(view: View, versions: Versions) -> tuple[str, tuple[str, ...]]:
    kind = view.get(relaxed("spring.datasource.type"))
    for product, prefixes in _POOLS:
        if _under(view, *prefixes) or (
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


def _server(view: View, host: str, port: str, default: int) -> tuple[Address, Span, str] | None:
    """Host and port of two properties; the reason when they are filled in later."""
    where = _first(view, host)
    if where is None:
        return None
    at = _first(view, port)
    number = int(at.text) if at is not None and at.text.isdigit() else default
    if TEMPLATE.search(where.text):
        return Address(), where.span, f"filled in later: {where.text[:60]}"
    return Address(where.text, number), where.span, ""


def _link(found: tuple[Address, Span, str], protocol: str, own: Settings) -> Link:
    return Link(found[0], found[1], own, protocol, unknown=found[2])


def _redis(view: View, _: Versions) -> Client | None:
    for prefix in ("spring.data.redis.", "spring.redis."):
        if not _under(view, prefix):
            continue
        kind = _first(view, f"{prefix}client-type")
        jedis = bool(_under(view, f"{prefix}jedis.")) or (kind is not None and kind.text.lower() == "jedis")
        own = _jedis(view, prefix) if jedis else settings(view, "lettuce", prefix)
        url = _first(view, f"{prefix}url")
        dsn = parse_dsn(url.text, url.span) if url is not None else None
        found = _server(view, f"{prefix}host", f"{prefix}port", 6379)
        if dsn is None and found is None and not own:
            return None
        link = dsn_link(dsn, "", own) if dsn is not None else _link(found, "redis", own) if found is not None else None
        return Client("jedis" if jedis else "lettuce", own, (link,) if link is not None else ())
    return None


def _jedis(view: View, prefix: str) -> Settings:
    table = {
        "connect-timeout": "connectionTimeoutMillis", "timeout": "socketTimeoutMillis",
        "jedis.pool.max-wait": "maxWait",
        "jedis.pool.min-evictable-idle-time": "minEvictableIdleTime",
    }  # fmt: skip
    return _renamed(view, prefix, table)


def _renamed(view: View, prefix: str, table: dict[str, str]) -> Settings:
    found: Settings = {}
    for name, own in table.items():
        item = view.get(relaxed(prefix + name))
        if item is not None and item.text:
            found[own] = (Setting(own, item.text, item.span),)
    return found


def _rabbit(view: View, _: Versions) -> Client | None:
    prefix = "spring.rabbitmq."
    own = _renamed(
        view, prefix, {"requested-heartbeat": "requestedHeartbeat", "connection-timeout": "connectionTimeout"}
    )
    many = _first(view, f"{prefix}addresses", f"{prefix}addresses[0]")
    found = _server(view, f"{prefix}host", f"{prefix}port", 5672)
    links: tuple[Link, ...] = ()
    if many is not None:
        text = many.text.split(",")[0]
        dsn = parse_dsn(text if "://" in text else f"amqp://{text}", many.span)
        links = (dsn_link(dsn, "", own),) if dsn is not None else ()
    elif found is not None:
        links = (_link(found, "amqp", own),)
    return Client("amqp-clients", own, links, variant="java") if links or own else None


def _kafka(view: View, _: Versions) -> Client | None:
    servers = _first(
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
    own |= _renamed(
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
    target = Address(host, int(port)) if colon and port.isdigit() else Address(servers.text.strip(), 9092)
    unknown = f"filled in later: {servers.text[:60]}" if TEMPLATE.search(servers.text) else ""
    return Client("kafka", own, (Link(target, servers.span, own, "kafka", unknown=unknown),), variant="client")


def _mongo(view: View, _: Versions) -> Client | None:
    url = _first(view, "spring.data.mongodb.uri", "spring.mongodb.uri")
    dsn = parse_dsn(url.text, url.span) if url is not None else None
    found = _server(view, "spring.data.mongodb.host", "spring.data.mongodb.port", 27017)
    if dsn is not None:
        own: Settings = {
            name: (Setting(name, w.text, w.span),) for name, w in dsn.params.items() if name.endswith("MS")
        }
        return Client("mongodb", own, (dsn_link(dsn, "", own),))
    return Client("mongodb", {}, (_link(found, "mongodb", {}),)) if found is not None else None


def _elastic(view: View, _: Versions) -> Client | None:
    uris = _first(
        view,
        *(
            f"spring.{p}.uris{i}"
            for p in ("elasticsearch", "elasticsearch.rest", "data.elasticsearch.client.reactive")
            for i in ("", "[0]")
        ),
    )
    if uris is None:
        return None
    own = _renamed(
        view, "spring.elasticsearch.", {"socket-timeout": "socketTimeout", "connection-timeout": "connectTimeout"}
    )
    text = uris.text.split(",")[0]
    dsn = parse_dsn(text if "://" in text else f"http://{text}", uris.span)
    if dsn is None:
        return None
    dsn = replace(dsn, port=9200) if dsn.port == 80 and ":80" not in text else dsn
    return Client("elasticsearch-client", own, (dsn_link(dsn, "", own),), variant="java")


_FEIGN = re.compile(
    r"(?:spring\.cloud\.open)?feign\.client\.config\.([^.]+)\.(connect-?timeout|read-?timeout|url)", re.IGNORECASE
)


def _feign(view: View, _: Versions) -> Client | None:
    named: dict[str, Settings] = {}
    urls: dict[str, Item] = {}
    for item in view.values():
        found = _FEIGN.fullmatch(item.name)
        if found and found[2].lower() == "url":
            urls[found[1]] = item
        elif found:
            name = "connect-timeout" if found[2].lower().startswith("c") else "read-timeout"
            named.setdefault(found[1], {})[name] = (Setting(name, item.text, item.span),)
    own = {**settings(view, "openfeign"), **named.pop("default", {})}
    links = []
    for name in dict.fromkeys((*named, *urls)):
        mine = {**own, **named.get(name, {})}
        span = urls[name].span if name in urls else next(iter(mine.values()))[0].span
        dsn = parse_dsn(urls[name].text, span) if name in urls else None
        links.append(
            dsn_link(dsn, f"feign {name}", mine) if dsn else Link(Address(name), span, mine, "http", f"feign {name}")
        )
    return Client("openfeign", own, tuple(links)) if own or links else None


def _ribbon(view: View, _: Versions) -> Client | None:
    if not _under(view, "ribbon.", "hystrix.command.", "zuul."):
        return None
    own = settings(view, "hystrix-ribbon")
    links = []
    for item in view.values():
        route = re.fullmatch(r"zuul\.routes\.([^.]+)\.(url|service-?id)", item.name, re.IGNORECASE)
        if route is None:
            continue
        dsn = parse_dsn(item.text, item.span) if route[2].lower() == "url" else None
        label = f"route {route[1]}"
        links.append(dsn_link(dsn, label, own) if dsn else Link(Address(item.text), item.span, own, "http", label))
    return Client("hystrix-ribbon", own, tuple(links)) if own or links else None


def _resilience(view: View, _: Versions) -> Client | None:
    own: Settings = {}
    names = {
        "timeout-duration": "timelimiter.timeout-duration",
        "max-attempts": "retry.max-attempts",
        "wait-duration": "retry.wait-duration",
    }
    for item in view.values():
        found = re.fullmatch(r"resilience4j\.(\w+)\.(?:configs|instances|backends)\.([^.]+)\.([\w-]+)", item.name)
        name = next((own_name for key, own_name in names.items() if found and relaxed(key) == relaxed(found[3])), "")
        if found and name and name.startswith(f"{found[1]}."):
            own[name] = (*own.get(name, ()), Setting(name, item.text, item.span, scope=found[2]))
    return Client("resilience4j", own) if own else None


def _http(view: View, _: Versions) -> Client | None:
    """The builders of RestTemplate, RestClient and WebClient."""
    table = {"connect-timeout": "connectTimeout", "read-timeout": "readTimeout"}
    for prefix in ("spring.http.clients.", "spring.http.client.", "spring.http.reactiveclient."):
        own = _renamed(view, prefix, table)
        if own:
            return Client("spring-clients", own)
    return None


_ROUTE = re.compile(r"spring\.cloud\.gateway\.(?:server\.web(?:flux|mvc)\.|mvc\.)?routes\[\d+\]\.uri", re.IGNORECASE)


def gateway_links(view: View) -> list[Link]:
    """The routes of a Spring Cloud Gateway; `lb://name` is an application by its name."""
    found = []
    for item in view.values():
        if not _ROUTE.fullmatch(item.name):
            continue
        if item.text.startswith("lb:"):
            found.append(Link(Address(item.text.partition("://")[2]), item.span, protocol="http", label="route"))
        else:
            dsn = parse_dsn(item.text, item.span)
            link = dsn_link(dsn, "route") if dsn is not None else None
            found.append(
                link or Link(Address(), item.span, protocol="http", unknown=f"filled in later: {item.text[:60]}")
            )
    return found
