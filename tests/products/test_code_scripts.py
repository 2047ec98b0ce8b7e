"""Clients, pools and streams in JavaScript, Python, Go and Ruby: what is read, with its places."""

from __future__ import annotations

import pytest

from tests.products.test_code import read, told
from tests.products.texts import facts, workload
from tochain.model.component import Word
from tochain.model.span import Pos, Span

SAMPLES = {
    "gorilla-clients go": (
        "hub.go",
        """\
package hub

import (
	"time"

	"github.com/gorilla/websocket"
)

func f() {
	d := websocket.Dialer{HandshakeTimeout: 7 * time.Second}
	c, _, _ := d.Dial("ws://hub:9000/x", nil)
	c2, _, _ := websocket.DefaultDialer.Dial("ws://far:9000/x", nil)
	c3, _, _ := websocket.DefaultDialer.DialContext(ctx, "ws://off:9000/x", nil)
}
""",
        [
            "websocket client",
            "HandshakeTimeout = 7s @ 10:24-57",
            "HandshakeTimeout = 45s @ 12:14-66",
            "HandshakeTimeout = 45s @ 13:14-78",
            "-> hub:9000 websocket d.Dial @ 11:13",
            "-> far:9000 websocket websocket.DefaultDialer.Dial @ 12:14",
            "-> off:9000 websocket websocket.DefaultDialer.DialContext @ 13:14",
        ],
    ),
    "coder-dial go": (
        "hub.go",
        """\
package hub

import "github.com/coder/websocket"

func f() { c, _, _ := websocket.Dial(ctx, "ws://hub:9000/x", nil) }
""",
        [
            "websocket client",
            "-> hub:9000 websocket websocket.Dial @ 5:23",
        ],
    ),
    "ws-client ts": (
        "c.ts",
        """\
import WebSocket from "ws";
const ws = new WebSocket("ws://hub:9000/x", { handshakeTimeout: 5000 });
""",
        [
            "websocket client",
            "handshakeTimeout = 5000 @ 2:47-69",
            "-> hub:9000 websocket WebSocket @ 2:12",
        ],
    ),
    "websocket-client py": (
        "c.py",
        """\
import websocket
app = websocket.WebSocketApp("ws://hub:9000/x", on_message=f)
app.run_forever(ping_interval=30, ping_timeout=10)
""",
        [
            "websocket client",
            "websocket-client ping_interval = 30 @ 3:17-33",
            "-> hub:9000 websocket websocket.WebSocketApp @ 2:7",
        ],
    ),
    "paho-connect py": (
        "m.py",
        """\
import paho.mqtt.client as mqtt
c = mqtt.Client()
c.connect("broker", 1883, 30)
""",
        [
            "mqtt-mosquitto client",
            "keepalive = 30 @ 3:1-30",
            "-> broker:1883 mqtt c.connect @ 3:1",
        ],
    ),
    "paho-connect-named py": (
        "m.py",
        """\
import paho.mqtt.client as mqtt
c = mqtt.Client()
c.connect("broker", port=1884, bind_address="0.0.0.0")
c.connect("other", keepalive=15)
""",
        [
            "mqtt-mosquitto client",
            "keepalive = 15 @ 4:20-32",
            "-> broker:1884 mqtt c.connect @ 3:1",
            "-> other:1883 mqtt c.connect @ 4:1",
        ],
    ),
    "paho-options go": (
        "m.go",
        """\
package m

import (
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

var o = mqtt.NewClientOptions().AddBroker("tcp://broker:1883").SetKeepAlive(20 * time.Second).SetPingTimeout(5 * time.Second).SetConnectTimeout(3 * time.Second)
""",
        [
            "mqtt-mosquitto client",
            "SetKeepAlive = 20s @ 9:64-94",
            "SetPingTimeout = 5s @ 9:95-126",
            "SetConnectTimeout = 3s @ 9:127-161",
            "-> broker:1883 mqtt AddBroker @ 9:9",
        ],
    ),
    "bunny-options rb": (
        "m.rb",
        """\
require "bunny"
conn = Bunny.new(host: "mq", heartbeat: 0, connection_timeout: 5, continuation_timeout: 4_000)
conn.start
""",
        [
            "amqp-clients client",
            "heartbeat = 0 @ 2:30-42",
            "connection_timeout = 5 @ 2:44-65",
            "continuation_timeout = 4000 @ 2:67-94",
            "-> mq:5672 amqp Bunny.new @ 2:8",
        ],
    ),
    "aio-pika-options py": (
        "m.py",
        """\
import aio_pika
c = await aio_pika.connect_robust(host="mq", heartbeat=30, timeout=5, reconnect_interval=2)
""",
        [
            "amqp-clients client",
            "heartbeat = 30 @ 2:46-58",
            "timeout = 5 @ 2:60-69",
            "reconnect_interval = 2 @ 2:71-91",
            "-> mq:5672 amqp aio_pika.connect_robust @ 2:11",
        ],
    ),
    "rabbitmq-client cs": (
        "M.cs",
        """\
using RabbitMQ.Client;
var f = new ConnectionFactory { HostName = "mq", RequestedHeartbeat = TimeSpan.FromSeconds(30), ContinuationTimeout = TimeSpan.FromSeconds(8) };
""",
        [
            "amqp-clients client",
            "RequestedHeartbeat = 30s @ 2:50-95",
            "ContinuationTimeout = 8s @ 2:97-142",
            "-> mq:5672 amqp ConnectionFactory @ 2:9",
        ],
    ),
    "ktor-timeout-plugin kt": (
        "a.kt",
        """\
import io.ktor.client.*
import io.ktor.client.engine.cio.*
import io.ktor.client.plugins.*

val client = HttpClient(CIO) {
    install(HttpTimeout) {
        socketTimeoutMillis = 20_000
    }
    engine { requestTimeout = 9_000 }
}
""",
        [
            "ktor client",
            "endpoint.socketTimeout = 20000 @ 7:9-37",
            "requestTimeout = 9000 @ 9:14-36",
            "-> its address is not said in this file http HttpClient(CIO) @ 5:14",
        ],
    ),
    "kafkajs ts": (
        "k.ts",
        """\
import { Kafka } from "kafkajs";
const kafka = new Kafka({ clientId: "a", brokers: ["kafka-1:9092", "kafka-2:9092"], connectionTimeout: 3000, retry: { retries: 8 } });
const consumer = kafka.consumer({ groupId: "g", sessionTimeout: 20_000, heartbeatInterval: 25_000 });
""",
        [
            "kafkajs client",
            "connectionTimeout = 3000 @ 2:85-108",
            "retry.retries = 8 @ 2:119-129",
            "sessionTimeout = 20000 @ 3:49-71",
            "heartbeatInterval = 25000 @ 3:73-98",
            "-> kafka-1:9092 kafka Kafka @ 2:15",
        ],
    ),
    "sarama go": (
        "k.go",
        """\
package k

import (
	"time"

	"github.com/IBM/sarama"
)

func f() {
	config := sarama.NewConfig()
	config.Net.ReadTimeout = 5 * time.Second
	config.Consumer.Group.Session.Timeout = 20 * time.Second
	config.Producer.Retry.Max = 10
	group, err := sarama.NewConsumerGroup([]string{"kafka-1:9092"}, "g", config)
}
""",
        [
            "sarama client",
            "Net.ReadTimeout = 5s @ 11:2-42",
            "Consumer.Group.Session.Timeout = 20s @ 12:2-58",
            "Producer.Retry.Max = 10 @ 13:2-32",
            "-> kafka-1:9092 kafka sarama.NewConsumerGroup @ 14:16",
        ],
    ),
    "knex js": (
        "db.js",
        """\
const knex = require("knex")({
  client: "pg",
  connection: { host: "db", port: 5432 },
  pool: { min: 0, max: 7, idleTimeoutMillis: 20_000 },
  acquireConnectionTimeout: 10_000,
});
""",
        [
            "knex pool",
            "pool.min = 0 @ 4:11-17",
            "pool.max = 7 @ 4:19-25",
            "pool.idleTimeoutMillis = 20000 @ 4:27-52",
            "acquireConnectionTimeout = 10000 @ 5:3-35",
            "-> db:5432  knex @ 1:14",
        ],
    ),
    "mysql2 js": (
        "db.js",
        """\
const mysql = require("mysql2/promise");
const pool = mysql.createPool({ host: "db", connectionLimit: 10, maxIdle: 2, idleTimeout: 30_000, keepAliveInitialDelay: 10_000 });
""",
        [
            "mysql2 pool",
            "connectionLimit = 10 @ 2:45-64",
            "maxIdle = 2 @ 2:66-76",
            "idleTimeout = 30000 @ 2:78-97",
            "keepAliveInitialDelay = 10000 @ 2:99-128",
            "-> db:3306 mysql mysql.createPool @ 2:14",
        ],
    ),
    "asyncpg py": (
        "db.py",
        """\
import asyncpg
pool = await asyncpg.create_pool("postgresql://db/x", max_inactive_connection_lifetime=60, command_timeout=5)
one = await asyncpg.connect(host="other", timeout=3)
""",
        [
            "asyncpg pool",
            "timeout = 3 @ 3:43-52",
            "-> other:5432 postgresql asyncpg.connect @ 3:13",
            "asyncpg pool",
            "max_inactive_connection_lifetime = 60 @ 2:55-90",
            "command_timeout = 5 @ 2:92-109",
            "-> db:5432 postgresql asyncpg.create_pool @ 2:14",
        ],
    ),
    "psycopg_pool py": (
        "db.py",
        """\
from psycopg_pool import AsyncConnectionPool
pool = AsyncConnectionPool("host=db dbname=x", min_size=0, max_idle=60, max_lifetime=900, timeout=5, kwargs={"keepalives_idle": 30})
""",
        [
            "psycopg-pool pool",
            "min_size = 0 @ 2:48-58",
            "max_idle = 60 @ 2:60-71",
            "max_lifetime = 900 @ 2:73-89",
            "timeout = 5 @ 2:91-100",
            "kwargs.keepalives_idle = 30 @ 2:110-131",
            "-> no host in the address postgresql AsyncConnectionPool @ 2:8",
        ],
    ),
    "go-redis go": (
        "r.go",
        """\
package r

import (
	"time"

	"github.com/redis/go-redis/v9"
)

var rdb = redis.NewClient(&redis.Options{
	Addr:            "redis:6379",
	ReadTimeout:     -1,
	DialTimeout:     2 * time.Second,
	ConnMaxIdleTime: 4 * time.Minute,
	MaxRetries:      -1,
})
""",
        [
            "go-redis client",
            "ReadTimeout = -1 @ 11:2-21",
            "DialTimeout = 2s @ 12:2-34",
            "ConnMaxIdleTime = 240s @ 13:2-34",
            "MaxRetries = -1 @ 14:2-21",
            "-> redis:6379 redis redis.Options @ 9:28",
        ],
    ),
    "go-redis-cluster go": (
        "r.go",
        """\
package r

import "github.com/redis/go-redis/v9"

func f() {
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"r1:6379", "r2:6379"}})
	opt, _ := redis.ParseURL("redis://other:6379/1")
	opt.ReadTimeout = 0
}
""",
        [
            "go-redis client",
            "-> r1:6379 redis redis.ClusterOptions @ 6:31",
            "go-redis client",
            "ReadTimeout = 0s @ 8:2-21",
            "-> other:6379 redis redis.ParseURL @ 7:12",
        ],
    ),
    "pymongo-url py": (
        "db.py",
        """\
from pymongo import MongoClient
c = MongoClient("mongodb://u:secret@db:27017/x?socketTimeoutMS=20000&maxIdleTimeMS=60000")
""",
        [
            "mongodb client",
            "socketTimeoutMS = 20000 @ 2:5-91",
            "maxIdleTimeMS = 60000 @ 2:5-91",
            "-> db:27017 mongodb MongoClient @ 2:5",
        ],
    ),
    "mongoose-url js": (
        "db.js",
        """\
const mongoose = require("mongoose");
mongoose.connect("mongodb://db/x?socketTimeoutMS=20000", { socketTimeoutMS: 9000 });
""",
        [
            "mongodb client",
            "socketTimeoutMS = 9000 @ 2:60-81",
            "-> db:27017 mongodb mongoose.connect @ 2:1",
        ],
    ),
    "redis-url py": (
        "r.py",
        """\
import redis
r = redis.from_url("redis://cache:6379/0?socket_timeout=5")
""",
        [
            "redis-py client",
            "socket_timeout = 5 @ 2:5-60",
            "-> cache:6379 redis redis.from_url @ 2:5",
        ],
    ),
    "amqp091-url go": (
        "m.go",
        """\
package m

import amqp "github.com/rabbitmq/amqp091-go"

var c, err = amqp.Dial("amqp://mq:5672/?heartbeat=25&connection_timeout=4000")
""",
        [
            "amqp-clients client",
            "heartbeat = 25 @ 5:14-79",
            "connectionTimeout = 4000 @ 5:14-79",
            "-> mq:5672 amqp amqp.Dial @ 5:14",
        ],
    ),
    "boto3 py": (
        "a.py",
        """\
import boto3
from botocore.config import Config
s3 = boto3.client("s3", config=Config(read_timeout=5, retries={"max_attempts": 1, "mode": "standard"}))
""",
        [
            "aws-sdk-python client",
            "read_timeout = 5 @ 3:39-53",
            "retries.max_attempts = 1 @ 3:64-81",
            "retries.mode = standard @ 3:83-101",
            "-> its address is not said in this file http boto3.client @ 3:6",
        ],
    ),
    "boto3-config-elsewhere py": (
        "a.py",
        """\
import boto3
from settings import CONFIG
s3 = boto3.client("s3", config=CONFIG, endpoint_url="http://minio:9000")
""",
        [
            "aws-sdk-python client",
            "connect_timeout = CONFIG @ 3:25-38",
            "read_timeout = CONFIG @ 3:25-38",
            "tcp_keepalive = CONFIG @ 3:25-38",
            "max_pool_connections = CONFIG @ 3:25-38",
            "retries.total_max_attempts = CONFIG @ 3:25-38",
            "retries.max_attempts = CONFIG @ 3:25-38",
            "retries.mode = CONFIG @ 3:25-38",
            "-> minio:9000 http boto3.client @ 3:6",
        ],
    ),
    "boto3-plain py": (
        "a.py",
        """\
import boto3
sqs = boto3.resource("sqs")
""",
        [
            "aws-sdk-python client",
            "-> its address is not said in this file http boto3.client @ 2:7",
        ],
    ),
    "aws-sdk-v3 ts": (
        "a.ts",
        """\
import { S3Client } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
const s3 = new S3Client({ maxAttempts: 5, requestHandler: new NodeHttpHandler({ connectionTimeout: 1000, requestTimeout: 3000 }) });
""",
        [
            "aws-sdk-js client",
            "maxAttempts = 5 @ 3:27-41",
            "connectionTimeout = 1000 @ 3:81-104",
            "requestTimeout = 3000 @ 3:106-126",
            "-> its address is not said in this file http client @ 3:12",
        ],
    ),
    "aws-sdk-v3-table ts": (
        "a.ts",
        """\
import { SQSClient } from "@aws-sdk/client-sqs";
const sqs = new SQSClient({ endpoint: "http://localstack:4566", requestHandler: { requestTimeout: 3_000 } });
""",
        [
            "aws-sdk-js client",
            "requestTimeout = 3000 @ 2:83-104",
            "-> localstack:4566 http SQSClient @ 2:13",
        ],
    ),
    "aws-sdk-v3-elsewhere ts": (
        "a.ts",
        """\
import { SQSClient } from "@aws-sdk/client-sqs";
import { handler } from "./http";
const sqs = new SQSClient({ requestHandler: handler });
""",
        [
            "aws-sdk-js client",
            "requestHandler = handler @ 3:29-52",
            "maxAttempts = handler @ 3:29-52",
            "connectionTimeout = handler @ 3:29-52",
            "requestTimeout = handler @ 3:29-52",
            "socketTimeout = handler @ 3:29-52",
            "throwOnRequestTimeout = handler @ 3:29-52",
            "-> its address is not said in this file http client @ 3:13",
        ],
    ),
    "aws-sdk-go-v2 go": (
        "a.go",
        """\
package a

import (
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
)

func f() {
	client := awshttp.NewBuildableClient().WithTimeout(5 * time.Second)
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRetryMaxAttempts(6), config.WithHTTPClient(client))
}
""",
        [
            "aws-sdk-go client",
            "WithRetryMaxAttempts = 6 @ 12:72-73",
            "WithTimeout = 5s @ 11:41-69",
            "-> its address is not said in this file http LoadDefaultConfig @ 12:14",
        ],
    ),
    "flask-sqlalchemy py": (
        "config.py",
        """\
import os


class Config:
    SQLALCHEMY_DATABASE_URI = "postgresql+psycopg2://db:5432/x"
    SQLALCHEMY_ENGINE_OPTIONS = {
        "pool_recycle": 280,
        "pool_pre_ping": True,
        "connect_args": {"keepalives_idle": 30},
    }
""",
        [
            "sqlalchemy pool",
            "pool_recycle = 280 @ 7:9-28",
            "pool_pre_ping = true @ 8:9-30",
            "keepalives_idle = 30 @ 9:26-47",
            "-> db:5432 postgresql Flask-SQLAlchemy @ 5:5",
        ],
    ),
    "flask-sqlalchemy-app py": (
        "app.py",
        """\
from flask import Flask
app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL", "mysql://db/x")
app.config["SQLALCHEMY_POOL_RECYCLE"] = 3600
app.config.update(SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 3})
""",
        [
            "sqlalchemy pool",
            "pool_size = 3 @ 5:46-60",
            "pool_recycle = 3600 @ 4:1-45",
            "-> db:3306 mysql Flask-SQLAlchemy @ 3:1",
        ],
    ),
    "tornado py": (
        "app.py",
        """\
import tornado.httpserver
import tornado.web

app = tornado.web.Application([(r"/", Main)], websocket_ping_interval=30)
server = tornado.httpserver.HTTPServer(app, idle_connection_timeout=75)
server.listen(8888)
""",
        [
            "tornado server *:8888",
            "idle_connection_timeout = 75 @ 5:45-71",
            "websocket_ping_interval = 30 @ 4:47-73",
        ],
    ),
    "tornado-listen py": (
        "app.py",
        """\
from tornado.web import Application
app = Application([(r"/", Main)])
app.listen(8888, idle_connection_timeout=5)
""",
        [
            "tornado server *:8888",
            "idle_connection_timeout = 5 @ 3:18-43",
        ],
    ),
    "sse-starlette py": (
        "app.py",
        """\
from sse_starlette.sse import EventSourceResponse
async def stream(request):
    return EventSourceResponse(events(), ping=20)
""",
        [
            "sse-mcp server",
            "ping = 20 @ 3:42-49",
        ],
    ),
    "openai-timeout py": (
        "llm.py",
        """\
import httpx
from openai import OpenAI
a = OpenAI(timeout=httpx.Timeout(60.0, connect=2.0), max_retries=0)
""",
        [
            "llm-clients client",
            "max_retries = 0 @ 3:54-67",
            "timeout.connect = 2 @ 3:40-51",
            "timeout = 60 @ 3:34-38",
            "-> its address is not said in this file http OpenAI @ 3:5",
        ],
    ),
    "openai-number py": (
        "llm.py",
        """\
from openai import OpenAI
a = OpenAI(timeout=20)
""",
        [
            "llm-clients client",
            "timeout = 20 @ 2:12-22",
            "timeout.connect = 20 @ 2:12-22",
            "-> its address is not said in this file http OpenAI @ 2:5",
        ],
    ),
    "anthropic-timeout py": (
        "llm.py",
        """\
import anthropic
a = anthropic.AsyncAnthropic(timeout=anthropic.Timeout(timeout=600, read=30))
""",
        [
            "llm-clients client",
            "timeout = 30 @ 2:69-76",
            "timeout.connect = 600 @ 2:56-67",
            "-> its address is not said in this file http Anthropic @ 2:5",
        ],
    ),
    "nats go": (
        "n.go",
        """\
package n

import (
	"time"

	"github.com/nats-io/nats.go"
)

var nc, err = nats.Connect("nats://mq:4222", nats.PingInterval(20*time.Second), nats.MaxReconnects(-1), nats.Timeout(5*time.Second))
""",
        [
            "nats client",
            "Timeout = 5s @ 9:118-131",
            "PingInterval = 20s @ 9:64-78",
            "-> mq:4222 nats nats.Connect @ 9:15",
        ],
    ),
    "nats py": (
        "n.py",
        """\
import nats
nc = await nats.connect(servers=["nats://mq:4222"], ping_interval=30, connect_timeout=5)
""",
        [
            "nats client",
            "PingInterval = 30 @ 2:53-69",
            "Timeout = 5 @ 2:71-88",
            "-> mq:4222 nats nats.connect @ 2:12",
        ],
    ),
    "nats ts": (
        "n.ts",
        """\
import { connect } from "@nats-io/transport-node";
const nc = await connect({ servers: "mq:4222", pingInterval: 30_000 });
""",
        [
            "nats client",
            "pingInterval = 30000 @ 2:48-68",
            "-> mq:4222 nats connect @ 2:18",
        ],
    ),
}


