"""The facts files: each loads, each value in it can be read, and well-known defaults are what they are known to be."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tochain.model.component import Component
from tochain.model.errors import FactsError
from tochain.model.limit import NEVER, OFF, Finite, Word
from tochain.model.span import Pos, Span
from tochain.model.timers import TIMERS
from tochain.model.version import parse_version
from tochain.products import facts
from tochain.products.facts import Known, ProductFacts, load_file
from tochain.products.registry import Registry
from tochain.products.values import fact_value, read_setting

FOLDERS = Path(facts.__file__).parent


def product(name: str) -> ProductFacts:
    known = facts.load(name)
    assert known is not None
    return known


@pytest.mark.parametrize("name", facts.product_names())
def test_a_product_is_called_like_its_folder(name: str) -> None:
    known = product(name)
    assert known.product == name
    assert facts.facts_folder(name) == Path(known.path).parent


def test_the_generic_products_know_nothing() -> None:
    for name, kind in (("black-box", "proxy"), ("client", "client"), ("server", "server")):
        assert (product(name).kind, product(name).settings) == (kind, ())


def faults(name: str, row: Known) -> list[str]:
    """What is wrong with one entry, a line each."""
    found = [] if row.source.strip() else ["no source"]
    if row.confidence not in ("high", "medium", "low"):
        found.append(f"confidence {row.confidence}")
    settings = {spelling for other in product(name).settings for spelling in (other.setting, *other.aliases)}
    found += [
        f"{default.value} names no setting"
        for default in row.defaults
        if default.value.startswith("=") and default.value.removeprefix("=").strip() not in settings
    ]
    for timer in row.timers:
        found += [f"{timer}: {fault}" for fault in value_faults(row, TIMERS[timer].kind)]
    return [f"{row.setting}: {fault}" for fault in (*found, *version_faults(row))]


def value_faults(row: Known, kind: str) -> list[str]:
    """Which of an entry's values do not fit a timer of this kind."""
    found = [f"unit {row.unit} does not count"] if kind == "count" and row.unit not in ("count", "word") else []
    bounds = [text for text in (row.minimum, row.maximum) if text is not None]
    for text in (*bounds, *(default.value for default in row.defaults if not default.value.startswith("="))):
        try:
            limit = fact_value(text, row.unit, kind)
        except ValueError:
            found.append(f"{text} cannot be read")
            continue
        if text in bounds and not isinstance(limit, Finite):
            found.append(f"{text} is no bound")
        if kind != "word" and isinstance(limit, Word) and limit.text != "kernel":
            found.append(f"{text} is a word")
    return found


def version_faults(row: Known) -> list[str]:
    """Whether the versions of an entry rise, an open one first."""
    steps = [default.since for default in row.defaults]
    known = [step for step in steps if step is not None]
    rising = known == sorted(set(known)) and None not in steps[1:]
    ends = not (row.since and row.until) or row.since < row.until
    return [] if rising and ends else ["versions do not rise"]


@pytest.mark.parametrize("name", facts.product_names())
def test_every_entry_can_be_read(name: str) -> None:
    assert [fault for row in product(name).settings for fault in faults(name, row)] == []


def test_no_entry_stands_twice() -> None:
    seen = Counter(
        (name, row.setting, row.variant, timer)
        for name in facts.product_names()
        for row in product(name).settings
        for timer in row.timers
    )
    assert [key for key, times in seen.items() if times > 1 and not key[1].startswith("(")] == []


def default(name: str, setting: str, version: str, variant: str | None = None) -> str:
    """The one default of a setting in a version, as its facts write it."""
    found = set()
    for row in product(name).settings:
        if row.setting == setting and row.variant == variant and row.defaults:
            values = [d.value for d in row.defaults if d.since is None or d.since <= (parse_version(version) or ())]
            found.add(values[-1] if values else "")
    assert len(found) == 1, (name, setting, found)
    return found.pop()


