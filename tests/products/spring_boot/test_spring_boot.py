"""Spring Boot: layers, profiles, relaxed names, environment, the server by dependency and version, and the clients."""

from __future__ import annotations

import pytest

from tests.products.texts import facts, links, read, settings, workload
from tochain.check import check_files
from tochain.model.component import Word
from tochain.model.span import Pos, Span

RESOURCES = "shop/src/main/resources"
AT = Span("compose.yaml", Pos(7, 7), Pos(7, 20))
YAML = """\
spring:
  application: {name: shop}
  datasource:
    url: jdbc:mysql://db:3307/shop?socketTimeout=30000&user=root&password=hunter2
    password: hunter3
    hikari:
      maxLifetime: 900000
      idle-timeout: ${IDLE:60000}
  data:
    redis: {host: cache, timeout: 2s}
  rabbitmq: {addresses: "mq1:5673,mq2", requested-heartbeat: 15}
server:
  port: ${PORT:9000}
  tomcat: {connection-timeout: 20s}
  shutdown: graceful
---
spring: {config: {activate: {on-profile: prod}}}
server.tomcat.connection_timeout: 5s
"""


def pom(version: str, *starters: str) -> str:
    """A pom.xml with a parent and some starters."""
    wanted = "".join(f"<artifactId>spring-boot-starter-{s}</artifactId>" for s in starters)
    return (
        f"<project><artifactId>spring-boot-starter-parent</artifactId>\n <version>{version}</version>{wanted}</project>"
    )


def test_server():
    found, reports = read("spring-boot", {f"{RESOURCES}/application.yml": YAML, "shop/pom.xml": pom("3.2.1", "web")})
    server = found[0]
    shown = (
        server.name,
        server.product,
        server.scope,
        str(server.versions),
        [str(a) for a in server.listens],
        server.names,
    )
    assert shown == (
        "shop",
        "spring-boot",
        "dir:shop",
        "3.2.1",
        ["*:9000"],
        ("shop",),
    )
    assert settings(server.settings) == [
        "server.shutdown = graceful @ 15:3-21",
        "server.tomcat.connection-timeout = 20s @ 14:12-35",
        "server.tomcat.connection-timeout = 5s @ 18:1-37",
    ]
    assert facts(server.facts, "accept.idle_close", "accept.header_read", "accept.drain") == [
        "accept.idle_close = 20s (server.tomcat.keep-alive-timeout, inherited @ 14:12)",
        "accept.idle_close = 5s (server.tomcat.keep-alive-timeout, inherited @ 18:1)",
        "accept.header_read = 20s (server.tomcat.connection-timeout, written @ 14:12)",
        "accept.header_read = 5s (server.tomcat.connection-timeout, written @ 18:1)",
        "accept.drain = 30s (spring.lifecycle.timeout-per-shutdown-phase, default @ 1:1)",
    ]
    assert reports[f"{RESOURCES}/application.yml"].status == "understood"


def test_clients():
    found, _ = read("spring-boot", {f"{RESOURCES}/application.yml": YAML})
    pool, lettuce, amqp = found[1:]
    assert [(c.product, c.name, c.kind, c.variant, links(c)) for c in (pool, lettuce, amqp)] == [
        ("hikaricp", "shop", "pool", None, ["db:3307 mysql  @ 4:5"]),
        ("lettuce", "shop", "client", None, ["cache:6379 redis  @ 10:13"]),
        ("amqp-clients", "shop", "client", "java", ["mq1:5673 amqp  @ 11:14"]),
    ]
    assert facts(
        pool.links[0].facts, "connect.max_age", "connect.idle_keep", "connect.read_stall", "connect.connect"
    ) == [
        "connect.max_age = 900s (maxLifetime, written @ 7:7)",
        "connect.idle_keep = never (idleTimeout, written @ 8:7)",
        "connect.read_stall = 30s (socketTimeout, written @ 4:5)",
        "connect.connect = never (connectTimeout, default @ 4:5)",
    ]
    assert facts(lettuce.links[0].facts, "connect.read_stall") == [
        "connect.read_stall = 2s (RedisURI.timeout, written @ 10:26)"
    ]
    assert facts(amqp.links[0].facts, "session.heartbeat") == [
        "session.heartbeat = 15s (requestedHeartbeat, written @ 11:41)"
    ]
    assert "hunter" not in repr(found) and "root" not in repr(pool.links)


