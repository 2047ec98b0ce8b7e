"""nats-server.conf: top level, blocks with and without separators."""

from __future__ import annotations

from tests.products.texts import facts, read, settings

CONF = """\
port: 4223
ping_interval: "30s"
ping_max = 3
authorization { user: a, password: hunter2, timeout: 1 }
tls: {
  timeout: 3
}
websocket { port: 8443 }
"""


def test_file():
    (found,), _ = read("nats", {"nats.conf": CONF})
    assert (found.kind, [str(a) for a in found.listens]) == ("broker", ["*:4223", "*:8443"])
    assert settings(found.settings) == [
        "ping_interval = 30s @ 2:1-21",
        "ping_max = 3 @ 3:1-13",
        "authorization.timeout = 1 @ 4:45-55",
        "tls.timeout = 3 @ 6:3-13",
    ]
    assert facts(found.facts, "accept.ping_interval", "accept.tls_handshake", "accept.send_stall") == [
        "accept.ping_interval = 30s (ping_interval, written @ 2:1)",
        "accept.tls_handshake = 3s (tls.timeout, written @ 6:3)",
        "accept.send_stall = 10s (write_deadline, default @ 1:1)",
    ]
    assert "hunter2" not in repr(found)
