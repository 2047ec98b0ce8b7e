"""mosquitto.conf: listeners, and bridges as links with their own keepalive."""

from __future__ import annotations

from tests.products.texts import links, read, settings

CONF = """\
listener 1883 0.0.0.0
listener 0 /run/mosquitto.sock
max_keepalive 300
connection upstream
address mqtt.example.org:8883
keepalive_interval 120
listener 9001
protocol websockets
"""


def test_broker_and_bridge():
    (found,), _ = read("mqtt-mosquitto", {"mosquitto/mosquitto.conf": CONF})
    assert ([str(a) for a in found.listens], settings(found.settings)) == (
        ["0.0.0.0:1883", "*:9001"], ["max_keepalive = 300 @ 3:1-18"],
    )  # fmt: skip
    assert links(found) == ["mqtt.example.org:8883 mqtt bridge upstream @ 5:9"]
    assert settings(found.links[0].settings) == ["keepalive_interval = 120 @ 6:1-23"]
