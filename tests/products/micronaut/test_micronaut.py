"""Micronaut: application.yml, the server and the services it calls."""

from __future__ import annotations

from tests.products.texts import facts, links, read

TEXT = """\
micronaut:
  application: {name: shop}
  server: {port: 8090, idle-timeout: 65s}
  http:
    client: {read-timeout: 4s}
    services:
      stock: {url: "http://stock:8080"}
"""


def test_application():
    (found,), _ = read("micronaut", {"application.yml": TEXT})
    assert (found.name, [str(a) for a in found.listens], links(found)) == (
        "shop", ["*:8090"], ["stock:8080 http service @ 7:15"],
    )  # fmt: skip
    assert facts(found.facts, "accept.idle_close", "accept.body_read") == [
        "accept.idle_close = 65s (micronaut.server.idle-timeout, written @ 3:24)",
        "accept.body_read = 300s (micronaut.server.read-idle-timeout, default @ 1:1)",
    ]
    assert facts(found.links[0].facts, "connect.read_stall") == [
        "connect.read_stall = 4s (micronaut.http.client.read-timeout, written @ 5:14)"
    ]
