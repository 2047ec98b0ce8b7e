"""hikari.properties: a pool's limits, and where it connects to."""

from __future__ import annotations

from tests.products.texts import facts, links, read

TEXT = """\
jdbcUrl=jdbc:mysql://db:3306/shop?connectTimeout=900
dataSource.password=hunter2
poolName=shop
maxLifetime=600000
minimumIdle=2
maximumPoolSize=10
idleTimeout=120000
"""


def test_pool_with_a_url():
    (pool,), _ = read("hikaricp", {"conf/hikari.properties": TEXT})
    assert (pool.name, pool.product, pool.kind, links(pool)) == (
        "shop", "hikaricp", "pool", ["db:3306 mysql jdbcUrl @ 1:9"],
    )  # fmt: skip
    assert facts(pool.links[0].facts, "connect.max_age", "connect.idle_keep", "connect.pool_wait") == [
        "connect.max_age = 600s (maxLifetime, written @ 4:1)",
        "connect.idle_keep = 120s (idleTimeout, written @ 7:1)",
        "connect.pool_wait = 30s (connectionTimeout, default @ 1:1)",
    ]
    assert "hunter2" not in repr(pool)


def test_pool_with_a_servers_name():
    text = "dataSource.serverName=db\ndataSource.portNumber=5433\n"
    (pool,), _ = read("hikaricp", {"hikari.properties": text})
    assert links(pool) == ["db:5433  dataSource.serverName @ 1:1"]
