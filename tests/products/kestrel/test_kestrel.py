"""appsettings.json: Kestrel's limits as TimeSpans, and the pool of an Npgsql connection string."""

from __future__ import annotations

import pytest

from tests.products.texts import facts, links, read, settings, workload
from tochain.model.component import Word
from tochain.model.limit import format_duration
from tochain.model.span import Pos, Span
from tochain.products.timespan import timespan

TEXT = """\
{
  "Kestrel": {
    "Endpoints": {"Http": {"Url": "http://*:5080"}},
    "Limits": {"KeepAliveTimeout": "00:02:10", "RequestHeadersTimeout": "0:0:15"}
  },
  "ConnectionStrings": {
    "Shop": "Host=db;Port=5433;Password=hunter2;Timeout=5;Connection Idle Lifetime=60",
    "Old": "Server=sql;Database=x;Password=hunter2"
  }
}
"""


def test_settings_file():
    (server, pool), _ = read("kestrel", {"Shop.Api/appsettings.json": TEXT})
    assert (server.name, [str(a) for a in server.listens]) == ("kestrel", ["*:5080"])
    assert settings(server.settings) == [
        "Limits.KeepAliveTimeout = 00:02:10 @ 4:16-46", "Limits.RequestHeadersTimeout = 0:0:15 @ 4:48-81",
    ]  # fmt: skip
    assert facts(server.facts, "accept.idle_close", "accept.header_read") == [
        "accept.idle_close = 130s (Limits.KeepAliveTimeout, written @ 4:16)",
        "accept.header_read = 15s (Limits.RequestHeadersTimeout, written @ 4:48)",
    ]
    assert (pool.name, pool.product, pool.kind, links(pool)) == (
        "Shop.Api",
        "npgsql",
        "pool",
        ["db:5433 postgresql Shop @ 7:13"],
    )
    assert facts(pool.links[0].facts, "connect.idle_keep", "connect.connect", "connect.request_total") == [
        "connect.idle_keep = 60s (Connection Idle Lifetime, written @ 7:59)",
        "connect.connect = 5s (Timeout, written @ 7:49)",
        "connect.request_total = 30s (Command Timeout, default @ 7:5)",
    ]
    assert "hunter2" not in repr((server, pool))


def test_connection_strings_of_redis():
    text = '{"ConnectionStrings": {"Redis": "cache", "Bus": "bus:6380,SyncTimeout=900,password=hunter2", "Sql": "sql,x=1"}}'
    (cache, bus), _ = read("kestrel", {"Api/appsettings.json": text})
    assert [(c.product, c.kind, links(c)) for c in (cache, bus)] == [
        ("stackexchange-redis", "client", ["cache:6379 redis Redis @ 1:33"]),
        ("stackexchange-redis", "client", ["bus:6380 redis Bus @ 1:49"]),
    ]
    assert facts(cache.links[0].facts, "connect.ping_interval") == [
        "connect.ping_interval = 60s (keepAlive, default @ 1:24)"
    ]
    assert facts(bus.links[0].facts, "connect.attempt_total", "connect.read_stall") == [
        "connect.attempt_total = 900ms (syncTimeout, written @ 1:49)",
        "connect.read_stall = 900ms (asyncTimeout, inherited @ 1:49)",
    ]
    assert "hunter2" not in repr((cache, bus))


@pytest.mark.parametrize(
    ("text", "limit"),
    [("00:00:30", "30s"), ("1.00:00:00", "1d"), ("00:02", "120s"), ("00:00:01.5", "1500ms"), ("Infinite", "never")],
)
def test_time_spans(text, limit):
    found = timespan(text)
    assert found is not None and format_duration(found) == limit
    assert timespan("30") is None


def test_environment():
    at = Span("compose.yaml", Pos(4, 5), Pos(4, 9))
    env = {"Kestrel__Limits__KeepAliveTimeout": "00:03:00", "ASPNETCORE_URLS": "http://+:8081;https://+:8443"}
    app = workload("api", "shop/api", env={name: Word(text, at) for name, text in env.items()})
    (found,), _ = read("kestrel", {}, app)
    assert (found.name, found.workload, [str(a) for a in found.listens]) == ("api", app.key, ["*:8081", "*:8443"])
    assert facts(found.facts, "accept.idle_close", "accept.header_read") == [
        "accept.idle_close = 180s (Limits.KeepAliveTimeout, written @ 4:5)",
        "accept.header_read = 30s (Limits.RequestHeadersTimeout, default @ 1:1)",
    ]
    built = workload("api", root="", env={"ASPNETCORE_HTTP_PORTS": Word("8082", at)})
    assert read("kestrel", {}, built, workload("x", "shop/x"))[0] == []
    text = '{"Kestrel": {"Limits": {"KeepAliveTimeout": "00:01:00"}}}'
    (found,), _ = read("kestrel", {"appsettings.json": text}, workload("api", root="", env=app.env))
    assert facts(found.facts, "accept.idle_close") == [
        "accept.idle_close = 180s (Limits.KeepAliveTimeout, written @ 4:5)"
    ]
