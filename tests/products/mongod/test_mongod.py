"""mongod.conf: where it listens; connections are kept, and probed every five minutes."""

from __future__ import annotations

from tests.products.texts import facts, read, workload


def test_file():
    text = "net:\n  port: 27018\nsetParameter:\n  defaultMaxTimeMS: {readOperations: 5000}\n"
    own = workload("docs", "mongo:7.0", mounts={"mongod.conf": "/etc/mongod.conf"})
    (found,), _ = read("mongod", {"mongod.conf": text}, own)
    assert (found.name, found.kind, found.protocol, [str(a) for a in found.listens], str(found.versions)) == (
        "docs",
        "database",
        "mongodb",
        ["*:27018"],
        "7.0",
    )
    assert facts(found.facts, "accept.idle_close", "accept.tcp_keepalive_time") == [
        "accept.idle_close = never ((no idle limit), fixed @ 1:1)",
        "accept.tcp_keepalive_time = 300s ((socket keepalive), fixed @ 1:1)",
    ]


def test_no_file_of_its():
    assert read("mongod", {"mongo/x.conf": "a b c\n", "mongod.conf": "- 1\n"}) == ([], {})
    (found,), _ = read("mongod", {"mongod.conf": "storage: {dbPath: /x}\n"})
    assert [str(a) for a in found.listens] == ["*:27017"]
