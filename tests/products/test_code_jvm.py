"""Source code for the JVM: what is read of each library, with its places, and what it comes to."""

from __future__ import annotations

import pytest

from tests.products.test_code import one, told
from tests.products.texts import facts

KAFKA_SPRING = """\
import java.util.*;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.springframework.kafka.core.*;

@Configuration
public class KafkaConf {
  private static final int PATIENCE = 20_000;

  @Bean
  public ProducerFactory<String, String> producerFactory() {
    return new DefaultKafkaProducerFactory<>(forProducers());
  }

  private Map<String, Object> forProducers() {
    Map<String, Object> props = new HashMap<>();
    props.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "kafka-1:9093,kafka-2:9093");
    props.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE);
    props.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, "60000");
    return props;
  }

  @Bean
  public ConsumerFactory<String, String> consumerFactory() {
    Map<String, Object> props = new HashMap<>();
    props.put("bootstrap.servers", "kafka-3");
    props.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10000);
    props.put("heartbeat.interval.ms", 2000);
    return new DefaultKafkaConsumerFactory<>(props);
  }
}
"""
KAFKA_KOTLIN = """\
import org.apache.kafka.clients.consumer.ConsumerConfig
import org.apache.kafka.clients.consumer.KafkaConsumer
class Reader {
  fun open() = KafkaConsumer<String, String>(mapOf(
    ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG to "kafka:9092", ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG to 600_000,
    "session.timeout.ms" to "30000"))
}
"""
KAFKA_APPLY = """\
import org.apache.kafka.clients.producer.KafkaProducer
import org.apache.kafka.clients.producer.ProducerConfig
fun open(): KafkaProducer<String, String> {
  val props = Properties().apply {
    this[ProducerConfig.BOOTSTRAP_SERVERS_CONFIG] = "kafka:9092"
    put(ProducerConfig.LINGER_MS_CONFIG, 20)
  }
  props["max.block.ms"] = 3000
  return KafkaProducer(props)
}
"""

SAMPLES = {
    "kafka in Spring's factories": (
        "src/KafkaConf.java",
        KAFKA_SPRING,
        [
            "kafka client",
            "client role = producer @ 12:12-61",
            "client role = consumer @ 29:12-52",
            "request.timeout.ms = 20000 @ 18:5-66",
            "delivery.timeout.ms = 60000 @ 19:5-66",
            "session.timeout.ms = 10000 @ 27:5-63",
            "heartbeat.interval.ms = 2000 @ 28:5-45",
            "-> kafka-1:9093 kafka Properties @ 17:5",
            "-> kafka-3:9092 kafka Properties @ 26:5",
        ],
    ),
    "kafka with a map literal": (
        "src/Reader.kt",
        KAFKA_KOTLIN,
        [
            "kafka client",
            "client role = consumer @ 4:16-38",
            "max.poll.interval.ms = 600000 @ 5:108-115",
            "session.timeout.ms = 30000 @ 6:29-36",
            "-> kafka:9092 kafka mapOf @ 4:46",
        ],
    ),
    "kafka with properties in a block": (
        "src/Writer.kt",
        KAFKA_APPLY,
        [
            "kafka client",
            "client role = producer @ 9:10-30",
            "linger.ms = 20 @ 6:5-45",
            "max.block.ms = 3000 @ 8:3-31",
            "-> kafka:9092 kafka Properties @ 5:5",
        ],
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_sample(name: str) -> None:
    path, text, expected = SAMPLES[name]
    assert told(one(path, text)) == expected


def test_kafka_defaults_are_those_of_the_client_that_is_made() -> None:
    producer, consumer = (link.facts for link in one("src/KafkaConf.java", KAFKA_SPRING).links)
    timers = ("connect.attempt_total", "connect.retry_total", "session.session_timeout", "session.heartbeat")
    assert facts(producer, *timers) == [
        "connect.attempt_total = 20s (request.timeout.ms, written @ 18:5)",
        "connect.retry_total = 60s (delivery.timeout.ms, written @ 19:5)",
    ]
    assert facts(consumer, *timers) == [
        "connect.attempt_total = 30s (request.timeout.ms, default @ 12:12)",
        "session.session_timeout = 10s (session.timeout.ms, written @ 27:5)",
        "session.heartbeat = 2s (heartbeat.interval.ms, written @ 28:5)",
    ]


@pytest.mark.parametrize(
    ("version", "expected"), [("2.8.1", "10s (session.timeout.ms"), ("3.9.0", "45s (session.timeout.ms")]
)
def test_kafka_defaults_by_the_version_of_the_client(version: str, expected: str) -> None:
    text = 'import org.apache.kafka.clients.consumer.*;\nclass A { Object a = new KafkaConsumer<>(Map.of("bootstrap.servers", "k:9092")); }\n'
    pom = f"<project><dependencies><dependency><artifactId>kafka-clients</artifactId><version>{version}</version></dependency></dependencies></project>"
    (link,) = one("a/A.java", text, **{"a/pom.xml": pom}).links
    assert facts(link.facts, "session.session_timeout") == [f"session.session_timeout = {expected}, default @ 2:22)"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Producer a(Properties given) { return new KafkaProducer<>(given); }", "it may be among given"),
        (
            "Producer a(KafkaProperties k) { Map<String, Object> props = k.buildProducerProperties(null);"
            ' props.put("linger.ms", 7); return new KafkaProducer<>(props); }',
            "the application's spring.kafka properties decide",
        ),
    ],
)
def test_kafka_settings_of_a_table_from_elsewhere_are_not_known(text: str, expected: str) -> None:
    head = "import org.apache.kafka.clients.producer.*;\nimport org.springframework.kafka.core.*;\n"
    (link,) = one("a/A.java", head + f"class A {{ {text} }}\n").links
    (fact,) = link.facts["connect.attempt_total"]
    assert str(fact.limit) == expected or getattr(fact.limit, "reason", "") == expected
