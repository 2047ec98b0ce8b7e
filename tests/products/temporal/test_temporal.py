"""Temporal's dynamic configuration, and the port and database of its static one."""

from __future__ import annotations

from tests.products.texts import facts, links, read

DYNAMIC = """\
frontend.keepAliveMaxConnectionAge:
  - value: 10m
frontend.keepAliveMinTime:
  - value: 20s
    constraints: {namespace: x}
frontend.persistenceMaxQPS:
  - value: 3000
"""
STATIC = """\
services:
  frontend: {rpc: {grpcPort: 7234, membershipPort: 6933}}
persistence:
  datastores:
    default: {sql: {pluginName: postgres12, connectAddr: "db:5433", password: hunter2}}
    later: {sql: {pluginName: mysql8, connectAddr: "{{ .Env.DB }}:3306"}}
    other: {cassandra: {hosts: c}}
"""


def test_dynamic():
    (found,), _ = read("temporal", {"dynamicconfig/production.yaml": DYNAMIC})
    assert [str(a) for a in found.listens] == ["*:7233"]
    assert facts(found.facts, "accept.max_age", "accept.ping_min_interval") == [
        "accept.max_age = 600s (frontend.keepAliveMaxConnectionAge, written @ 1:1)",
        "accept.ping_min_interval = 10s (frontend.keepAliveMinTime, default @ 1:1)",
    ]


def test_static():
    (found,), _ = read("temporal", {"config/production.yaml": STATIC})
    assert [str(a) for a in found.listens] == ["*:7234"]
    assert links(found) == [
        "db:5433 postgresql data store default @ 5:58",
        "filled in later: {{ .Env.DB }}:3306 mysql data store later @ 6:52",
    ]
    assert "hunter2" not in repr(found)


def test_other_files():
    assert read("temporal", {"a.yaml": "frontend: {x: 1}\n", "b.yaml": "- 1\n"}) == ([], {})
