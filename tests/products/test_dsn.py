"""Connection URLs: where they lead, their timers with places, and nobody's password."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.products.texts import facts, links, settings, workload
from tochain.model.component import Address, Component, Link, Word
from tochain.model.fact import Setting
from tochain.model.span import Pos, Span
from tochain.products.dsn import dsn_link, dsn_link_with_timers, parse_dsn
from tochain.products.dsnlinks import with_dsn_links

AT = Span("compose.yaml", Pos(7, 7), Pos(7, 20))


def at(text: str, column: int = 10) -> Span:
    """The span of a text that stands in one line."""
    return Span(".env", Pos(3, column), Pos(3, column + len(text)))


@pytest.mark.parametrize(
    ("text", "target", "protocol"),
    [
        ("postgresql://u:p@db/shop", "db:5432", "postgresql"),
        ("postgres+asyncpg://u:p@db:6000/shop", "db:6000", "postgresql"),
        ("postgresql://u:p@%2Fvar%2Frun/shop", "unix:/var/run/.s.PGSQL.5432", "postgresql"),
        ("jdbc:mysql://db1,db2:3307/x", "db1:3306", "mysql"),
        ("jdbc:mysql:loadbalance://db1:3310/x", "db1:3310", "mysql"),
        ("jdbc:sqlserver://db:1434;databaseName=x", "db:1434", "tds"),
        ("mongodb://a:b@m1:27018,m2/x?replicaSet=r", "m1:27018", "mongodb"),
        ("redis://:secret@cache:6380/1", "cache:6380", "redis"),
        ("redis://[::1]:6380/1", "::1:6380", "redis"),
        ("amqps://u:p@mq/vhost", "mq:5671", "amqp"),
        ("mqtt://broker", "broker:1883", "mqtt"),
        ("https://api.example.com/v1", "api.example.com:443", "http"),
        ("unix:///run/app.sock", "unix:/run/app.sock", ""),
        ("socks5h://proxy:1080", "proxy:1080", "socks"),
    ],
)
def test_targets(text, target, protocol):
    dsn = parse_dsn(text, at(text))
    assert dsn is not None
    link = dsn_link(dsn)
    assert (str(link.target), link.protocol, link.unknown) == (target, protocol, "")
    assert "secret" not in repr(link)


@pytest.mark.parametrize(
    "text", ["", "plain", "C:/x/y", "ftp://x", "sqlite:///db", "postgresql", "jdbc:h2:mem:x", "a b://c"]
)
def test_no_url(text):
    assert parse_dsn(text, at(text)) is None


@pytest.mark.parametrize("text", ["postgresql://u:p@${DB_HOST}:5432/x", "redis://{{ host }}/1", "mysql://<host>/x"])
def test_filled_in_later(text):
    dsn = parse_dsn(text.replace(" ", ""), at(text))
    assert dsn is not None and dsn.unknown.startswith("filled in later")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "postgresql://u:p@db/x?keepalives_idle=30&connect_timeout=5&sslmode=disable",
            {
                "connect.tcp_keepalive_time": "30s (keepalives_idle, written @ 3:32)",
                "connect.connect": "5s (connect_timeout, written @ 3:51)",
            },
        ),
        ("postgresql://db/x?keepalives=0", {"connect.tcp_keepalive_time": "off (keepalives_idle, written @ 3:28)"}),
        ("jdbc:postgresql://db/x?socketTimeout=20", {"connect.read_stall": "20s (socketTimeout, written @ 3:33)"}),
        (
            "jdbc:mysql://db/x?socketTimeout=20000&tcpKeepAlive=false",
            {
                "connect.read_stall": "20s (socketTimeout, written @ 3:28)",
                "connect.tcp_keepalive_time": "off (tcpKeepAlive, written @ 3:48)",
            },
        ),
        ("jdbc:mariadb://db/x?socketTimeout=20000", {"connect.connect": "30s (connectTimeout, default @ 3:10)"}),
        (
            "mongodb://m/x?maxIdleTimeMS=60000&socketTimeoutMS=0",
            {
                "connect.idle_keep": "60s (maxIdleTimeMS, written @ 3:24)",
                "connect.read_stall": "never (socketTimeoutMS, written @ 3:44)",
            },
        ),
        ("redis://c/0?socket_timeout=3", {"connect.read_stall": "3s (socket_timeout, written @ 3:22)"}),
    ],
)
def test_timers_of_the_driver(text, expected):
    dsn = parse_dsn(text, at(text))
    assert dsn is not None
    link, _ = dsn_link_with_timers(dsn)
    assert {timer: facts(link.facts, timer) for timer in expected} == {
        t: [f"{t} = {line}"] for t, line in expected.items()
    }


def test_without_timers_nothing_is_said():
    dsn = parse_dsn("postgresql://db/x?sslmode=disable", AT)
    assert dsn is not None
    assert dsn_link_with_timers(dsn)[0].facts == {}
    assert "connect.connect" in dsn_link_with_timers(dsn, always=True)[0].facts


def test_workloads():
    env = {
        "DATABASE_URL": Word("postgres://u:hunter2@db/shop", AT),
        "REPLICA_URL": Word("postgres://u:hunter2@db2/shop?connect_timeout=3", AT),
        "REDIS_HOST": Word("cache", AT),
        "REDIS_PORT": Word("6380", AT),
        "DB_HOST": Word("db", AT),
        "DB_PORT": Word("5432", AT),
        "BASE_URL": Word("http://shop", AT),
        "PUBLIC_API": Word("https://shop.example", AT),
        "AUTH_SERVICE": Word("http://auth:8080", AT),
        "OTEL_EXPORTER_OTLP_ENDPOINT": Word("http://collector:4318", AT),
    }
    one = workload("web", "shop:1", env=env)
    app = Component("gunicorn:x", "web", "gunicorn", AT, workload=one.key, scope=one.scope)
    served, caller, client = with_dsn_links([app], [one])
    assert (served, caller.product, caller.kind, caller.name, caller.workload) == (
        app,
        "client",
        "client",
        "web",
        one.key,
    )
    assert links(caller) == [
        "db:5432 postgresql DATABASE_URL @ 7:7",
        "cache:6380 redis REDIS_HOST @ 7:7",
        "auth:8080 http AUTH_SERVICE @ 7:7",
    ]
    assert (client.product, client.kind, client.name, client.workload, links(client)) == (
        "libpq",
        "client",
        "web",
        one.key,
        ["db2:5432 postgresql REPLICA_URL @ 7:7"],
    )
    assert settings(client.links[0].settings) == ["connect_timeout = 3 @ 7:7-20"]
    assert "hunter2" not in repr((caller, client))


def test_the_only_http_client_is_given_the_web_addresses_of_the_environment():
    """Where code makes one client and nobody saw what it calls; two such clients, or a known address, leave it open."""
    env = {"API_URL": Word("http://api:8080", AT), "REDIS_HOST": Word("cache", AT)}
    one = workload("job", "job:1", env=env)
    timer = {"timeout": (Setting("timeout", "5", AT),)}
    lost = Link(Address(), AT, timer, "http", "http.Client", unknown="its address is not said in this file")
    client = Component("go:m.go#client", "job", "go-net-http", AT, "client", workload=one.key, links=(lost,))
    given, caller = with_dsn_links([client], [one])
    assert links(given) == ["api:8080 http API_URL @ 7:7"]
    assert given.links[0].settings == timer
    assert links(caller) == ["cache:6379 redis REDIS_HOST @ 7:7"]
    other = replace(client, key="go:n.go#client")
    known = replace(client, links=(lost, replace(lost, target=Address("b", 80), unknown="")))
    assert with_dsn_links([client, other], [one])[:2] == [client, other]
    assert with_dsn_links([known], [one])[0] == known


def test_unknown_programs_get_links_too_but_databases_do_not():
    env = {"MYSQL_HOST": Word("db", Span("common.env", Pos(1, 12), Pos(1, 14)))}
    found = with_dsn_links([], [workload("app", "acme/app:1", env=env), workload("search", "elasticsearch:8", env=env)])
    assert [(c.key, links(c)) for c in found] == [
        ("server:compose:compose.yaml#app", ["db:3306 mysql MYSQL_HOST @ 1:12"])
    ]


@given(st.text(alphabet="abc:/@?&=%[]{}$;, \n+.1", max_size=60))
def test_whatever_is_written(text):
    for scheme in ("", "postgresql://", "jdbc:mysql://"):
        dsn = parse_dsn(scheme + text, AT)
        if dsn is not None:
            dsn_link_with_timers(dsn, always=True)


def test_a_password_with_a_slash_shows_nothing():
    dsn = parse_dsn("postgres://app:77/hunter2@db:5432/shop", AT)
    assert dsn is not None
    assert (dsn.host, dsn.port, dsn.unknown) == ("", None, "the address has a form of its own")
    assert parse_dsn("https://example.org/@someone", AT) is not None


@pytest.mark.parametrize(
    ("text", "target", "protocol", "params"),
    [
        ("me:hunter2@tcp(db:3307)/shop?timeout=5s&readTimeout=30s", "db:3307", "mysql", ["timeout=5s", "readTimeout=30s"]),
        ("tcp(db)/shop", "db:3306", "mysql", []),
        ("host=db port=6000 user=me password='hun ter2' connect_timeout=7", "db:6000", "postgresql",
         ["host=db", "port=6000", "connect_timeout=7"]),
        ("dbname=x host=/run/pg", "unix:/run/pg/.s.PGSQL.5432", "postgresql", ["dbname=x", "host=/run/pg"]),
        ("Host=db;Port=5433;Username=me;Password=hunter2;Timeout=15;Keepalive=30", "db:5433", "postgresql",
         ["Host=db", "Port=5433", "Timeout=15", "Keepalive=30"]),
        ("Server=tcp:sql.example.net,1444;Initial Catalog=x;User Id=me;Password=hunter2;", "sql.example.net:1444", "tds", []),
        ("Server=db;Port=3306;Database=x;Uid=me;Pwd=hunter2", "db:3306", "mysql", []),
        ("Data Source=db\\\\SQLEXPRESS;Database=x;Trusted_Connection=True", "db:1433", "tds", []),
        ("Server=db;Database=x;User=me;Password=hunter2", "db", "", []),
    ],
)  # fmt: skip
def test_other_forms(text, target, protocol, params):
    dsn = parse_dsn(text, at(text))
    assert dsn is not None
    link = dsn_link(dsn)
    assert (str(link.target), link.protocol, link.unknown) == (target, protocol, "")
    assert [f"{name}={word.text}" for name, word in dsn.params.items()] == params
    assert "hunter2" not in repr((dsn, link)) and "hun ter2" not in repr((dsn, link))


@pytest.mark.parametrize(
    "text",
    [
        "host=db", "a=b c=d", "key=value;other=value", "Server=db", "host=db user", "-c statement_timeout=5s", "tcp(db)",
        "max-age=60; includeSubDomains", "Host=db;Mode=x",
    ],
)  # fmt: skip
def test_something_else_with_an_equals_sign(text):
    assert parse_dsn(text, at(text)) is None


def test_what_a_string_sets_of_a_driver_that_is_told_the_rest_in_code():
    text = "me:hunter2@tcp(db)/shop?readTimeout=30s"
    app = workload("api", "api", env={"DSN": Word(text, at(text))})
    (client,) = with_dsn_links([], [app])
    assert (client.product, client.settings) == ("server", {})
    assert facts(client.links[0].facts) == ["connect.read_stall = 30s (readTimeout, written @ 3:34)"]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("KAFKA_BROKERS", "k1:9092,k2:9092", ["k1:9092 kafka KAFKA_BROKERS @ 3:10"]),
        ("APP_KAFKA_BOOTSTRAP_SERVERS", "PLAINTEXT://k1:29092", ["k1:29092 kafka APP_KAFKA_BOOTSTRAP_SERVERS @ 3:10"]),
        ("KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS", "k:9092", ["k:9092 kafka KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS @ 3:10"]),
        ("KAFKA_BROKERS", "${BROKERS}", []),
        ("KAFKA_BROKER_ID", "1:2", []),
        ("SERVERS", "a:1", []),
    ],
)
def test_lists_of_brokers(name, text, found):
    app = workload("api", "api", env={name: Word(text, at(text))})
    assert [line for client in with_dsn_links([], [app]) for line in links(client)] == found


@given(st.text(alphabet="hostuserpd=;'\"tc()/?&,@: \\x", max_size=120))
def test_any_text_of_another_form(text):
    parse_dsn(text, at(text))
