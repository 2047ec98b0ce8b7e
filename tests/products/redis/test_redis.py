"""redis.conf by version, with sockets; a sentinel's file is another program's."""

from __future__ import annotations

from dataclasses import replace

from tests.products.texts import facts, read, settings, workload
from tochain.model.version import parse_versions
from tochain.products.registry import Registry


def test_file():
    (found,), _ = read("redis", {"redis/redis.conf": "# cache\nport 0\nunixsocket /run/redis.sock\nTIMEOUT 300\n"})
    assert ([str(a) for a in found.listens], settings(found.settings)) == (
        ["unix:/run/redis.sock"],
        ["timeout = 300 @ 4:1-12"],
    )
    assert facts(found.facts, "accept.idle_close", "accept.tcp_keepalive_time") == [
        "accept.idle_close = 300s (timeout, written @ 4:1)",
        "accept.tcp_keepalive_time = off or 300s (tcp-keepalive, default @ 1:1)",
    ]


def test_defaults_by_version():
    (found,), _ = read("redis", {"redis.conf": "port 6380\n"}, workload("cache", "redis:7.2"))
    assert (found.name, [str(a) for a in found.listens]) == ("cache", ["*:6380"])
    old = replace(found, versions=parse_versions("3.0"), facts={})
    assert [
        facts(Registry().complete(c, lambda span, message: None).facts, "accept.tcp_keepalive_time")[0]
        for c in (found, old)
    ] == [
        "accept.tcp_keepalive_time = 300s (tcp-keepalive, default @ 1:1)",
        "accept.tcp_keepalive_time = off (tcp-keepalive, default @ 1:1)",
    ]


def test_sentinel():
    assert read("redis", {"redis-sentinel.conf": "sentinel monitor m 10.0.0.1 6379 2\n"}) == ([], {})
