"""Which heartbeats reach a hop, by protocol and by what stands between the ends."""

from __future__ import annotations

import pytest

from tochain.check import sample
from tochain.model.limit import OFF, Limit, Unknown, seconds

SOMEWHERE = Unknown("whether b sends heartbeats is not known")


def beats(a: str, b: str, protocol: str) -> tuple[Limit, Limit]:
    """The heartbeats of either end on the last hop of a -> edge -> b, with the timers given."""
    text = f"""
version: 1
components:
  a: {{product: client, timers: {{{a}}}}}
  edge: {{product: nginx, version: "1.28.3"}}
  b: {{product: server, timers: {{{b}}}}}
paths: [{{path: a -> edge -> b, protocol: {protocol}}}]
"""
    graph = sample({"tochain.yaml": text}).graph
    hop = next(hop for hop in graph.hops if hop.server.name == "b")
    return hop.client_facts["connect.far_heartbeat"][0].limit, hop.server_facts["accept.far_heartbeat"][0].limit


@pytest.mark.parametrize(
    ("protocol", "a", "b", "expected"),
    [
        ("websocket", "connect.heartbeat: 20s", "accept.ping_interval: 30s", (seconds(20), seconds(30))),
        ("websocket", "connect.heartbeat: off", "accept.idle_close: 60s", (OFF, SOMEWHERE)),
        ("websocket", "session.heartbeat: 60s", "accept.heartbeat: 60s", (seconds(60), seconds(60))),
        ("amqp", "session.heartbeat: 60s", "session.heartbeat: 30s", (seconds(30), seconds(15))),
        ("amqp", "connect.heartbeat: 60s", "session.heartbeat: off", (seconds(60), OFF)),
        ("mqtt", "session.heartbeat: 60s", "accept.idle_close: 60s", (seconds(60), OFF)),
        ("sse", "connect.read_stall: 60s", "accept.heartbeat: 15s", (OFF, seconds(15))),
        ("redis", "connect.ping_interval: 30s", "session.heartbeat: 10s", (seconds(30), SOMEWHERE)),
    ],
)
def test_heartbeats(protocol: str, a: str, b: str, expected: tuple[Limit, Limit]) -> None:
    """AMQP's is a timeout, an MQTT broker and an event stream's client are silent, replication's is nobody else's."""
    assert beats(a, b, protocol) == expected


@pytest.mark.parametrize(
    ("variant", "setting", "expected"),
    [
        ("py-amqp", "heartbeat: 0", (OFF, OFF)),
        ("py-amqp", "heartbeat: 300", (seconds(150), seconds(30))),
        ("pika", "heartbeat: 0", (OFF, OFF)),
        ("pika", "heartbeat: 300", (seconds(150), seconds(150))),
        ("aio-pika", "heartbeat: 300", (seconds(150), seconds(150))),
        ("java", "requestedHeartbeat: 0", (OFF, seconds(30))),
    ],
)
def test_what_a_client_makes_of_the_brokers_proposal(variant: str, setting: str, expected: tuple[Limit, Limit]) -> None:
    """Some clients switch the broker's heartbeats off by asking for none, some force their own number on it."""
    text = f"""
version: 1
components:
  worker: {{product: amqp-clients, variant: {variant}, settings: {{{setting}}}}}
  broker: {{product: rabbitmq, version: "3.13.0"}}
paths: [{{path: worker -> broker, protocol: amqp}}]
"""
    hop = sample({"tochain.yaml": text}).graph.hops[0]
    found = hop.client_facts["connect.far_heartbeat"][0].limit, hop.server_facts["accept.far_heartbeat"][0].limit
    assert found == expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [("1.0.3", seconds(30)), ("2.0.1", OFF), (">=1.0,<3", Unknown("whether broker sends heartbeats is not known"))],
)
def test_declining_came_with_a_version(version: str, expected: Limit) -> None:
    text = f"""
version: 1
components:
  worker: {{product: amqp-clients, variant: amqplib, version: "{version}", settings: {{heartbeat: 0}}}}
  broker: {{product: rabbitmq, version: "3.13.0"}}
paths: [{{path: worker -> broker, protocol: amqp}}]
"""
    hop = sample({"tochain.yaml": text}).graph.hops[0]
    assert hop.server_facts["accept.far_heartbeat"][0].limit == expected


def test_pings_of_http2_end_at_each_hop() -> None:
    """No heartbeat is handed on where pings are between neighbours."""
    text = """
version: 1
components:
  a: {product: client, timers: {connect.ping_interval: 20s}}
  b: {product: server}
paths: [{path: a -> b, protocol: grpc}]
"""
    hop = sample({"tochain.yaml": text}).graph.hops[0]
    assert "connect.far_heartbeat" not in hop.client_facts