@pytest.mark.parametrize(
    ("version", "starters", "setting", "idle"),
    [
        ("3.2.1", ("web",), "", "60s (server.tomcat.keep-alive-timeout, default @ 1:1)"),
        ("2.4.0", ("web",), "", "60s (server.tomcat.connection-timeout, default @ 1:1)"),
        ("3.2.1", ("web", "undertow"), "", "60s (server.undertow.no-request-timeout, default @ 1:1)"),
        (
            "3.2.1",
            ("web", "jetty"),
            "server.jetty.connection-idle-timeout=PT1M",
            "60s (server.jetty.connection-idle-timeout, written @ 2:1)",
        ),
        ("3.2.1", ("webflux",), "", "never (server.netty.idle-timeout, default @ 1:1)"),
    ],
)
def test_server_by_dependency_and_version(version, starters, setting, idle):
    texts = {
        "src/main/resources/application.properties": f"server.port=8081\n{setting}\n",
        "pom.xml": pom(version, *starters),
    }
    found, _ = read("spring-boot", texts)
    assert facts(found[0].facts, "accept.idle_close") == [f"accept.idle_close = {idle}"]


@pytest.mark.parametrize(
    ("version", "text", "drain"),
    [
        ("3.2", "", "0s"),
        ("3.4", "", "30s"),
        ("3.2", "spring.lifecycle.timeout-per-shutdown-phase=20s", "0s"),
        ("3.2", "spring.lifecycle.timeout-per-shutdown-phase=20s\nserver.shutdown=graceful", "20s"),
        ("3.4", "server.shutdown=immediate", "0s"),
    ],
)
def test_drain(version, text, drain):
    found, _ = read(
        "spring-boot", {"application.properties": f"server.port=1\n{text}\n", "pom.xml": pom(version, "web")}
    )
    assert [fact.value for fact in found[0].facts["accept.drain"]] == [drain]


def test_environment_and_profile_of_the_workload():
    env = {
        "SPRING_PROFILES_ACTIVE": Word("prod", AT),
        "SERVER_TOMCAT_KEEPALIVETIMEOUT": Word("75s", AT),
        "SPRING_DATASOURCE_PASSWORD": Word("hunter2", AT),
    }
    one = workload("web", "registry.example/shop:1", "java -Dserver.port=8090 -jar shop.jar", env=env)
    found, _ = read("spring-boot", {f"{RESOURCES}/application.yml": YAML}, one)
    assert (found[0].name, found[0].workload, found[0].names) == ("web", one.key, ("web", "shop"))
    assert [str(a) for a in found[0].listens] == ["*:8090"]
    assert facts(found[0].facts, "accept.idle_close", "accept.header_read") == [
        "accept.idle_close = 75s (server.tomcat.keep-alive-timeout, written @ 7:7)",
        "accept.header_read = 5s (server.tomcat.connection-timeout, written @ 18:1)",
    ]
    assert "hunter" not in repr(found)


def test_environment_alone():
    env = {"SPRING_DATASOURCE_URL": Word("jdbc:postgresql://db/x?tcpKeepAlive=true", AT)}
    found, _ = read("spring-boot", {}, workload("api", "acme/api:1", env=env))
    assert [(c.product, links(c)) for c in found] == [("spring-boot", []), ("hikaricp", ["db:5432 postgresql  @ 7:7"])]