@pytest.mark.parametrize("name", list(SAMPLES))
def test_sample(name: str) -> None:
    path, text, expected = SAMPLES[name]
    assert [line for component in read({path: text}) for line in told(component)] == expected


DIAL = 'package m\n\nimport amqp "github.com/rabbitmq/amqp091-go"\n\nvar c, err = '


@pytest.mark.parametrize(
    ("dial", "version", "expected"),
    [
        ('amqp.Dial("amqp://mq/")', "v1.9.0", ["session.heartbeat = 10s (Config.Heartbeat, default @ 5:14)"]),
        ('amqp.DialConfig("amqp://mq/", amqp.Config{Vhost: "/"})', "v1.10.0", ["session.heartbeat = 10s (Config.Heartbeat, default @ 5:14)"]),
        ('amqp.DialConfig("amqp://mq/", amqp.Config{Heartbeat: 0})', "v1.10.0", ["session.heartbeat = 10s (Config.Heartbeat, written @ 5:56)"]),
        ('amqp.DialConfig("amqp://mq/", amqp.Config{Vhost: "/"})', "v1.9.0", []),
        ('amqp.DialConfig("amqp://mq/", amqp.Config{Vhost: "/"})', "", ["session.heartbeat = unknown (Config.Heartbeat, default @ 5:14)"]),
        ('amqp.DialConfig("amqp://mq/", amqp.Config{Heartbeat: 30 * time.Second})', "v1.9.0", ["session.heartbeat = 30s (Config.Heartbeat, written @ 5:56)"]),
    ],
)  # fmt: skip
def test_a_heartbeat_nobody_asked_for_in_go(dial: str, version: str, expected: list[str]) -> None:
    manifest = f"module m\nrequire github.com/rabbitmq/amqp091-go {version}\n" if version else "module m\n"
    (component,) = read({"m.go": DIAL + dial + "\n", "go.mod": manifest})
    assert facts(component.links[0].facts, "session.heartbeat") == expected


