"""pgbouncer.ini with its databases as links, and images set by variables."""

from __future__ import annotations

from dataclasses import replace

from tests.products.texts import facts, links, read, settings, workload
from tochain.model.component import Word
from tochain.model.span import Pos, Span
from tochain.model.version import parse_versions
from tochain.products.registry import Registry

CONF = """\
[databases]
shop = host=db port=5433 dbname=shop password='s p'
local = dbname=local
late = host={{ db_host }} port=5432
[pgbouncer]
listen_port = 6433
server_idle_timeout = 240
query_wait_timeout = 0
"""


def test_file():
    (found,), _ = read("pgbouncer", {"pgbouncer/pgbouncer.ini": CONF})
    assert (found.kind, [str(a) for a in found.listens]) == ("proxy", ["*:6433"])
    assert settings(found.settings) == ["server_idle_timeout = 240 @ 7:1-26", "query_wait_timeout = 0 @ 8:1-23"]
    assert links(found) == [
        "db:5433 postgresql database shop @ 2:1",
        "unix:/tmp/.s.PGSQL.5432 postgresql database local @ 3:1",
        "filled in later: {{:5432 postgresql database late @ 4:1",
    ]
    assert facts(found.facts, "connect.idle_keep", "accept.queue_wait", "accept.idle_close") == [
        "connect.idle_keep = 240s (server_idle_timeout, written @ 7:1)",
        "accept.queue_wait = never (query_wait_timeout, written @ 8:1)",
        "accept.idle_close = never (client_idle_timeout, default @ 1:1)",
    ]


def test_defaults_by_version():
    (found,), _ = read("pgbouncer", {"pgbouncer.ini": "[pgbouncer]\n"})
    by = {v: replace(found, versions=parse_versions(v), facts={}) for v in ("1.5", "1.21")}
    assert [facts(Registry().complete(c, lambda s, m: None).facts, "accept.queue_wait")[0] for c in by.values()] == [
        "accept.queue_wait = never (query_wait_timeout, default @ 1:1)",
        "accept.queue_wait = 120s (query_wait_timeout, default @ 1:1)",
    ]


def test_image_variables():
    at = Span("compose.yaml", Pos(9, 5), Pos(9, 50))
    env = {
        "DATABASE_URL": Word("postgres://user:secret@db:5432/shop", at),
        "SERVER_IDLE_TIMEOUT": Word("60", at),
        "LISTEN_PORT": Word("6000", at),
    }
    (found,), _ = read("pgbouncer", {}, workload("pool", "edoburu/pgbouncer:1.21.0", env=env))
    assert (links(found), settings(found.settings), [str(a) for a in found.listens]) == (
        ["db:5432 postgresql DATABASE_URL @ 9:5"], ["server_idle_timeout = 60 @ 9:5-50"], ["*:6000"],
    )  # fmt: skip
    assert "secret" not in repr(found)
