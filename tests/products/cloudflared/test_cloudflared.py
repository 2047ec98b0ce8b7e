"""config.yml of a tunnel: one link for each origin, with what its rule says over what holds for all."""

from __future__ import annotations

import pytest

from tests.products.texts import facts, links, read, workload

TEXT = """\
tunnel: home
originRequest:
  keepAliveTimeout: 1m
  connectTimeout: 5s
ingress:
  - hostname: app.example.org
    service: http://web:3000
  - hostname: grpc.example.org
    service: https://rpc
    originRequest: {keepAliveTimeout: 3s, http2Origin: true, originServerName: rpc.example.org}
  - hostname: old.example.org
    service: https://192.0.2.7:8443
  - hostname: ssh.example.org
    service: tcp://host:22
  - hostname: hello.example.org
    service: hello_world
  - service: http_status:404
"""


def test_rules() -> None:
    """Answers the tunnel gives by itself lead nowhere; an address is no name to send."""
    (found,), reports = read("cloudflared", {"cloudflared/config.yml": TEXT})
    assert reports["cloudflared/config.yml"].status == "understood"
    assert links(found) == [
        "web:3000 http ingress app.example.org @ 7:14",
        "rpc:443 http2 ingress grpc.example.org @ 9:14",
        "192.0.2.7:8443 http ingress old.example.org @ 12:14",
        "host:22 tcp ingress ssh.example.org @ 14:14",
    ]
    assert [facts(link.facts, "connect.idle_keep", "connect.sni") for link in found.links] == [
        ["connect.idle_keep = 60s (originRequest.keepAliveTimeout, written @ 3:3)"],
        [
            "connect.idle_keep = 3s (originRequest.keepAliveTimeout, written @ 10:21)",
            "connect.sni = on (originRequest.originServerName, written @ 10:80)",
        ],
        [
            "connect.idle_keep = 60s (originRequest.keepAliveTimeout, written @ 3:3)",
            "connect.sni = off (originRequest.originServerName, default @ 12:14)",
        ],
        ["connect.idle_keep = 60s (originRequest.keepAliveTimeout, written @ 3:3)"],
    ]


def test_defaults() -> None:
    """A pool of Go's kind: ninety seconds, one more try for what is idempotent."""
    (found,), _ = read("cloudflared", {"config.yml": "ingress:\n  - service: http://web\n"})
    assert facts(found.facts, "connect.idle_keep", "connect.connect", "connect.stale_retry") == [
        "connect.idle_keep = 90s (originRequest.keepAliveTimeout, default @ 1:1)",
        "connect.connect = 30s (originRequest.connectTimeout, default @ 1:1)",
        "connect.stale_retry = idempotent ((stale reuse), fixed @ 1:1)",
    ]


def test_the_workload_that_mounts_it() -> None:
    runs = workload(
        "tunnel", "cloudflare/cloudflared:2024.6.0", "tunnel run", mounts={"cf/config.yml": "/etc/cloudflared"}
    )
    (found,), _ = read("cloudflared", {"cf/config.yml": TEXT}, runs)
    assert (found.name, found.workload, str(found.versions)) == ("tunnel", runs.key, "2024.6.0")


@pytest.mark.parametrize(
    "text",
    ["ingress:\n", "ingress: {a: b}\n", "ingress: [a, {service: [x]}]\n", "ingress:\n  - service: http://\n", ""],
)
def test_what_is_no_tunnel(text: str) -> None:
    """An `ingress` of something else, or nothing to lead to, is no error."""
    found, _ = read("cloudflared", {"config.yml": text})
    assert [link for component in found for link in component.links] == []