def test_config_server():
    texts = {
        "gw/src/main/resources/bootstrap.yml": "spring: {application: {name: gateway}}\n",
        "config/shared/application.yml": "ribbon: {ReadTimeout: 3000}\n",
        "config/shared/gateway.yml": "server: {port: 4000}\n"
        "zuul: {routes: {a: {url: 'http://auth:5000'}, b: {serviceId: accounts}}}\n",
    }
    server, client = read("spring-boot", texts)[0]
    assert (server.name, [str(a) for a in server.listens], client.product) == ("gateway", ["*:4000"], "hystrix-ribbon")
    assert links(client) == ["auth:5000 http route a @ 2:21", "accounts http route b @ 2:51"]
    assert facts(client.links[0].facts, "connect.read_stall") == [
        "connect.read_stall = 3s (ribbon.ReadTimeout, written @ 1:10)"
    ]


def test_gateway_is_a_proxy():
    text = "spring:\n  cloud:\n    gateway:\n      httpclient: {response-timeout: 10s}\n"
    text += "      routes:\n      - {id: a, uri: lb://orders}\n"
    (found,), _ = read("spring-boot", {"application.yml": text})
    assert (found.product, found.kind, links(found)) == ("spring-cloud-gateway", "proxy", ["orders http route @ 6:17"])
    assert facts(found.facts, "accept.idle_close") == [
        "accept.idle_close = never (server.netty.idle-timeout, default @ 1:1)"
    ]
    assert facts(found.links[0].facts, "connect.response_header")[0].startswith("connect.response_header = 10s")


@pytest.mark.parametrize("text", ["quarkus.http.port=1\nserver.x=2\n", "name=plain\n", "micronaut.server.port=1\n"])
def test_other_applications(text):
    assert read("spring-boot", {"application.properties": text})[0] == []


def test_placeholders_that_the_start_fills():
    text = "spring.datasource.url=jdbc:mysql://${DB_HOST:localhost}:${DB_PORT:3306}/x\nserver.port=${PORT:80}\n"
    env = {"DB_HOST": Word("db", AT), "DB_PORT": Word("3308", AT)}
    started, _ = read(
        "spring-boot", {"application.properties": text}, workload("app", "", "java -jar x.jar", root="", env=env)
    )
    assert [links(c) for c in started] == [[], ["db:3308 mysql  @ 1:1"]]
    alone, _ = read("spring-boot", {"application.properties": text})
    assert [links(c) for c in alone] == [[], ["filled in later: ${DB_HOST:localhost}:${DB_PORT:3306} mysql  @ 1:1"]]


def test_a_pool_that_shrinks_has_an_idle_limit():
    text = "spring.datasource.url=jdbc:mysql://db/x\nspring.datasource.hikari.%s=1\nspring.datasource.hikari.idleTimeout=${T:60000}\n"
    for name in ("minimum-idle", "minimumIdle", "MINIMUMIDLE"):
        pool = read("spring-boot", {"application.properties": text % name})[0][1]
        assert [fact.value for fact in pool.facts["connect.idle_keep"]] == ["unknown"]


@pytest.mark.parametrize(
    ("version", "more", "protocol", "found"),
    [
        ("2.5.10", "keep-alive-timeout: 120s", "http2", ["20s"]),
        ("2.5.11", "keep-alive-timeout: 120s", "http2", []),
        ("2.6.4", "keep-alive-timeout: 120s", "http2", ["20s"]),
        ("2.6.4", "keep-alive-timeout: 120s", "http", []),
        ("2.6.5", "keep-alive-timeout: 120s", "http2", []),
        ("3.2.0", "keep-alive-timeout: 120s", "grpc", []),
        ("3.2.0", "accept-count: 7", "http2", ["20s"]),
        ("2.6", "keep-alive-timeout: 120s", "http2", []),
    ],
)
def test_http2_of_tomcat(version: str, more: str, protocol: str, found: list[str]) -> None:
    """It has 20 s of its own, unless the property is set and reaches it."""
    files = {
        "application.yml": f"server:\n  http2: {{enabled: true}}\n  tomcat: {{{more}}}\n",
        "tochain.yaml": f"""\
version: 1
components:
  edge: {{product: black-box, timers: {{connect.idle_keep: 50s}}}}
  app: {{product: spring-boot, version: "{version}", config: application.yml}}
paths: [{{path: edge -> app, protocol: {protocol}}}]
""",
    }
    findings = [f for f in check_files(files).findings if f.rule == "idle-reuse-race"]
    assert [label.value for f in findings for label in f.labels if label.component == "app"] == found


