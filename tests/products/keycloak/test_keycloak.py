"""Keycloak: file, variables and options; its database pool is a client of its own."""

from __future__ import annotations

from tests.products.texts import facts, links, read, workload
from tochain.model.component import Word
from tochain.model.span import Pos, Span

AT = Span("compose.yaml", Pos(5, 7), Pos(5, 9))


def test_file():
    text = "http-port=8180\ndb-url=jdbc:postgresql://db/kc\ndb-password=hunter2\ndb-pool-max-lifetime=600\n"
    server, pool = read("keycloak", {"conf/keycloak.conf": text})[0]
    assert ([str(a) for a in server.listens], links(server), links(pool)) == (
        ["*:8180"],
        [],
        ["db:5432 postgresql db-url @ 2:8"],
    )
    assert facts(server.facts, "accept.idle_close") == [
        "accept.idle_close = 1800s (quarkus.http.idle-timeout, default @ 1:1)"
    ]
    assert facts(pool.links[0].facts, "connect.max_age") == [
        "connect.max_age = 600s (db-pool-max-lifetime, written @ 4:1)"
    ]
    assert "hunter2" not in repr((server, pool))


def test_image():
    env = {"KC_DB": Word("mariadb", AT), "KC_DB_URL_HOST": Word("sql", AT), "KC_DB_POOL_MAX_LIFETIME": Word("300", AT)}
    one = workload("auth", "quay.io/keycloak/keycloak:24.0", "start --db-pool-max-size=20", env=env)
    server, pool = read("keycloak", {}, one)[0]
    assert (server.name, str(server.versions), links(pool)) == ("auth", "24.0", ["sql:3306 mysql KC_DB_URL_HOST @ 5:7"])
    assert {name: group[0].text for name, group in pool.settings.items()} == {
        "db-pool-max-size": "20", "db-pool-max-lifetime": "300",
    }  # fmt: skip
