"""Clients, pools and streams in JavaScript, Python, Go and Ruby: what is read, with its places."""

from __future__ import annotations

import pytest

from tests.products.test_code import read, told
from tests.products.texts import facts

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
            "HttpTimeout = install(HttpTimeout) @ 6:5-25",
            "-> its address is not said in this file http HttpClient(CIO) @ 5:14",
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
