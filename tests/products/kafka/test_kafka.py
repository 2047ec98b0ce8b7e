"""Kafka: broker files, client files with the client's own meaning of the idle limit, image variables."""

from __future__ import annotations

from dataclasses import replace

from tests.products.texts import facts, links, read, settings, workload
from tochain.model.component import Word
from tochain.model.span import Pos, Span
from tochain.model.version import parse_versions
from tochain.products.registry import Registry

SERVER = "broker.id=1\nlisteners=PLAINTEXT://:9095\nconnections.max.idle.ms=300000\n"
CLIENT = """\
bootstrap.servers=kafka:9092,kafka2:9092
client.id=orders
connections.max.idle.ms=540000
linger.ms=${LINGER:5}
"""


def test_broker_and_client():
    (server, client), _ = read("kafka", {"k/server.properties": SERVER, "k/producer.properties": CLIENT})
    assert (server.kind, [str(a) for a in server.listens], settings(server.settings)) == (
        "broker",
        ["*:9095"],
        ["connections.max.idle.ms = 300000 @ 3:1-31"],
    )
    assert facts(server.facts, "accept.idle_close") == [
        "accept.idle_close = 300s (connections.max.idle.ms, written @ 3:1)"
    ]
    assert (client.name, client.kind, client.variant, links(client)) == (
        "orders",
        "client",
        "client",
        ["kafka:9092 kafka  @ 1:19"],
    )
    assert facts(client.facts, "connect.idle_keep", "connect.linger", "accept.idle_close") == [
        "connect.idle_keep = 540s (client connections.max.idle.ms, written @ 3:1)",
        "connect.linger = unknown (linger.ms, written @ 4:1)",
    ]


def test_defaults_by_version():
    (client,), _ = read("kafka", {"consumer.properties": "bootstrap.servers=kafka:9092\n"})
    by = [replace(client, versions=parse_versions(v), facts={}) for v in ("2.8", "3.4")]
    assert [facts(Registry().complete(c, lambda s, m: None).facts, "session.session_timeout")[0] for c in by] == [
        "session.session_timeout = 10s (session.timeout.ms, default @ 1:1)",
        "session.session_timeout = 45s (session.timeout.ms, default @ 1:1)",
    ]


def test_image_variables():
    at = Span("compose.yaml", Pos(3, 5), Pos(3, 9))
    env = {
        "KAFKA_CFG_CONNECTIONS_MAX_IDLE_MS": Word("60000", at),
        "KAFKA_LISTENERS": Word("PLAINTEXT://:9092,EXT://:9094", at),
    }
    (found,), _ = read("kafka", {}, workload("kafka", "bitnami/kafka:3.6", env=env))
    assert ([str(a) for a in found.listens], settings(found.settings), str(found.versions)) == (
        ["*:9092", "*:9094"],
        ["connections.max.idle.ms = 60000 @ 3:5-9"],
        "3.6",
    )


def test_images_of_confluent_platform_hold_another_version_of_kafka():
    tags = {"7.5.3": "3.5", "6.2.1-1-ubi8": "2.8", "5.4.0": "2.4", "8.0.0": "4.0", "latest": "", "3.3.0": ""}
    for tag, expected in tags.items():
        (found,), _ = read("kafka", {}, workload("broker", f"confluentinc/cp-kafka:{tag}"))
        assert found.versions.text == expected
    (plain,), _ = read("kafka", {}, workload("broker", "apache/kafka:3.9.0"))
    assert plain.versions.text == "3.9.0"


def test_a_file_of_a_confluent_image_is_of_its_kafka():
    runs = workload(
        "broker", "confluentinc/cp-server:7.0.1", mounts={"k/server.properties": "/etc/kafka/server.properties"}
    )
    (found,), _ = read("kafka", {"k/server.properties": SERVER}, runs)
    assert (found.workload, found.versions.text) == (runs.key, "3.0")
