"""Quarkus: production properties, the pool beside the server, REST clients with their own times."""

from __future__ import annotations

from tests.products.texts import facts, links, read, settings, workload
from tochain.model.component import Word
from tochain.model.span import Pos, Span

TEXT = """\
quarkus.application.name=orders
quarkus.http.port=8081
quarkus.http.idle-timeout=75S
%dev.quarkus.http.read-timeout=1s
%prod.quarkus.http.read-timeout=20s
quarkus.datasource.jdbc.url=jdbc:postgresql://db/orders?socketTimeout=10
quarkus.datasource.password=hunter2
quarkus.datasource.jdbc.max-lifetime=14M
quarkus.rest-client."pay-api".url=http://pay:8080
quarkus.rest-client.pay-api.read-timeout=3000
"""


def test_application():
    texts = {
        "orders/src/main/resources/application.properties": TEXT,
        "orders/pom.xml": "<quarkus.platform.version>3.8.1</",
    }
    server, pool = read("quarkus", texts)[0]
    assert (server.name, server.scope, str(server.versions), [str(a) for a in server.listens]) == (
        "orders", "dir:orders", "3.8.1", ["*:8081"],
    )  # fmt: skip
    assert facts(server.facts, "accept.idle_close", "accept.body_read", "accept.drain") == [
        "accept.idle_close = 75s (quarkus.http.idle-timeout, written @ 3:1)",
        "accept.body_read = 20s (quarkus.http.read-timeout, written @ 5:1)",
        "accept.drain = 0s (quarkus.shutdown.timeout, default @ 1:1)",
    ]
    assert links(server) == ["pay:8080 http rest client pay-api @ 9:1"]
    assert facts(server.links[0].facts, "connect.response_header", "connect.connect") == [
        "connect.response_header = 3s (quarkus.rest-client.read-timeout, written @ 10:1)",
        "connect.connect = 15s (quarkus.rest-client.connect-timeout, default @ 1:1)",
    ]
    assert (pool.kind, pool.variant, links(pool)) == ("client", "agroal", ["db:5432 postgresql  @ 6:1"])
    assert facts(pool.links[0].facts, "connect.max_age", "connect.read_stall") == [
        "connect.max_age = 840s (quarkus.datasource.jdbc.max-lifetime, written @ 8:1)",
        "connect.read_stall = 10s (socketTimeout, written @ 6:1)",
    ]
    assert "hunter2" not in repr((server, pool))
    assert settings(server.settings)[0] == "quarkus.http.idle-timeout = 75S @ 3:1-30"


def test_settings_of_one_client_are_not_those_of_another():
    text = TEXT + "quarkus.mongodb.connection-string=mongodb://me:hunter2@docs/x?socketTimeoutMS=900\n"
    server, docs, pool = read("quarkus", {"src/main/resources/application.properties": text})[0]
    assert "connect.max_age" not in server.facts and "connect.max_age" not in server.links[0].facts
    assert (docs.product, docs.kind, links(docs)) == ("mongodb", "client", ["docs:27017 mongodb  @ 11:1"])
    assert facts(docs.facts, "connect.read_stall") == ["connect.read_stall = 900ms (socketTimeoutMS, written @ 11:1)"]
    assert list(pool.settings) == ["quarkus.datasource.jdbc.max-lifetime"]


def test_environment_alone():
    at = Span("compose.yaml", Pos(4, 5), Pos(4, 9))
    env = {"QUARKUS_HTTP_IDLE_TIMEOUT": "20s", "QUARKUS_DATASOURCE_JDBC_URL": "jdbc:postgresql://db/x"}
    app = workload("app", "shop/orders", env={name: Word(text, at) for name, text in env.items()})
    server, pool = read("quarkus", {}, app)[0]
    assert (server.name, server.workload, [str(a) for a in server.listens]) == ("app", app.key, ["*:8080"])
    assert facts(server.facts, "accept.idle_close") == [
        "accept.idle_close = 20s (quarkus.http.idle-timeout, written @ 4:5)"
    ]
    assert links(pool) == ["db:5432 postgresql  @ 4:5"]
    for other in (workload("kc", "quay.io/keycloak/keycloak:22.0", env=app.env), workload("x", "shop/x")):
        assert read("quarkus", {}, other)[0] == []
