"""Istio: which rule and route count for a host, what MeshConfig and annotations add, what sidecars stand in front of."""

from __future__ import annotations

import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from tests.products.kube import run
from tests.products.kubernetes_mutants import ANYTHING, mutated, walk
from tests.products.texts import facts, links
from tochain.check import check_files

MESH = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: edge, namespace: istio-ingress}
spec:
  selector: {istio: gateway}
  servers: [{port: {number: 443}, hosts: [shop/*.example]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: web, namespace: shop}
spec:
  hosts: [shop.example]
  gateways: [istio-ingress/edge, mesh]
  http:
  - name: slow
    timeout: 20s
    retries: {attempts: 1, perTryTimeout: 5s}
    route: [{destination: {host: web, subset: v2, port: {number: 80}}}]
  tcp:
  - route: [{destination: {host: db.data.svc.cluster.local}}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: other, namespace: shop}
spec: {hosts: [other.test], gateways: [istio-ingress/edge], http: [{route: [{destination: {host: web}}]}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: web, namespace: shop}
spec:
  host: web.shop.svc.cluster.local
  trafficPolicy:
    connectionPool: {tcp: {connectTimeout: 2s, tcpKeepalive: {}}, http: {idleTimeout: 30s}}
    portLevelSettings: [{port: {number: 8443}, connectionPool: {http: {idleTimeout: 9s}}}]
  subsets: [{name: v2, trafficPolicy: {connectionPool: {tcp: {idleTimeout: 50s}}}}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: far, namespace: shop}
spec: {host: api.partner.test, trafficPolicy: {connectionPool: {http: {maxRequestsPerConnection: 1}}}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: stray, namespace: elsewhere}
spec: {host: db.data.svc.cluster.local, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 7s}}}}
---
apiVersion: networking.istio.io/v1
kind: EnvoyFilter
metadata: {name: idle}
spec: {configPatches: [{patch: {value: {common_http_protocol_options: {idle_timeout: 1s}}}}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    connectTimeout: 4s
    defaultConfig:
      terminationDrainDuration: 40s
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata:
      labels: {app: web}
      annotations:
        proxy.istio.io/config: |
          terminationDrainDuration: 60s
          proxyMetadata: {ISTIO_META_IDLE_TIMEOUT: 70s}
    spec:
      terminationGracePeriodSeconds: 50
      containers: [{name: web, image: web, ports: [{containerPort: 80}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gw, namespace: shop}
spec: {gatewayClassName: istio, listeners: [{name: http, port: 80}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: r, namespace: shop}
spec:
  parentRefs: [{name: gw}]
  hostnames: [gw.example]
  rules:
  - {timeouts: {backendRequest: 3s}, backendRefs: [{name: web, port: 80}]}
  - {timeouts: {request: 9s, backendRequest: 2s}, retry: {attempts: 2}, backendRefs: [{name: web, port: 8443}]}
"""

READ = """\
istio:k8s.yaml#gateway edge istio-ingress/edge k8s:istio-ingress @ k8s.yaml:7:18
  accept.idle_close = 1h (connectionSettings.httpIdleTimeout, default @ 7:18)
  lifecycle.drain = 40s (terminationDrainDuration, written @ 63:33)
  > web.shop:80 http slow @ 22:34
    connect.idle_keep = 50s (connectionPool.tcp.idleTimeout, written @ 39:76)
    connect.connect = 4s (connectionPool.tcp.connectTimeout, inherited @ 61:21)
    connect.request_total = 20s (http.timeout, written @ 20:14)
    connect.attempts = 2 (http.retries.attempts, written @ 21:25)
    connect.attempt_total = 5s (http.retries.perTryTimeout, written @ 21:43)
    connect.tcp_keepalive_time = off (connectionPool.tcp.tcpKeepalive.time, default @ 7:18)
  > db.data.svc.cluster.local tcp tcp route 1 @ 24:34
    connect.connect = 4s (connectionPool.tcp.connectTimeout, inherited @ 61:21)
    connect.stream_idle = 1h (connectionPool.tcp.idleTimeout, default @ 7:18)
    connect.tcp_keepalive_time = off (connectionPool.tcp.tcpKeepalive.time, default @ 7:18)
istio:k8s.yaml#Gateway shop/gw k8s:shop @ k8s.yaml:87:18
  accept.idle_close = 1h (connectionSettings.httpIdleTimeout, default @ 87:18)
  lifecycle.drain = 40s (terminationDrainDuration, written @ 63:33)
  > web.shop:80 http HTTPRoute r @ 97:59
    connect.idle_keep = 30s (connectionPool.http.idleTimeout, written @ 37:87)
    connect.connect = 2s (connectionPool.tcp.connectTimeout, written @ 37:44)
    connect.request_total = 3s (http.timeout, written @ 97:33)
    connect.attempts = 3 (http.retries.attempts, default @ 87:18)
    connect.tcp_keepalive_time = kernel (connectionPool.tcp.tcpKeepalive.time, written @ 37:62)
  > web.shop:8443 http HTTPRoute r @ 98:94
    connect.idle_keep = 9s (connectionPool.http.idleTimeout, written @ 38:85)
    connect.connect = 4s (connectionPool.tcp.connectTimeout, inherited @ 61:21)
    connect.request_total = 9s (http.timeout, written @ 98:26)
    connect.attempts = 3 (http.retries.attempts, written @ 98:69)
    connect.attempt_total = 2s (http.retries.perTryTimeout, written @ 98:46)
    connect.tcp_keepalive_time = off (connectionPool.tcp.tcpKeepalive.time, default @ 87:18)
istio:k8s.yaml#mesh shop/web k8s:shop @ k8s.yaml:14:18
  accept.idle_close = 1h (connectionSettings.httpIdleTimeout, default @ 14:18)
  lifecycle.drain = 40s (terminationDrainDuration, written @ 63:33)
  > web.shop:80 http slow @ 22:34
    connect.idle_keep = 50s (connectionPool.tcp.idleTimeout, written @ 39:76)
    connect.connect = 4s (connectionPool.tcp.connectTimeout, inherited @ 61:21)
    connect.request_total = 20s (http.timeout, written @ 20:14)
    connect.attempts = 2 (http.retries.attempts, written @ 21:25)
    connect.attempt_total = 5s (http.retries.perTryTimeout, written @ 21:43)
    connect.tcp_keepalive_time = off (connectionPool.tcp.tcpKeepalive.time, default @ 14:18)
  > db.data.svc.cluster.local tcp tcp route 1 @ 24:34
    connect.connect = 4s (connectionPool.tcp.connectTimeout, inherited @ 61:21)
    connect.stream_idle = 1h (connectionPool.tcp.idleTimeout, default @ 14:18)
    connect.tcp_keepalive_time = off (connectionPool.tcp.tcpKeepalive.time, default @ 14:18)
  > api.partner.test http DestinationRule far @ 44:14
    connect.idle_keep = off (connectionPool.http.idleTimeout, default @ 14:18)
    connect.connect = 4s (connectionPool.tcp.connectTimeout, inherited @ 61:21)
    connect.request_total = never (http.timeout, default @ 14:18)
    connect.attempts = 3 (http.retries.attempts, default @ 14:18)
    connect.tcp_keepalive_time = off (connectionPool.tcp.tcpKeepalive.time, default @ 14:18)
istio:k8s.yaml#inbound shop/web k8s:shop @ k8s.yaml:67:18
  accept.idle_close = 70s (ISTIO_META_IDLE_TIMEOUT, written @ 75:52)
  lifecycle.drain = 60s (terminationDrainDuration, written @ 74:37)
  lifecycle.termination_grace = 50s (terminationGracePeriodSeconds, written @ 77:38)
  > k8s:shop/Deployment/web#web http inbound @ 67:18
    connect.idle_keep = 30s (connectionPool.http.idleTimeout, written @ 37:87)
    connect.connect = 2s (connectionPool.tcp.connectTimeout, written @ 37:44)
    connect.request_total = never (http.timeout, default @ 67:18)
    connect.attempts = 1 or 3 ((inbound retries), default @ 67:18)
    connect.tcp_keepalive_time = kernel (connectionPool.tcp.tcpKeepalive.time, written @ 37:62)
"""
COMPONENT = ("accept.idle_close", "lifecycle.drain", "lifecycle.termination_grace")
LINK = (
    *("connect.idle_keep", "connect.connect", "connect.request_total", "connect.attempts", "connect.attempt_total"),
    *("connect.stream_idle", "connect.tcp_keepalive_time"),
)


def test_the_mesh():
    found, reports = run("istio", {"k8s.yaml": MESH})
    lines = []
    for component in found:
        lines.append(f"{component.key} {component.scope} @ {component.span}")
        lines += [f"  {line}" for line in facts(component.facts, *COMPONENT)]
        for link, line in zip(component.links, links(component), strict=True):
            lines.append(f"  > {line}")
            lines += [f"    {fact}" for fact in facts(link.facts, *LINK)]
    assert lines == READ.splitlines()
    assert [(p.message, str(p.span)) for r in reports.values() for p in r.problems] == [
        ("EnvoyFilter idle sets idle_timeout, which is not followed", "k8s.yaml:54:86")
    ]


def test_everything_for_a_pod_goes_through_its_sidecar():
    found, _ = run("istio", {"k8s.yaml": MESH})
    assert [(c.name, c.variant, c.listens, c.names) for c in found] == [
        ("istio", None, found[0].listens, ("shop.example",)),
        ("istio", None, found[1].listens, ("gw.example",)),
        ("istio", None, (), ()),
        ("istio", "inbound", (), ()),
    ]
    result = check_files({"k8s.yaml": MESH})
    drains = [f for f in result.findings if f.family == "drain"]
    assert [(f.rule, [str(label.span) for label in f.labels]) for f in drains] == [
        ("killed-before-drained", ["k8s.yaml:74:37", "k8s.yaml:77:38"])
    ]


DOCUMENTS = list(yaml.safe_load_all(MESH))


@limits(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_wrong_types_anywhere(data):
    at = data.draw(st.integers(0, len(DOCUMENTS) - 1))
    path = data.draw(st.sampled_from(list(walk(DOCUMENTS[at]))))
    text = yaml.safe_dump_all(
        [*DOCUMENTS[:at], mutated(DOCUMENTS[at], path, data.draw(ANYTHING)), *DOCUMENTS[at + 1 :]]
    )
    for product in ("istio", "gateway-api", "envoy-gateway"):
        found, _ = run(product, {"k8s.yaml": text})
        assert all(component.product == product for component in found)


ROUTE = """\
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: member}
spec:
  hosts: [member]
  http:
  - timeout: 2s
    retries: RETRIES
    route: [{destination: {host: member}}]
"""


def test_a_try_may_take_the_whole_request_where_tries_are_asked_for():
    (found,), _ = run("istio", {"k8s.yaml": ROUTE.replace("RETRIES", "{attempts: 3}")})
    assert facts(found.links[0].facts, "connect.attempts", "connect.attempt_total", "connect.request_total") == [
        "connect.attempts = 4 (http.retries.attempts, written @ 8:25)",
        "connect.attempt_total = 2s (http.timeout, written @ 7:14)",
        "connect.request_total = 2s (http.timeout, written @ 7:14)",
    ]
    (found,), _ = run("istio", {"k8s.yaml": ROUTE.replace("RETRIES", "{}")})
    assert "connect.attempt_total" not in found.links[0].facts