def test_ktors_own_limit_does_not_count_beside_its_plugin() -> None:
    path, text, _ = SAMPLES["ktor-timeout-plugin kt"]
    (component,) = read({path: text})
    assert facts(component.facts, "connect.request_total", "connect.read_stall") == [
        "connect.request_total = unknown (requestTimeout, written @ 9:14)",
        "connect.read_stall = 20s (endpoint.socketTimeout, written @ 7:9)",
    ]


def timers(name: str, *wanted: str) -> list[str]:
    """Timers of every connection of a sample."""
    path, text, _ = SAMPLES[name]
    return [line for c in read({path: text}) for link in c.links for line in facts(link.facts, *wanted)]


@pytest.mark.parametrize(
    ("name", "wanted", "expected"),
    [
        ("kafkajs ts", "session.heartbeat", ["session.heartbeat = 25s (heartbeatInterval, written @ 3:73)"]),
        ("kafkajs ts", "connect.tcp_keepalive_time", ["connect.tcp_keepalive_time = 60s ((socket keepalive), fixed @ 2:15)"]),
        ("sarama go", "connect.attempts", ["connect.attempts = 11 (Producer.Retry.Max, written @ 13:2)"]),
        ("sarama go", "session.session_timeout", ["session.session_timeout = 20s (Consumer.Group.Session.Timeout, written @ 12:2)"]),
        ("knex js", "connect.idle_keep", ["connect.idle_keep = 20s (pool.idleTimeoutMillis, written @ 4:27)"]),
        ("mysql2 js", "connect.idle_keep", ["connect.idle_keep = 30s (idleTimeout, written @ 2:78)"]),
        ("asyncpg py", "connect.request_total", ["connect.request_total = never (command_timeout, default @ 3:13)", "connect.request_total = 5s (command_timeout, written @ 2:92)"]),
        ("psycopg_pool py", "connect.idle_keep", ["connect.idle_keep = 60s (max_idle, written @ 2:60)"]),
        ("go-redis go", "connect.attempts", ["connect.attempts = 1 (MaxRetries, written @ 14:2)"]),
        ("go-redis go", "connect.pool_wait", ["connect.pool_wait = 30s (PoolTimeout, inherited @ 11:2)"]),
        ("go-redis-cluster go", "connect.pool_wait", ["connect.pool_wait = 4s or 6s (PoolTimeout, default @ 6:31)", "connect.pool_wait = 4s or 6s (PoolTimeout, default @ 7:12)"]),
        ("amqp091-url go", "connect.connect", ["connect.connect = 4s (connection_timeout, written @ 5:14)"]),
        ("aws-sdk-v3 ts", "connect.request_total", ["connect.request_total = never (requestTimeout, written @ 3:106)"]),
        ("aws-sdk-v3 ts", "connect.read_stall", ["connect.read_stall = unknown (socketTimeout, default @ 3:12)"]),
        ("aws-sdk-v3-elsewhere ts", "connect.request_total", ["connect.request_total = unknown (requestTimeout, written @ 3:29)"]),
        ("boto3 py", "connect.attempts", ["connect.attempts = 2 (retries.max_attempts, written @ 3:64)"]),
        ("boto3-plain py", "connect.attempts", ["connect.attempts = 5 or 3 (retries.total_max_attempts, default @ 2:7)"]),
        ("openai-number py", "connect.connect", ["connect.connect = 20s (timeout.connect, written @ 2:12)"]),
        ("openai-timeout py", "connect.read_stall", ["connect.read_stall = 60s (timeout, written @ 3:34)"]),
        ("anthropic-timeout py", "connect.read_stall", ["connect.read_stall = 30s (timeout, written @ 2:69)"]),
        ("flask-sqlalchemy py", "connect.max_age", ["connect.max_age = 280s (pool_recycle, written @ 7:9)"]),
        ("nats go", "connect.ping_interval", ["connect.ping_interval = 20s (PingInterval, written @ 9:64)"]),
        ("nats py", "connect.connect", ["connect.connect = 5s (Timeout, written @ 2:71)"]),
        ("nats ts", "connect.connect", ["connect.connect = 20s (timeout, default @ 2:18)"]),
    ],
)  # fmt: skip
def test_timers_of_a_sample(name: str, wanted: str, expected: list[str]) -> None:
    assert timers(name, wanted) == expected