WELL_KNOWN = [
    ("nginx", "keepalive_timeout", "1.28.0", "75s"),
    ("nginx", "keepalive_requests", "1.18.0", "100"),
    ("nginx", "keepalive_requests", "1.19.10", "1000"),
    ("nginx", "upstream keepalive", "1.28.3", "off"),
    ("nginx", "upstream keepalive", "1.29.7", "32"),
    ("nginx", "upstream keepalive_timeout", "1.14.0", "never"),
    ("nginx", "upstream keepalive_timeout", "1.22.1", "60s"),
    ("nginx", "proxy_read_timeout", "1.22.1", "60s"),
    ("nodejs-http", "server.keepAliveTimeout", "20.17.0", "5s"),
    ("nodejs-http", "server.keepAliveTimeoutBuffer", "20.17.0", "0s"),
    ("nodejs-http", "server.keepAliveTimeoutBuffer", "24.6.0", "1s"),
    ("nodejs-http", "server.requestTimeout", "16.0.0", "never"),
    ("nodejs-http", "server.requestTimeout", "18.0.0", "300s"),
    ("nodejs-http", "server.timeout", "12.22.0", "120s"),
    ("gunicorn", "keepalive", "23.0", "2s"),
    ("gunicorn", "timeout", "23.0", "30s"),
    ("uvicorn", "timeout_keep_alive", "0.30", "5s"),
    ("hypercorn", "graceful_timeout", "0.17", "3s"),
    ("puma", "persistent_timeout", "6.4.2", "20s"),
    ("puma", "persistent_timeout", "7.0.0", "65s"),
    ("haproxy", "timeout http-keep-alive", "2.8", "= timeout http-request"),
    ("haproxy", "retries", "2.8", "3"),
    ("haproxy", "sni", "3.2.0", "off"),
    ("haproxy", "sni", "3.3.0", "on"),
    ("envoy", "common_http_protocol_options.idle_timeout", "1.40", "3600s"),
    ("traefik", "forwardingTimeouts.idleConnTimeout", "3.0", "90s"),
    ("apache-httpd", "KeepAliveTimeout", "2.4.62", "5s"),
    ("apache-httpd", "Timeout", "2.4.62", "60s"),
    ("tomcat", "keepAliveTimeout", "10.1", "= connectionTimeout"),
    ("kestrel", "Limits.KeepAliveTimeout", "5.0", "120s"),
    ("kestrel", "Limits.KeepAliveTimeout", "8.0", "130s"),
    ("aws-alb", "idle_timeout.timeout_seconds", "0", "60s"),
    ("aws-nlb", "tcp.idle_timeout.seconds", "0", "350s"),
    ("aws-nat-gateway", "(idle timeout)", "0", "350s"),
    ("azure-lb", "idleTimeoutInMinutes", "0", "4m"),
    ("gcp-lb", "httpKeepAliveTimeoutSec", "0", "610s"),
    ("gcp-lb", "(backend keep-alive)", "0", "600s"),
    ("ipvs-keepalived", "tcp", "0", "900s"),
    ("linux-kernel", "net.ipv4.tcp_keepalive_time", "6.1", "7200s"),
    ("linux-kernel", "net.netfilter.nf_conntrack_tcp_timeout_established", "6.1", "432000s"),
    ("mysql", "wait_timeout", "8.0", "28800s"),
    ("hikaricp", "maxLifetime", "5.1", "30m"),
    ("hikaricp", "keepaliveTime", "5.1", "off"),
    ("hikaricp", "keepaliveTime", "6.3", "2m"),
    ("redis", "timeout", "7.2", "never"),
    ("redis", "tcp-keepalive", "7.2", "300s"),
    ("rabbitmq", "heartbeat", "3.13", "60s"),
    ("rabbitmq", "consumer_timeout", "3.8.16", "15m"),
    ("kafka", "connections.max.idle.ms", "3.7", "10m"),
    ("java-net-http", "jdk.httpclient.keepalive.timeout", "17", "1200s"),
    ("java-net-http", "jdk.httpclient.keepalive.timeout", "21", "30s"),
    ("dotnet-httpclient", "PooledConnectionIdleTimeout", "8.0", "60s"),
    ("go-net-http", "Server.IdleTimeout", "1.22", "= Server.ReadTimeout"),
    ("httpx", "keepalive_expiry", "0.27", "5s"),
    ("okhttp", "keepAliveDuration", "4.12", "5m"),
    ("libpq", "keepalives_idle", "16", "kernel"),
    ("kubernetes", "terminationGracePeriodSeconds", "1.30", "30s"),
    ("grpc", "PERMIT_KEEPALIVE_TIME", "1.60", "300s"),
    ("prometheus", "scrape_timeout", "2.50", "10s"),
]


@pytest.mark.parametrize(("name", "setting", "version", "value"), WELL_KNOWN)
def test_a_well_known_default(name: str, setting: str, version: str, value: str) -> None:
    assert default(name, setting, version) == value


def entry(name: str, setting: str) -> Known:
    return product(name).find(setting)[0]


