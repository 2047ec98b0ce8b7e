"""rabbitmq.conf, classic Erlang terms, listeners of several protocols, heartbeat and consumer timeout by version."""

from __future__ import annotations

from dataclasses import replace

from tests.products.texts import facts, read, settings, workload
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