@pytest.mark.parametrize(
    ("path", "text", "timer", "expected"),
    [
        ("a.js", "import knex from 'knex'; const k = knex({ connection: 'postgres://db/x' });", "connect.idle_keep", "never"),
        ("a.js", "import knex from 'knex'; const k = knex({ connection: 'postgres://db/x', pool: { min: n } });", "connect.idle_keep", "unknown"),
        ("a.js", "import mysql from 'mysql2'; const p = mysql.createPool({ host: 'db', idleTimeout: 9000 });", "connect.idle_keep", "never"),
        ("a.js", "import mysql from 'mysql2'; const p = mysql.createPool({ host: 'db' });", "connect.tcp_keepalive_time", "kernel"),
        ("a.js", "import mysql from 'mysql2'; const p = mysql.createPool({ host: 'db', enableKeepAlive: false });", "connect.tcp_keepalive_time", "off"),
        ("a.py", "from psycopg_pool import ConnectionPool\np = ConnectionPool('postgresql://db/x', max_idle=60)", "connect.idle_keep", "never"),
        ("a.js", "import { Kafka } from 'kafkajs'; const k = new Kafka({ brokers: ['a:9092'] });", "session.heartbeat", ""),
        ("a.go", 'package a\nimport "github.com/redis/go-redis/v9"\nvar c = redis.NewClient(&redis.Options{Addr: "r:1", ReadTimeout: 0})', "connect.read_stall", "3s or 5s"),
        ("a.py", "SQLALCHEMY_DATABASE_URI = 'mysql+pymysql://db/x'\n", "connect.max_age", "2h"),
        ("a.py", "SQLALCHEMY_DATABASE_URI = 'postgresql://db/x'\n", "connect.max_age", "never"),
        ("a.py", "from sqlalchemy import create_engine\ne = create_engine('mysql://db/x')\n", "connect.max_age", "never"),
    ],
)  # fmt: skip
def test_conditions(path: str, text: str, timer: str, expected: str) -> None:
    (component,) = read({path: text})
    assert [fact.value for fact in component.links[0].facts.get(timer, ())] == ([expected] if expected else [])


