"""broker.xml: acceptors with their own times, what overrides them, and defaults."""

from __future__ import annotations

from tests.products.texts import facts, read, workload

XML = """\
<configuration xmlns="urn:activemq"><core xmlns="urn:activemq:core">
  <connection-ttl-override>%s</connection-ttl-override>
  <acceptors>
    <acceptor name="artemis">tcp://0.0.0.0:61616?tcpSendBufferSize=1048576;connectionTtl=45000</acceptor>
    <acceptor name="amqp">tcp://0.0.0.0:5672?protocols=AMQP;amqpIdleTimeout=20000</acceptor>
    <acceptor name="vm">vm://0</acceptor>
  </acceptors>
</core></configuration>
"""
TIMERS = ("accept.stream_idle", "session.heartbeat")


def test_acceptors():
    own = workload("mq", "apache/activemq-artemis:2.31.2", mounts={"etc": "/var/lib/artemis/etc"})
    every, amqp = read("artemis", {"etc/broker.xml": XML % -1}, own)[0]
    assert [(c.name, c.protocol, str(c.span), [str(a) for a in c.listens]) for c in (every, amqp)] == [
        ("mq", "openwire", "etc/broker.xml:4:5", ["*:61616"]),
        ("mq", "amqp", "etc/broker.xml:5:5", ["*:5672"]),
    ]
    assert facts(every.facts, *TIMERS) == ["accept.stream_idle = 45s (connectionTtl, written @ 4:76)"]
    assert facts(amqp.facts, *TIMERS) == [
        "accept.stream_idle = 60s (connectionTtl, default @ 5:5)",
        "session.heartbeat = 20s (amqpIdleTimeout, written @ 5:61)",
    ]


def test_what_overrides_all():
    found = read("artemis", {"broker.xml": XML % 30000})[0]
    assert [facts(c.facts, "accept.stream_idle")[0] for c in found] == [
        "accept.stream_idle = 30s (connection-ttl-override, written @ 2:4)"
    ] * 2


def test_other_files():
    for text in ("<configuration/>", "<configuration><core/></configuration>", "<a>"):
        assert read("artemis", {"broker.xml": text}) == ([], {})
