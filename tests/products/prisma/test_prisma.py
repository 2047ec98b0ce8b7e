"""Prisma's limits: in a schema, and in a URL wherever it stands."""

from __future__ import annotations

from tests.products.texts import facts, links, read, settings, workload
from tochain.check import check_files
from tochain.model.component import Word
from tochain.model.span import Pos, Span

SCHEMA = 'generator client {\n}\ndatasource db {\n  provider = "mysql"\n  url = "mysql://me:hunter2@db/x?connection_limit=5&pool_timeout=20"\n}\n'


def test_schema():
    (pool,), _ = read(
        "prisma", {"prisma/schema.prisma": SCHEMA, "package.json": '{"dependencies": {"prisma": "^5.7.0"}}'}
    )
    assert (pool.kind, str(pool.versions), links(pool)) == ("pool", "^5.7.0", ["db:3306 mysql datasource @ 5:10"])
    assert facts(pool.facts) == [
        "connect.pool_wait = 20s (pool_timeout, written @ 5:53)",
        "connect.connect = 5s (connect_timeout, default @ 5:10)",
        "connect.attempt_total = never (socket_timeout, default @ 5:10)",
        "connect.idle_pool_size = 5 (connection_limit, written @ 5:34)",
        "connect.idle_keep = 300s (max_idle_connection_lifetime, default @ 5:10)",
        "connect.max_age = never (max_connection_lifetime, default @ 5:10)",
    ]
    assert "hunter2" not in repr(pool)


def test_from_the_environment_of_its_program():
    at = Span("compose.yaml", Pos(4, 5), Pos(4, 9))
    text = SCHEMA.replace('"mysql://me:hunter2@db/x?connection_limit=5&pool_timeout=20"', 'env("DATABASE_URL")')
    app = workload("api", root="", env={"DATABASE_URL": Word("postgresql://me:hunter2@pg/x?pool_timeout=0", at)})
    (pool,), _ = read("prisma", {"prisma/schema.prisma": text}, app)
    assert (pool.name, pool.workload, links(pool)) == ("api", app.key, ["pg:5432 postgresql datasource @ 4:5"])
    assert facts(pool.facts, "connect.pool_wait") == ["connect.pool_wait = never (pool_timeout, written @ 4:5)"]
    assert read("prisma", {"prisma/schema.prisma": text}) == ([], {"prisma/schema.prisma": _report()})


def _report():
    return read("prisma", {"prisma/schema.prisma": SCHEMA})[1]["prisma/schema.prisma"]


def test_a_url_with_its_parameters():
    text = (
        "services:\n  api: {image: api, environment: {U: 'postgresql://me:x@db/x?pgbouncer=true&socket_timeout=7'}}\n"
    )
    result = check_files({"docker-compose.yml": text})
    assert result.components == 1
    (pool,), _ = read("client", {"app.yml": "u: postgresql://me:x@db/x?pool_timeout=7\n"})
    assert (pool.product, settings(pool.settings)) == ("prisma", ["pool_timeout = 7 @ 1:27-41"])