@pytest.mark.parametrize(
    ("name", "setting", "timer", "text", "limit"),
    [
        ("nginx", "keepalive_timeout", "accept.idle_close", "65", Finite(65_000_000)),
        ("nginx", "keepalive_timeout", "accept.idle_close", "0", OFF),
        ("nodejs-http", "keepAliveTimeout", "accept.idle_close", "65000", Finite(65_000_000)),
        ("haproxy", "timeout client", "accept.body_read", "50000", Finite(50_000_000)),
        ("haproxy", "timeout client", "accept.body_read", "0", NEVER),
        ("apache-httpd", "acquire", "connect.pool_wait", "250", Finite(250_000)),
        ("azure-lb", "idle_timeout_in_minutes", "flow.idle_tcp", "15", Finite(900_000_000)),
        ("azure-lb", "enableTcpReset", "flow.on_expiry", "true", Word("rst")),
        ("azure-lb", "enableTcpReset", "flow.on_expiry", "false", Word("drop")),
        ("aws-network-firewall", "stream_exception_policy", "flow.on_expiry", "REJECT", Word("rst")),
        ("postgresql", "tcp_keepalives_idle", "accept.tcp_keepalive_time", "0", Word("kernel")),
        ("nginx", "proxy_socket_keepalive", "connect.tcp_keepalive_time", "on", Word("kernel")),
        ("nginx", "proxy_socket_keepalive", "connect.tcp_keepalive_time", "off", OFF),
        ("sqlalchemy", "pool_pre_ping", "connect.validate_after_idle", "True", Finite(0)),
        ("mysql", "max_execution_time", "session.statement_total", "5000", Finite(5_000_000)),
    ],
)
def test_a_written_value(name: str, setting: str, timer: str, text: str, limit: object) -> None:
    assert read_setting(entry(name, setting), text, timer) == limit


def test_a_zero_that_is_refused_is_said() -> None:
    with pytest.raises(ValueError, match="0 is not allowed for connect_timeout"):
        read_setting(entry("envoy", "connect_timeout"), "0", "connect.connect")


BROKEN = [
    ("kind: server\n", "product is missing"),
    ("product: x\nkind: boat\n", "kind 'boat'; expected one of client, proxy"),
    ("product: x\nkind: server\ncolour: red\n", "unknown key 'colour'; allowed: "),
    (
        "product: x\nkind: server\nsettings: [{setting: a, timers: [accept.idle], source: s}]\n",
        "no timer 'accept.idle'; nearest: ",
    ),
    ("product: x\nkind: server\nsettings: [{setting: a}]\n", "(a): source is missing"),
    (
        "product: x\nkind: server\nsettings: [{setting: a, unit: years, source: s}]\n",
        "unit 'years'; expected one of us, ms",
    ),
    (
        "product: x\nkind: server\nsettings: [{setting: a, zero: nothing, source: s}]\n",
        "zero 'nothing'; expected one of never",
    ),
    (
        "product: x\nkind: server\nsettings:\n"
        "  - {setting: a, source: s, default: [{since: '2', value: 1s}, {since: '1', value: 2s}]}\n",
        "default versions must rise",
    ),
    ("product: [\n", "while parsing"),
]


@pytest.mark.parametrize(("text", "message"), BROKEN)
def test_a_broken_file_is_refused_with_the_reason(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "facts.yaml"
    path.write_text(text)
    with pytest.raises(FactsError) as caught:
        load_file(path)
    assert message in str(caught.value)


NAMED_ONLY = {"resilience4j"}
"""Products that do nothing until somebody names a use of them: a call without an instance is guarded by nothing."""


@pytest.mark.parametrize("name", facts.product_names())
def test_a_product_nobody_configured_has_its_defaults(name: str) -> None:
    """Every product comes to facts from its defaults alone, whatever its version; nothing about it is complained of."""
    here = Span("tochain.yaml", Pos(1, 1), Pos(1, 2))
    complaints: list[str] = []
    bare = Component(f"{name}:x", name, name, here, product(name).kind)
    done = Registry().complete(bare, lambda _, message: complaints.append(message))
    assert (complaints, done.issues) == ([], ())
    plain = {timer for row in product(name).settings if row.variant is None and row.defaults for timer in row.timers}
    assert {fact.origin for found in done.facts.values() for fact in found} <= {"default", "fixed", "inherited"}
    assert bool(done.facts) == (bool(plain) and name not in NAMED_ONLY)
