"""Dante's sockd.conf."""

from __future__ import annotations

from tests.products.texts import facts, read


def test_file():
    text = "internal: eth0 port = 1085\ntimeout.connect: 10\ntimeout.io: 3600 # an hour\n"
    (found,), _ = read("socks-proxy", {"sockd.conf": text})
    assert (found.kind, [str(a) for a in found.listens]) == ("proxy", ["*:1085"])
    assert facts(found.facts, "connect.connect", "accept.stream_idle", "accept.header_read") == [
        "connect.connect = 10s (timeout.connect, written @ 2:1)",
        "accept.stream_idle = 1h (timeout.io, written @ 3:1)",
        "accept.header_read = 30s (timeout.negotiate, default @ 1:1)",
    ]
