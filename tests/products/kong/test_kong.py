"""Kong: kong.conf under its environment, declarative services, upstreams and Kubernetes annotations."""

from __future__ import annotations

from tests.products.texts import facts, links, read, settings, workload

CONF = """\
# Kong
upstream_keepalive_idle_timeout = 30   # seconds
upstream_keepalive_pool_size = 0
nginx_http_keepalive_timeout = 75s
proxy_listen = 0.0.0.0:8000 so_keepalive=60s:10:5 reuseport, 0.0.0.0:8443 http2 ssl
"""
DECLARATIVE = """\
_format_version: "3.0"
services:
- name: shop
  url: https://shop.internal/v1
  read_timeout: 5000
  retries: 0
  routes:
  - {name: r, hosts: [shop.example, "*.shop.example"]}
- name: pay
  host: pay-upstream
  protocol: grpc
upstreams:
- name: pay-upstream
  targets: [{target: "10.0.0.1:9000"}, {target: pay2}]
  healthchecks: {active: {healthy: {interval: 4}, timeout: 2}}
"""


def test_files():
    (found,), reports = read("kong", {"gw/kong.conf": CONF, "gw/kong.yml": DECLARATIVE})
    assert (found.name, found.key, found.scope, [str(a) for a in found.listens], found.names) == (
        "kong", "kong:gw/kong.conf", "dir:gw", ["*:8000", "*:8443"], ("shop.example",),
    )  # fmt: skip
    assert settings(found.settings) == [
        "upstream_keepalive_idle_timeout = 30 @ 2:1-37",
        "upstream_keepalive_pool_size = 0 @ 3:1-33",
        "nginx_http_keepalive_timeout = 75s @ 4:1-35",
        "proxy_listen = 0.0.0.0:8000 so_keepalive=60s:10:5 reuseport, 0.0.0.0:8443 http2 ssl @ 5:1-84",
        "healthchecks.active.healthy.interval = 4 @ 15:37-48",
        "healthchecks.active.timeout = 2 @ 15:51-61",
        "so_keepalive = 60s @ 5:1-84",
    ]
    assert links(found) == [
        "shop.internal:443 http service shop @ 4:3",
        "10.0.0.1:9000 grpc service pay @ 14:14",
        "pay2:8000 grpc service pay @ 14:41",
    ]
    assert settings(found.links[0].settings) == [
        "upstream_keepalive_idle_timeout = 30 @ 2:1-37",
        "upstream_keepalive_pool_size = 0 @ 3:1-33",
        "read_timeout = 5000 @ 5:3-21",
        "retries = 0 @ 6:3-13",
    ]
    assert {path: report.status for path, report in reports.items()} == {
        "gw/kong.conf": "understood",
        "gw/kong.yml": "understood",
    }


def test_facts():
    (found,), _ = read("kong", {"gw/kong.conf": CONF, "gw/kong.yml": DECLARATIVE})
    assert facts(found.facts, "accept.idle_close", "accept.tcp_keepalive_time", "lifecycle.health_interval") == [
        "accept.idle_close = 75s (nginx_http_keepalive_timeout, written @ 4:1)",
        "accept.tcp_keepalive_time = 60s (so_keepalive, written @ 5:1)",
        "lifecycle.health_interval = 4s (healthchecks.active.healthy.interval, written @ 15:37)",
    ]
    shop, pay, _ = found.links
    timers = (
        "connect.connect",
        "connect.response_header",
        "connect.attempts",
        "connect.idle_keep",
        "connect.idle_pool_size",
    )
    assert [facts(link.facts, *timers) for link in (shop, pay)] == [
        [
            "connect.connect = 60s (connect_timeout, default @ 1:1)",
            "connect.response_header = 5s (read_timeout, written @ 5:3)",
            "connect.attempts = 1 (retries, written @ 6:3)",
            "connect.idle_keep = 30s (upstream_keepalive_idle_timeout, written @ 2:1)",
            "connect.idle_pool_size = off (upstream_keepalive_pool_size, written @ 3:1)",
        ],
        [
            "connect.connect = 60s (connect_timeout, default @ 1:1)",
            "connect.response_header = 60s (read_timeout, default @ 1:1)",
            "connect.attempts = 6 (retries, default @ 1:1)",
            "connect.idle_keep = 30s (upstream_keepalive_idle_timeout, written @ 2:1)",
            "connect.idle_pool_size = off (upstream_keepalive_pool_size, written @ 3:1)",
        ],
    ]


def test_the_environment_wins():
    env = {
        "KONG_UPSTREAM_KEEPALIVE_IDLE_TIMEOUT": workload("x", "12").image,
        "KONG_PG_PASSWORD": workload("x", "secret").image,
    }
    gateway = workload("gateway", "kong:3.4-ubuntu", env=env, mounts={"gw": "/etc/kong"}, ports={80: 8000})
    migrations = workload("migrations", "kong:3.4", "kong migrations bootstrap", mounts={"gw": "/etc/kong"})
    (found,), _ = read("kong", {"gw/kong.conf": CONF, "gw/kong.yml": DECLARATIVE}, gateway, migrations)
    assert (found.name, found.workload, str(found.versions)) == ("gateway", gateway.key, "3.4")
    assert facts(found.facts, "connect.idle_keep", "connect.max_requests") == [
        "connect.idle_keep = 12s (upstream_keepalive_idle_timeout, written @ 1:1)",
        "connect.max_requests = 100 (upstream_keepalive_max_requests, default @ 1:1)",
    ]
    assert len(found.links) == 3


KUBE = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop, namespace: prod}
spec:
  ingressClassName: kong
  rules:
  - host: shop.example
    http:
      paths: [{path: /, backend: {service: {name: shop, port: {number: 80}}}}]
---
apiVersion: v1
kind: Service
metadata:
  name: shop
  namespace: prod
  annotations: {konghq.com/read-timeout: "9000", konghq.com/retries: "2"}
"""


def test_kubernetes():
    (found,), _ = read("kong", {"k8s.yaml": KUBE})
    assert (found.name, found.key, found.scope, found.names) == (
        "kong",
        "kong:kubernetes",
        "k8s:prod",
        ("shop.example",),
    )
    assert links(found) == ["shop.prod:80 http shop.example/ @ 9:51"]
    assert facts(found.links[0].facts, "connect.read_stall", "connect.attempts") == [
        "connect.read_stall = 9s (read_timeout, written @ 16:42)",
        "connect.attempts = 3 (retries, written @ 16:70)",
    ]


def test_odd_files():
    texts = {
        "a.yaml": "_format_version: '3.0'\nservices: {a: 1}\nupstreams: [x]\n",
        "b.yaml": "services: []\n",
        "kong.conf": "= 3\nport\n",
        "c.yaml": "_format_version: '1'\nservices: [{url: 'http://[x'}, {host: '${H}'}]\n",
    }
    components, reports = read("kong", texts)
    (found,) = components
    assert links(found) == [
        "the service's host is filled in later http service @ 2:13",
        "the service's host is filled in later http service @ 2:33",
    ]
    assert "b.yaml" not in reports