BOTO = "import boto3\nfrom botocore.config import Config\n"


@pytest.mark.parametrize(
    ("text", "env", "expected"),
    [
        ("s = boto3.client('s3')", {"AWS_MAX_ATTEMPTS": "7"}, "connect.attempts = 7 (retries.total_max_attempts, written @ 1:1)"),
        ("s = boto3.client('s3', config=Config(retries={'max_attempts': 1}))", {"AWS_MAX_ATTEMPTS": "7"}, "connect.attempts = 2 (retries.max_attempts, written @ 3:47)"),
        ("s = boto3.client('s3')", {"AWS_RETRY_MODE": "legacy"}, "connect.attempts = 5 (retries.total_max_attempts, default @ 3:5)"),
        ("s = boto3.client('s3', config=Config(retries={'mode': 'adaptive'}))", {"AWS_RETRY_MODE": "legacy"}, "connect.attempts = 3 (retries.total_max_attempts, default @ 3:5)"),
    ],
)  # fmt: skip
def test_what_a_workload_tells_its_sdk(text: str, env: dict[str, str], expected: str) -> None:
    here = Span("compose.yaml", Pos(1, 1), Pos(1, 2))
    runs = workload("api", env={name: Word(value, here) for name, value in env.items()}, root="app")
    (component,) = read({"app/a.py": BOTO + text + "\n"}, runs)
    assert facts(component.links[0].facts, "connect.attempts") == [expected]


