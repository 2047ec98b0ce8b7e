"""Source code of one product each: what is read, with its places."""

from __future__ import annotations

import pytest

from tests.products.test_code import read, told

SAMPLES = {
    "hono-node js": (
        "index.ts",
        """\
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
const app = new Hono();
serve({ fetch: app.fetch, port: 3000, serverOptions: { keepAliveTimeout: 65000 } });
""",
        [
            "nodejs-http server *:3000",
            "server.keepAliveTimeout = 65000 @ 4:56-79",
        ],
    ),
    "psycopg2-connect py": (
        "db.py",
        """\
import psycopg2
conn = psycopg2.connect(host="db", port=5432, dbname="x", connect_timeout=3, keepalives=1, keepalives_idle=30, keepalives_interval=10, options="-c statement_timeout=5000")
""",
        [
            "libpq client",
            "connect_timeout = 3 @ 2:59-76",
            "keepalives_idle = 30 @ 2:92-110",
            "keepalives_interval = 10 @ 2:112-134",
            "-> db:5432 postgresql psycopg2.connect @ 2:8",
        ],
    ),
    "aio-pika py": (
        "mq.py",
        """\
import aio_pika
async def main():
    connection = await aio_pika.connect_robust("amqp://guest:guest@rabbit/", heartbeat=30)
""",
        [
            "amqp-clients client",
            "heartbeat = 30 @ 3:78-90",
            "-> rabbit:5672 amqp aio_pika.connect_robust @ 3:24",
        ],
    ),
    "confluent py": (
        "consumer.py",
        """\
from confluent_kafka import Consumer
c = Consumer({"bootstrap.servers": "kafka:9092", "group.id": "g", "session.timeout.ms": 45000, "socket.timeout.ms": 30000})
""",
        [
            "librdkafka client",
            "session.timeout.ms = 45000 @ 2:67-94",
            "socket.timeout.ms = 30000 @ 2:96-122",
            "-> kafka:9092 kafka Consumer @ 2:5",
        ],
    ),
    "later-assign go": (
        "main.go",
        """\
package main
import (
	"net/http"
	"time"
)
const idle = 90 * time.Second
func main() {
	var srv http.Server
	srv.Addr = ":8081"
	srv.IdleTimeout = idle
	srv.ListenAndServe()
}
""",
        [
            "go-net-http server *:8081",
            "Server.IdleTimeout = 90s @ 10:2-24",
        ],
    ),
    "pgxpool go": (
        "db.go",
        """\
package store
import (
	"context"
	"time"
	"github.com/jackc/pgx/v5/pgxpool"
)
func Open(ctx context.Context) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig("postgres://app@db:5432/app?connect_timeout=5")
	if err != nil { return nil, err }
	cfg.MaxConnLifetime = time.Hour
	cfg.MaxConnIdleTime = 30 * time.Minute
	cfg.HealthCheckPeriod = time.Minute
	return pgxpool.NewWithConfig(ctx, cfg)
}
""",
        [
            "go-database-sql pool",
            "MaxConnLifetime = 1h @ 10:2-33",
            "MaxConnIdleTime = 1800s @ 11:2-40",
            "-> db:5432 postgresql pgxpool.ParseConfig @ 8:14",
        ],
    ),
    "mongo go": (
        "db.go",
        """\
package db
import (
	"context"
	"time"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
)
func Connect(ctx context.Context) (*mongo.Client, error) {
	return mongo.Connect(ctx, options.Client().ApplyURI("mongodb://mongo:27017").SetMaxConnIdleTime(60*time.Second).SetServerSelectionTimeout(5*time.Second))
}
""",
        [
            "mongodb client",
            "maxIdleTimeMS = 60s @ 9:79-113",
            "serverSelectionTimeoutMS = 5s @ 9:114-154",
            "-> mongo:27017 mongodb ApplyURI @ 9:28",
        ],
    ),
    "amqp go": (
        "mq.go",
        """\
package mq
import (
	"time"
	amqp "github.com/rabbitmq/amqp091-go"
)
func Dial() (*amqp.Connection, error) {
	return amqp.DialConfig("amqp://guest:guest@rabbit:5672/", amqp.Config{Heartbeat: 10 * time.Second})
}
""",
        [
            "amqp-clients client",
            "Config.Heartbeat = 10s @ 7:72-99",
            "-> rabbit:5672 amqp amqp.DialConfig @ 7:9",
        ],
    ),
    "paho go": (
        "m.go",
        """\
package m
import (
	"time"
	mqtt "github.com/eclipse/paho.mqtt.golang"
)
func New() mqtt.Client {
	opts := mqtt.NewClientOptions().AddBroker("tcp://broker:1883")
	opts.SetKeepAlive(60 * time.Second)
	return mqtt.NewClient(opts)
}
""",
        [
            "mqtt-mosquitto client",
            "SetKeepAlive = 60s @ 8:2-37",
            "-> broker:1883 mqtt AddBroker @ 7:10",
        ],
    ),
    "awssdk go": (
        "s3.go",
        """\
package s3c
import (
	"context"
	"net/http"
	"time"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
)
func New(ctx context.Context) {
	client := awshttp.NewBuildableClient().WithTimeout(7 * time.Second).WithTransportOptions(func(tr *http.Transport) { tr.IdleConnTimeout = 20 * time.Second })
	cfg, _ := config.LoadDefaultConfig(ctx, config.WithHTTPClient(client), config.WithRetryMaxAttempts(5))
	_ = cfg
}
""",
        [
            "aws-sdk-go client",
            "WithRetryMaxAttempts = 5 @ 11:101-102",
            "WithTimeout = 7s @ 10:41-69",
            "IdleConnTimeout = 20s @ 10:118-155",
            "-> its address is not said in this file http LoadDefaultConfig @ 11:12",
        ],
    ),
    "webclient-reactor java": (
        "Conf.java",
        """\
import io.netty.channel.ChannelOption;
import java.time.Duration;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
class Conf {
  WebClient wc(WebClient.Builder b) {
    ConnectionProvider provider = ConnectionProvider.builder("api").maxConnections(50).maxIdleTime(Duration.ofSeconds(45)).maxLifeTime(Duration.ofMinutes(5)).build();
    HttpClient http = HttpClient.create(provider).option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 5000).responseTimeout(Duration.ofSeconds(20));
    return b.baseUrl("http://catalog:8080").clientConnector(new ReactorClientHttpConnector(http)).build();
  }
}
""",
        [
            "reactor-netty client",
            "CONNECT_TIMEOUT_MILLIS = 5000 @ 10:51-101",
            "responseTimeout = 20s @ 10:102-141",
            "maxConnections = 50 @ 9:69-87",
            "maxIdleTime = 45s @ 9:88-123",
            "maxLifeTime = 300s @ 9:124-158",
            "-> its address is not said in this file http HttpClient @ 10:23",
        ],
    ),
    "undertow java": (
        "S.java",
        """\
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
class S {
  public static void main(String[] a) {
    Undertow s = Undertow.builder().addHttpListener(8080, "0.0.0.0").setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, 65 * 1000).setHandler(x -> {}).build();
    s.start();
  }
}
""",
        [
            "undertow server *:8080",
            "NO_REQUEST_TIMEOUT = 65000 @ 5:70-132",
        ],
    ),
    "lettuce java": (
        "R.java",
        """\
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import java.time.Duration;
class R {
  RedisClient c() {
    RedisURI uri = RedisURI.builder().withHost("redis").withPort(6379).withTimeout(Duration.ofSeconds(5)).build();
    RedisClient client = RedisClient.create(uri);
    client.setOptions(ClientOptions.builder().socketOptions(SocketOptions.builder().connectTimeout(Duration.ofSeconds(3)).keepAlive(true).build()).build());
    KeepAliveOptions probes = KeepAliveOptions.builder().idle(Duration.ofSeconds(60)).enable().build();
    TcpUserTimeoutOptions data = SocketOptions.TcpUserTimeoutOptions.builder().tcpUserTimeout(Duration.ofSeconds(90)).enable().build();
    return client;
  }
}
""",
        [
            "lettuce client",
            "SocketOptions.KeepAliveOptions.idle = 60s @ 11:58-86",
            "RedisURI.timeout = 5s @ 8:72-106",
            "SocketOptions.TcpUserTimeoutOptions = 90s @ 12:80-118",
            "SocketOptions.connectTimeout = 3s @ 10:85-122",
            "SocketOptions.keepAlive = true @ 10:123-138",
            "-> redis:6379 redis withHost @ 8:20",
        ],
    ),
    "jedis java": (
        "R.java",
        """\
import redis.clients.jedis.JedisPool;
import redis.clients.jedis.JedisPoolConfig;
import java.time.Duration;
class R {
  JedisPool p() {
    JedisPoolConfig c = new JedisPoolConfig();
    c.setMinEvictableIdleTime(Duration.ofSeconds(60));
    return new JedisPool(c, "redis", 6379, 2000);
  }
}
""",
        [
            "jedis client",
            "connectionTimeoutMillis = 2000 @ 8:44-48",
            "socketTimeoutMillis = 2000 @ 8:44-48",
            "minEvictableIdleTime = 60s @ 7:5-54",
            "-> redis:6379 redis JedisPool @ 8:12",
        ],
    ),
    "spring-amqp java": (
        "R.java",
        """\
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
class R {
  CachingConnectionFactory f() {
    CachingConnectionFactory cf = new CachingConnectionFactory("rabbit", 5672);
    cf.setRequestedHeartBeat(25);
    return cf;
  }
}
""",
        [
            "amqp-clients client",
            "requestedHeartbeat = 25 @ 5:5-33",
            "-> rabbit:5672 amqp CachingConnectionFactory @ 4:35",
        ],
    ),
    "mongo java": (
        "M.java",
        """\
import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClients;
import java.util.concurrent.TimeUnit;
class M {
  Object c() {
    MongoClientSettings s = MongoClientSettings.builder()
      .applyConnectionString(new ConnectionString("mongodb://mongo:27017"))
      .applyToConnectionPoolSettings(b -> b.maxConnectionIdleTime(60, TimeUnit.SECONDS))
      .applyToSocketSettings(b -> b.connectTimeout(5, TimeUnit.SECONDS).readTimeout(10, TimeUnit.SECONDS)).build();
    return MongoClients.create(s);
  }
}
""",
        [
            "mongodb client",
            "maxIdleTimeMS = 60s @ 9:43-88",
            "socketTimeoutMS = 10s @ 10:73-106",
            "connectTimeoutMS = 5s @ 10:35-72",
            "-> mongo:27017 mongodb applyConnectionString @ 7:29",
            "-> computed by build() mongodb MongoClients.create @ 11:12",
        ],
    ),
    "elastic java": (
        "E.java",
        """\
import org.apache.http.HttpHost;
import org.elasticsearch.client.RestClient;
class E {
  RestClient c() {
    return RestClient.builder(new HttpHost("es", 9200, "http")).setRequestConfigCallback(b -> b.setConnectTimeout(5000).setSocketTimeout(60000)).build();
  }
}
""",
        [
            "elasticsearch-client client",
            "socketTimeout = 60000 @ 5:121-144",
            "-> its address is not said in this file http RestClient @ 5:12",
        ],
    ),
    "jdk-httpserver java": (
        "J.java",
        """\
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
class J { void f() throws Exception { HttpServer s = HttpServer.create(new InetSocketAddress(8000), 0); s.start(); } }
""",
        [
            "jdk-httpserver server",
        ],
    ),
    "ktor-client kotlin": (
        "C.kt",
        """\
import io.ktor.client.HttpClient
import io.ktor.client.engine.cio.CIO
import io.ktor.client.plugins.HttpTimeout
val client = HttpClient(CIO) {
    install(HttpTimeout) {
        requestTimeoutMillis = 15_000
        connectTimeoutMillis = 3000
    }
    engine { endpoint { keepAliveTime = 5000 } }
}
""",
        [
            "ktor client",
            "requestTimeoutMillis = 15000 @ 6:9-38",
            "endpoint.connectTimeout = 3000 @ 7:9-36",
            "endpoint.keepAliveTime = 5000 @ 9:25-45",
            "-> its address is not said in this file http HttpClient(CIO) @ 4:14",
        ],
    ),
    "ktor-server kotlin": (
        "S.kt",
        """\
import io.ktor.server.engine.embeddedServer
import io.ktor.server.netty.Netty
fun main() {
    embeddedServer(Netty, port = 8080, configure = { responseWriteTimeoutSeconds = 60; requestReadTimeoutSeconds = 30 }) { module() }.start(wait = true)
}
""",
        [
            "ktor server *:8080",
            "responseWriteTimeoutSeconds = 60 @ 4:54-86",
            "requestReadTimeoutSeconds = 30 @ 4:88-118",
        ],
    ),
    "hikari-apply kotlin": (
        "D.kt",
        """\
import com.zaxxer.hikari.HikariConfig
import com.zaxxer.hikari.HikariDataSource
val ds = HikariDataSource(HikariConfig().apply {
    jdbcUrl = "jdbc:mysql://mysql:3306/app"
    maxLifetime = 600_000
    idleTimeout = 120_000
})
""",
        [
            "hikaricp pool",
            "maxLifetime = 600000 @ 5:5-26",
            "idleTimeout = 120000 @ 6:5-26",
            "-> mysql:3306 mysql HikariConfig @ 4:5",
        ],
    ),
    "configure-kestrelserveroptions c#": (
        "Startup.cs",
        """\
using Microsoft.AspNetCore.Server.Kestrel.Core;
public class Startup {
    public void ConfigureServices(IServiceCollection services) {
        services.Configure<KestrelServerOptions>(options => { options.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(75); });
    }
}
""",
        [
            "kestrel server",
            "Limits.KeepAliveTimeout = 75s @ 4:63-121",
        ],
    ),
    "rabbit c#": (
        "M.cs",
        """\
using RabbitMQ.Client;
var factory = new ConnectionFactory { HostName = "rabbit", RequestedHeartbeat = TimeSpan.FromSeconds(60) };
using var connection = factory.CreateConnection();
""",
        [
            "amqp-clients client",
            "RequestedHeartbeat = 60s @ 2:60-105",
            "-> rabbit:5672 amqp ConnectionFactory @ 2:15",
        ],
    ),
    "bunny ruby": (
        "b.rb",
        """\
require "bunny"
conn = Bunny.new(hostname: "rabbit", heartbeat: 30, connection_timeout: 10)
conn.start
""",
        [
            "amqp-clients client",
            "heartbeat = 30 @ 2:38-51",
            "connection_timeout = 10 @ 2:53-75",
            "-> rabbit:5672 amqp Bunny.new @ 2:8",
        ],
    ),
    "node-rdkafka": (
        "a.js",
        """\
const Kafka = require('node-rdkafka');
const c = new Kafka.KafkaConsumer({ 'metadata.broker.list': 'kafka:9092', 'session.timeout.ms': 20000 }, {});
""",
        [
            "librdkafka client",
            "session.timeout.ms = 20000 @ 2:75-102",
            "-> kafka:9092 kafka Kafka.KafkaConsumer @ 2:11",
        ],
    ),
    "confluent-kafka-go": (
        "a.go",
        """\
package a
import "github.com/confluentinc/confluent-kafka-go/v2/kafka"
var c = kafka.ConfigMap{"bootstrap.servers": "kafka:9092", "session.timeout.ms": 20000}
""",
        [
            "librdkafka client",
            "session.timeout.ms = 20000 @ 3:60-87",
            "-> kafka:9092 kafka kafka.ConfigMap @ 3:9",
        ],
    ),
    "Confluent.Kafka": (
        "A.cs",
        """\
using Confluent.Kafka;
var c = new ConsumerConfig { BootstrapServers = "kafka:9092", SessionTimeoutMs = 20000 };
""",
        [
            "librdkafka client",
            "session.timeout.ms = 20000 @ 2:63-87",
            "-> kafka:9092 kafka ConsumerConfig @ 2:9",
        ],
    ),
    "ruby pg": (
        "a.rb",
        """\
require "pg"
c = PG.connect(host: "db", port: 5433, connect_timeout: 4)
""",
        [
            "libpq client",
            "connect_timeout = 4 @ 2:40-58",
            "-> db:5433 postgresql PG.connect @ 2:5",
        ],
    ),
    "paho java": (
        "A.java",
        """\
import org.eclipse.paho.client.mqttv3.MqttConnectOptions;
class A { void f() { MqttConnectOptions o = new MqttConnectOptions(); o.setKeepAliveInterval(45); } }
""",
        [
            "mqtt-mosquitto client",
            "keepalive = 45 @ 2:71-97",
            "-> its address is not said in this file mqtt MqttConnectOptions @ 2:45",
        ],
    ),
    "mongodb dotnet": (
        "A.cs",
        """\
using MongoDB.Driver;
var s = MongoClientSettings.FromConnectionString("mongodb://mongo:27017");
s.MaxConnectionIdleTime = TimeSpan.FromMinutes(2);
""",
        [
            "mongodb client",
            "maxIdleTimeMS = 120s @ 3:1-50",
            "-> mongo:27017 mongodb MongoClientSettings.FromConnectionString @ 2:9",
        ],
    ),
    "jedis by host": (
        "A.java",
        """\
import redis.clients.jedis.JedisPool;
class A { JedisPool p = new JedisPool("redis", 6380); }
""",
        [
            "jedis client",
            "-> redis:6380 redis JedisPool @ 2:25",
        ],
    ),
    "ktor cio server": (
        "a.kt",
        """\
import io.ktor.server.engine.embeddedServer
import io.ktor.server.cio.CIO
fun main() {
    embeddedServer(CIO, port = 8081, configure = { connectionIdleTimeoutSeconds = 70 }) { }.start()
}
""",
        [
            "ktor server *:8081",
            "connectionIdleTimeoutSeconds = 70 @ 4:52-85",
        ],
    ),
    "amqp config given later": (
        "a.go",
        """\
package a
import amqp "github.com/rabbitmq/amqp091-go"
func f() {
	c := amqp.Config{}
	c.Heartbeat = 20 * time.Second
	amqp.DialConfig("amqp://mq:5672/", c)
}
""",
        [
            "amqp-clients client",
            "Config.Heartbeat = 20s @ 5:2-32",
            "-> mq:5672 amqp amqp.DialConfig @ 6:2",
        ],
    ),
    "aiohttp-websocket py": (
        "hub.py",
        """\
from aiohttp import web
async def live(request):
    ws = web.WebSocketResponse(heartbeat=55, autoping=True)
    await ws.prepare(request)
""",
        [
            "websocket server",
            "heartbeat = 55 @ 3:32-44",
        ],
    ),
    "ws-pings js": (
        "live.js",
        """\
const { WebSocketServer } = require("ws");
const wss = new WebSocketServer({ port: 8081 });
setInterval(() => wss.clients.forEach((socket) => socket.ping()), 90_000);
setInterval(report, 5_000);
""",
        [
            "websocket server *:8081",
            "ping() = 90000 @ 3:67-73",
        ],
    ),
    "sse-starlette py": (
        "main.py",
        """\
from sse_starlette.sse import EventSourceResponse
async def chat():
    return EventSourceResponse(steps(), ping=60)
""",
        [
            "sse-mcp server",
            "ping = 60 @ 3:41-48",
        ],
    ),
    "event-stream js": (
        "feed.js",
        """\
app.get("/feed", (req, res) => {
  res.writeHead(200, { "Content-Type": "text/event-stream" });
  setInterval(() => res.write(": still here"), 10000);
  setInterval(count, 500);
});
""",
        [
            "sse-mcp server",
            "setInterval = 10000 @ 3:48-53",
        ],
    ),
    "event-stream go": (
        "feed.go",
        """\
package feed
import "net/http"
func feed(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
}
""",
        [
            "sse-mcp server",
        ],
    ),
    "streaming-response py": (
        "app.py",
        """\
from fastapi.responses import StreamingResponse
def stream(): return StreamingResponse(tokens(), media_type="text/event-stream")
def file(): return StreamingResponse(rows(), media_type="text/csv")
""",
        [
            "sse-mcp server",
        ],
    ),
    "axios-retry": (
        "client.js",
        """\
const axios = require("axios");
const axiosRetry = require("axios-retry").default;
const http = axios.create({ baseURL: "http://suite:8080", timeout: 60000 });
axiosRetry(http, { retries: 3, retryCondition: () => true });
http.post("/runs", {});
""",
        [
            "axios client",
            "timeout = 60000 @ 3:59-73",
            "retries = 3 @ 4:20-30",
            "retryCondition = true @ 4:32-58",
            "-> suite:8080 http axios.create @ 3:14",
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", list(SAMPLES))
def test_sample(name: str) -> None:
    path, text, expected = SAMPLES[name]
    assert [line for component in read({path: text}) for line in told(component)] == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "L.cs",
            "public class HttpClient { public int Timeout; }\npublic class X { HttpClient c = new HttpClient { Timeout = 5 }; }",
        ),
        (
            "L.cs",
            "class ConnectionFactory { public int RequestedHeartbeat; }\nclass X { object c = new ConnectionFactory { RequestedHeartbeat = 5 }; }",
        ),
        ("a.go", 'package a\nfunc f() { req.Header.Set("Accept", "text/event-stream") }'),
        ("a.js", "setInterval(() => socket.ping(), 5000); // text/event-stream"),
        ("a.py", "class Consumer:\n    pass\nc = Consumer({'session.timeout.ms': 5})"),
        ("a.go", "package a\nvar s Server\nfunc f() { s.IdleTimeout = 5 }"),
        ("A.java", "class A { static class JedisPool {} Object p = new JedisPool(); }"),
        ("a.kt", "fun embeddedServer(a: Int, port: Int) {}\nval s = embeddedServer(1, port = 80)"),
        ("a.rb", "class Bunny; def self.new(**) = nil; end\nBunny.new(heartbeat: 5)"),
    ],
)
def test_words_that_only_look_like_a_library(path: str, text: str) -> None:
    assert read({path: text}) == []
