"""rabbitmq.conf, classic Erlang terms, listeners of several protocols, heartbeat and consumer timeout by version."""

from __future__ import annotations

from dataclasses import replace

from tests.products.texts import facts, links, read, settings, workload
from tochain.model.version import parse_versions
from tochain.products.registry import Registry

CONF = """\
heartbeat = 30
consumer_timeout = 3600000  # an hour
listeners.tcp.default = 5673
stomp.listeners.tcp.1 = 127.0.0.1:61613
"""
TERMS = """\
[{rabbit, [
  %% {heartbeat, 10},
  {heartbeat, 580},
  {consumer_timeout, undefined}
]}].
"""


def test_conf():
    (found,), _ = read("rabbitmq", {"mq/rabbitmq.conf": CONF})
    assert (found.kind, [str(a) for a in found.listens]) == ("broker", ["*:5673", "*:61613"])
    assert settings(found.settings) == ["heartbeat = 30 @ 1:1-15", "consumer_timeout = 3600000 @ 2:1-27"]
    assert facts(found.facts, "session.heartbeat", "session.ack_timeout", "accept.header_read") == [
        "session.heartbeat = 30s (heartbeat, written @ 1:1)",
        "session.ack_timeout = 1h (consumer_timeout, written @ 2:1)",
        "accept.header_read = 10s (handshake_timeout, default @ 1:1)",
    ]


def test_terms():
    (found,), _ = read("rabbitmq", {"rabbitmq.config": TERMS})
    assert settings(found.settings) == ["heartbeat = 580 @ 3:3-19", "consumer_timeout = never @ 4:3-32"]


def test_by_version():
    (found,), _ = read(
        "rabbitmq", {"rabbitmq.conf": "log.console = true\n"}, workload("mq", "rabbitmq:3.12-management")
    )
    assert facts(found.facts, "session.heartbeat", "session.ack_timeout") == [
        "session.heartbeat = 60s (heartbeat, default @ 1:1)",
        "session.ack_timeout = 1800s (consumer_timeout, default @ 1:1)",
    ]
    old = Registry().complete(replace(found, versions=parse_versions("3.5.1"), facts={}), lambda span, message: None)
    assert facts(old.facts, "session.heartbeat", "session.ack_timeout") == [
        "session.heartbeat = 580s (heartbeat, default @ 1:1)",
        "session.ack_timeout = never (consumer_timeout, default @ 1:1)",
    ]


LDAP = """\
auth_backends.1 = ldap
auth_ldap.servers.1 = ldap-1.example.com
auth_ldap.servers.2 = ${LDAP_SPARE}
auth_ldap.use_ssl = true
auth_ldap.timeout = 8000
auth_ldap.idle_timeout = infinity
"""


def test_directories():
    (broker, pool), _ = read("rabbitmq", {"mq/rabbitmq.conf": LDAP}, workload("mq", "rabbitmq:4.1"))
    assert (broker.product, pool.product, pool.variant, pool.kind) == ("rabbitmq", "ldap-pools", "rabbitmq", "pool")
    assert links(pool) == [
        "ldap-1.example.com:636 ldap auth_ldap.servers.1 @ 2:1",
        "filled in later: ${LDAP_SPARE} ldap auth_ldap.servers.2 @ 3:1",
    ]
    wanted = ("connect.idle_keep", "connect.connect", "connect.response_header", "connect.idle_pool_size")
    assert facts(pool.facts, *wanted) == [
        "connect.idle_keep = never (auth_ldap.idle_timeout, written @ 6:1)",
        "connect.connect = 8s (auth_ldap.timeout, written @ 5:1)",
        "connect.response_header = 8s (auth_ldap.timeout, written @ 5:1)",
        "connect.idle_pool_size = 64 (auth_ldap.connection_pool_size, default @ 2:1)",
    ]


def test_no_directory_without_a_server():
    found, _ = read("rabbitmq", {"rabbitmq.conf": "auth_ldap.timeout = 8000\n"})
    assert [component.product for component in found] == ["rabbitmq"]