def test_what_a_connection_has_by_default_is_shown_where_its_client_is_made() -> None:
    """One of two clients has a limit; the place of what the other lacks is its own."""
    limited = 'package main\n\nimport "net/http"\n\nfunc f() { c := http.Client{Timeout: 28e9}; c.Get(url) }\n'
    forever = 'package main\n\nimport "net/http"\n\nfunc g() { http.Get(url) }\n'
    (component,) = read({"go.mod": "module m\n", "a/a.go": limited, "b/b.go": forever})
    assert [(str(link.span), facts(link.facts, "connect.request_total")) for link in component.links] == [
        ("a/a.go:5:45", ["connect.request_total = 28s (Client.Timeout, written @ 5:29)"]),
        ("b/b.go:5:12", ["connect.request_total = never (Client.Timeout, default @ 5:12)"]),
    ]


BROWSER = '{"dependencies": {"vue": "^3.5", "axios": "^1.7"}}'
SERVER = '{"dependencies": {"vue": "^3.5", "nuxt": "^3.13", "axios": "^1.7"}}'


@pytest.mark.parametrize(
    ("text", "manifest", "expected"),
    [
        ("fetch('http://api/x');", BROWSER, []),
        ("fetch('http://api/x');", SERVER, ["undici"]),
        ("import axios from 'axios'; axios.get('http://api/x');", BROWSER, []),
        ("import axios from 'axios'; axios.get('http://api/x');", SERVER, ["axios"]),
        ("import axios from 'axios'; axios.get('http://api/x');", "{}", ["axios"]),
        ("import axios from 'axios'; axios.get('http://api/x');", "{", ["axios"]),
        ("fetch('http://api/x').then((r) => document.getElementById('a').append(r));", "{}", []),
        ("import puppeteer from 'puppeteer'; fetch('http://api/x'); p.evaluate(() => document.querySelector('a'));", "{}", ["undici"]),
    ],
)  # fmt: skip
def test_what_a_browser_fetches_is_the_browsers(text: str, manifest: str, expected: list[str]) -> None:
    assert [c.product for c in read({"web/src/a.js": text, "web/package.json": manifest})] == expected


@pytest.mark.parametrize(
    ("text", "more", "expected"),
    [
        ("c = Faraday.new('http://a')\n", "", ["off", "1"]),
        ("c = Faraday.new('http://a')\n", "Faraday.default_adapter = :net_http_persistent\n", ["unknown", "unknown"]),
        ("require 'net/http'\nNet::HTTP.get(URI('http://a/'))\n", "", ["off", "2"]),
        ("require 'net/http'\nh = Net::HTTP.new('a', 80)\n", "", ["2s", "2"]),
    ],
)  # fmt: skip
def test_one_connection_a_request_in_ruby(text: str, more: str, expected: list[str]) -> None:
    (component,) = read({"Gemfile": "", "a.rb": text, "b.rb": more})
    found = component.links[0].facts
    assert [fact.value for timer in ("connect.idle_keep", "connect.attempts") for fact in found[timer]] == expected
