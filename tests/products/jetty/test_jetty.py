"""Jetty's start.ini: what is commented out has its default."""

from __future__ import annotations

from tests.products.texts import facts, read


def test_file():
    text = "--module=http\njetty.http.port=8081\njetty.http.idleTimeout=45000\n# jetty.server.stopTimeout=1000\n"
    (found,), _ = read("jetty", {"base/start.ini": text})
    assert [str(a) for a in found.listens] == ["*:8081"]
    assert facts(found.facts, "accept.idle_close", "accept.drain") == [
        "accept.idle_close = 45s (jetty.http.idleTimeout, written @ 3:1)",
        "accept.drain = 5s (jetty.server.stopTimeout, default @ 1:1)",
    ]
