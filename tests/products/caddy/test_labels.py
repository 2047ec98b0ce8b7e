"""Labels that caddy-docker-proxy reads: sites, containers as upstreams, options of all, other projects."""

from __future__ import annotations

from tests.products.clouds.runs import everything, run

CADDY = """\
services:
  caddy:
    image: lucaslorentz/caddy-docker-proxy:2.9-alpine
    labels:
      caddy.grace_period: 15s
      caddy_1: (slow)
      caddy_1.transport: http
      caddy_1.transport.response_header_timeout: 2m
"""
APPS = """\
  chat:
    image: node:22
    command: node chat.js
    labels:
      caddy: chat.example
      caddy.reverse_proxy: "/api/* {{upstreams 3000}}"
      caddy.reverse_proxy.import: slow
  rpc:
    image: node:22
    command: node rpc.js
    labels:
    - caddy_0=chat.example
    - caddy_0.1_handle=/rpc/*
    - caddy_0.1_handle.reverse_proxy={{upstreams h2c 50051}} elsewhere.example:443
    - caddy_0.1_handle.reverse_proxy.lb_retries=2
    - caddy_7=http://rpc.example
    - caddy_7.respond="gone away" 404
"""


def test_labels() -> None:
    assert everything({"compose.yaml": CADDY + APPS}).split("\nserver ")[0].splitlines() == [
        "proxy caddy caddy @ 13:14-26 443,80",
        "    grace_period = 15s @ 5:27-30",
        "    -> compose:compose.yaml#chat 3000 http | reverse_proxy /api/* | response_header_timeout=2m@8:50-52 @ 14:28-55",
        "    -> compose:compose.yaml#rpc 50051 http2 | reverse_proxy /rpc/* | lb_retries=2@23:7-50 @ 22:7-83",
        "    -> elsewhere.example:443 http | reverse_proxy /rpc/* | lb_retries=2@23:7-50 @ 22:7-83",
        "proxy caddy caddy @ 24:7-33 80",
        "    grace_period = 15s @ 5:27-30",
    ]


def test_another_project_is_read_by_the_only_caddy() -> None:
    found = run({"proxy/compose.yaml": CADDY, "chat/compose.yaml": "services:\n" + APPS})
    assert [(hop.client.name, hop.server.name, hop.server.scope) for hop in found.graph.hops] == [
        ("caddy", "chat", "compose:chat/compose.yaml"),
        ("caddy", "rpc", "compose:chat/compose.yaml"),
    ]


def test_labels_of_a_caddy_nobody_described() -> None:
    found = run({"compose.yaml": "services:\n" + APPS.replace("import: slow", "flush_interval: -1")})
    caddy, _ = found.of("caddy")
    assert (caddy.name, caddy.scope, caddy.workload, str(caddy.versions)) == (
        "chat.example", "compose:compose.yaml", "", "any version",
    )  # fmt: skip
    assert [hop.server.name for hop in found.graph.hops] == ["chat", "rpc"]


def test_odd_labels_are_no_crash() -> None:
    odd = ["caddy.", "caddy..a", "caddy_1.__", "caddy.1_", "caddy_x", "caddyish.a", "caddy.reverse_proxy.to.{{"]
    labels = "".join(f"    - '{name}={{{{upstreams'\n" for name in odd)
    found = run({"compose.yaml": f"services:\n  a:\n    image: caddy:2\n    labels:\n{labels}"})
    assert [component.product for component in found.components] == ["caddy"]
