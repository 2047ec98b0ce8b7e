"""APISIX: config.yaml, the standalone routes, and Kubernetes objects."""

from __future__ import annotations

from tests.products.texts import facts, links, read, settings, workload

CONFIG = """\
apisix:
  node_listen: [9080, {port: 9081, enable_http2: true}]
  ssl: {listen: [{port: 9443}]}
nginx_config:
  worker_shutdown_timeout: 30s
  http:
    keepalive_timeout: 75s
    upstream: {keepalive_timeout: 20s}
"""
ROUTES = """\
routes:
- uri: /shop/*
  host: shop.example
  upstream_id: 1
  timeout: {connect: 2, send: 3, read: 4}
- uri: /pay
  upstream:
    scheme: grpc
    retries: 0
    keepalive_pool: {size: 10, idle_timeout: 5, requests: 100}
    nodes: [{host: pay, port: 9000, weight: 1}]
- uri: /found
  service_id: s
upstreams:
- id: 1
  timeout: {connect: 9, send: 9, read: 9}
  nodes: {"shop1:3000": 1, "shop2": 1}
  checks: {active: {healthy: {interval: 6}}}
services:
- {id: s, upstream: {service_name: users, discovery_type: dns}}
#END
"""


def test_files():
    (found,), reports = read("apisix", {"apisix/config.yaml": CONFIG, "apisix/apisix.yaml": ROUTES})
    assert (found.name, found.key, [str(a) for a in found.listens], found.names) == (
        "apisix", "apisix:apisix/config.yaml", ["*:9080", "*:9081", "*:9443"], ("shop.example",),
    )  # fmt: skip
    assert settings(found.settings) == [
        "nginx_config.http.keepalive_timeout = 75s @ 7:5-27",
        "nginx_config.worker_shutdown_timeout = 30s @ 5:3-31",
        "nginx_config.http.upstream.keepalive_timeout = 20s @ 8:16-38",
        "checks.active.healthy.interval = 6 @ 18:31-42",
    ]
    assert links(found) == [
        "shop1:3000 http route /shop/* @ 17:11",
        "shop2:80 http route /shop/* @ 17:28",
        "pay:9000 grpc route /pay @ 11:14",
        "the nodes come from service discovery http route /found @ 20:36",
    ]
    timers = ("connect.connect", "connect.read_stall", "connect.idle_keep", "connect.attempts")
    assert [facts(link.facts, *timers) for link in found.links[1:3]] == [
        [
            "connect.connect = 2s (timeout.connect, written @ 5:13)",
            "connect.read_stall = 4s (timeout.read, written @ 5:34)",
            "connect.idle_keep = 20s (nginx_config.http.upstream.keepalive_timeout, written @ 8:16)",
            "connect.attempts = 2 (retries, default @ 17:3)",
        ],
        [
            "connect.connect = 60s (timeout.connect, default @ 1:1)",
            "connect.read_stall = 60s (timeout.read, default @ 1:1)",
            "connect.idle_keep = 5s (keepalive_pool.idle_timeout, written @ 10:32)",
            "connect.attempts = 1 (retries, written @ 9:5)",
        ],
    ]
    assert sorted(reports) == ["apisix/apisix.yaml", "apisix/config.yaml"]


KUBE = """\
apiVersion: apisix.apache.org/v2
kind: ApisixRoute
metadata: {name: shop, namespace: prod}
spec:
  http:
  - name: all
    timeout: {connect: 1s, send: 2s, read: 3s}
    backends: [{serviceName: shop, servicePort: 80}]
---
apiVersion: apisix.apache.org/v2
kind: ApisixUpstream
metadata: {name: shop, namespace: prod}
spec: {retries: 2}
"""


def test_kubernetes():
    running = workload("gateway", "apache/apisix:3.10.0-debian")
    (apart, found), _ = read("apisix", {"k8s.yaml": KUBE}, running)
    assert (apart.name, apart.links, found.scope) == ("gateway", (), "k8s:prod")
    assert links(found) == ["shop.prod:80 http route all @ 8:30"]
    assert facts(found.links[0].facts, "connect.read_stall", "connect.attempts") == [
        "connect.read_stall = 3s (timeout.read, written @ 7:38)",
        "connect.attempts = 3 (retries, written @ 13:8)",
    ]


def test_files_of_others_are_left_alone():
    assert read("apisix", {"routes.yaml": "routes: [{uri: /}]\n", "list.yaml": "- routes\n"}) == ([], {})
