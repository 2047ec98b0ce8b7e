"""Brokers and queues."""

from __future__ import annotations

from tochain.products.base import Entry
from tochain.products.tables.patterns import CLOUD_FILES, MODULE, SERVERLESS, TF_FILES

__all__ = ["BROKERS"]

BROKERS: tuple[Entry, ...] = (
    Entry("aws-sqs", files=CLOUD_FILES, sniff=r"aws_sqs_queue|AWS::SQS|SqsSubscription" + MODULE + SERVERLESS),
    Entry("gcp-pubsub", files=TF_FILES, sniff="google_pubsub_subscription"),
    Entry(
        "rabbitmq",
        files="rabbitmq*.conf rabbitmq*.conf.* rabbitmq/*.conf rabbitmq/conf.d/*.conf rabbitmq.config advanced.config",
        sniff=r"(?m)^[ \t]*#?[ \t]*[a-z_]+(?:\.[\w$-]+)*[ \t]*=|\{\s*rabbit",
        code=True,
        commands="rabbitmq-server",
        images=r"rabbitmq.*|.*-rabbitmq",
        port=5672,
    ),
    Entry(
        "artemis",
        files="*broker*.xml *artemis*.xml",
        sniff="<acceptor",
        commands="artemis artemis-service",
        images=r"(activemq-)?artemis(-.*)?",
        port=61616,
    ),
    Entry(
        "activemq", files="*.xml *.xml.*", sniff="<transportConnector", images=r"activemq(-(?!artemis).*)?", port=61616
    ),
    Entry(
        "kafka",
        files="*server*.properties *producer*.properties *consumer*.properties *kafka*.properties *broker*.properties "
        "connect-*.properties",
        sniff=r"(?m)^[ \t]*(?:broker\.id|node\.id|process\.roles|log\.dirs|zookeeper\.connect|bootstrap\.servers)"
        r"[ \t]*[=:]",
        code=True,
        commands="kafka-server-start.sh kafka-server-start",
        images=r"(cp-|ubi-)?(kafka|enterprise-kafka|cp-server)(-native)?",
        port=9092,
    ),
    Entry(
        "mqtt-mosquitto",
        files="*mosquitto*.conf *mosquitto*/*.conf *mosquitto*.conf.*",
        sniff=r"(?m)^[ \t]*(?:listener|port|allow_anonymous|persistence|connection|max_keepalive|password_file"
        r"|log_dest)[ \t]+\S",
        code=True,
        commands="mosquitto",
        images=r"(eclipse-)?mosquitto.*",
        port=1883,
    ),
    Entry(
        "nats",
        files="*nats*.conf *nats*/*.conf",
        sniff=r"(?m)^[ \t]*(?:port|listen|jetstream|cluster|ping_interval|authorization|websocket)[ \t]*[:={]",
        code=True,
        commands="nats-server",
        images=r"nats(-server)?",
        port=4222,
    ),
    Entry(
        "temporal",
        files="*.yaml *.yml",
        sniff=r"(?m)^(?:frontend|history|matching)\.[A-Za-z]\w*:|^[ \t]*membershipPort:",
        code=True,
        commands="temporal-server",
        images=r"auto-setup|temporal(-server)?",
        port=7233,
    ),
)