def test_directories_vault_and_schedules():
    text = """\
spring.ldap.urls=ldap://dir:389
spring.ldap.base-environment.com.sun.jndi.ldap.read.timeout=5000
spring.cloud.vault.uri=https://vault:8200
spring.cloud.vault.token=hunter2
spring.cloud.vault.read-timeout=4000
spring.quartz.properties.org.quartz.jobStore.misfireThreshold=7000
spring.elasticsearch.uris=http://es:9200
spring.elasticsearch.connection-timeout=2s
"""
    found = {c.product: c for c in read("spring-boot", {"src/main/resources/application.properties": text})[0]}
    assert [(c.product, c.variant, links(c)) for c in found.values() if c.links] == [
        ("elasticsearch-client", "java", ["es:9200 http  @ 7:1"]),
        ("ldap-pools", "jndi", ["dir:389 ldap  @ 1:1"]),
        ("hashicorp-vault", "spring", ["vault:8200 http  @ 3:1"]),
    ]
    assert facts(found["ldap-pools"].facts, "connect.response_header") == [
        "connect.response_header = 5s (com.sun.jndi.ldap.read.timeout, written @ 2:1)"
    ]
    assert facts(found["hashicorp-vault"].facts, "connect.read_stall", "connect.connect") == [
        "connect.read_stall = 4s (spring.cloud.vault.read-timeout, written @ 5:1)",
        "connect.connect = 5s (spring.cloud.vault.connection-timeout, default @ 1:1)",
    ]
    assert facts(found["quartz"].facts, "schedule.misfire") == [
        "schedule.misfire = 7s (org.quartz.jobStore.misfireThreshold, written @ 6:1)"
    ]
    assert facts(found["elasticsearch-client"].facts, "connect.connect") == [
        "connect.connect = 2s (connectTimeout, written @ 8:1)"
    ]
    assert "hunter2" not in repr(found)


GUARDS = """\
resilience4j:
  timelimiter:
    configs: {default: {timeout-duration: 4s}}
    instances: {payments: {base-config: default}}
  retry:
    configs: {default: {max-attempts: 3, wait-duration: 1s}, often: {max-attempts: 9}}
    instances:
      payments: {base-config: often, waitDuration: 2s}
      stock: {max-retry-attempts: 4}
"""


def test_guards_by_instance_and_what_each_is_based_on():
    [server, guards] = read("spring-boot", {"src/main/resources/application.yml": GUARDS})[0]
    assert (server.product, guards.product) == ("spring-boot", "resilience4j")
    assert facts(guards.facts, "connect.attempt_total", "connect.attempts", "connect.retry_backoff") == [
        "connect.attempt_total = 4s (timelimiter.timeout-duration, written @ 3:25)",
        "connect.attempt_total = unknown (timelimiter.timeout-duration, assumed @ 4:28)",
        "connect.attempts = 9 (retry.max-attempts, written @ 6:70)",
        "connect.attempts = 4 (retry.max-attempts, written @ 9:15)",
        "connect.retry_backoff = 2s (retry.wait-duration, written @ 8:38)",
        "connect.retry_backoff = 1s (retry.wait-duration, written @ 6:42)",
    ]


def test_a_guard_that_nobody_names_has_no_default():
    text = "resilience4j.retry.instances.stock.wait-duration=5s\n"
    guards = read("spring-boot", {"application.properties": text})[0][-1]
    assert facts(guards.facts, "connect.attempt_total", "connect.attempts", "connect.retry_backoff") == [
        "connect.attempts = 3 (retry.max-attempts, default @ 1:1)",
        "connect.retry_backoff = 5s (retry.wait-duration, written @ 1:1)",
    ]
