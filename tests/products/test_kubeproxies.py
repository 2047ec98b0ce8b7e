"""Proxies that are configured by objects of Kubernetes: routes to links, policies and annotations to settings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from tests.products.texts import facts, links, read, settings, workload

CONTOUR = """\
apiVersion: projectcontour.io/v1
kind: HTTPProxy
metadata: {name: shop, namespace: prod}
spec:
  virtualhost: {fqdn: shop.example}
  routes:
  - conditions: [{prefix: /api}]
    timeoutPolicy: {response: 30s, idle: infinity, idleConnection: 4s}
    retryPolicy: {retryOn: [5xx], perTryTimeout: 5s}
    healthCheckPolicy: {path: /, intervalSeconds: 7}
    services: [{name: api, port: 8080}, {name: copy, port: 80, mirror: true}]
  - services: [{name: web, port: 80, protocol: h2c}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: contour, namespace: projectcontour}
data:
  contour.yaml: |
    timeouts:
      connection-idle-timeout: 120s
      connect-timeout: 1s
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: old
  namespace: prod
  annotations:
    projectcontour.io/response-timeout: infinity
    projectcontour.io/num-retries: "-1"
spec:
  ingressClassName: contour
  rules: [{host: old.example, http: {paths: [{path: /, backend: {service: {name: old, port: {number: 80}}}}]}}]
"""


def test_contour():
    (found,), reports = read("contour", {"k8s.yaml": CONTOUR})
    assert (found.name, found.key, found.scope, str(found.span), found.names) == (
        "contour", "contour:k8s.yaml", "k8s:prod", "k8s.yaml:3:18", ("shop.example", "old.example"),
    )  # fmt: skip
    assert settings(found.settings) == [
        "timeouts.connection-idle-timeout = 120s @ 20:7-36",
        "timeouts.connect-timeout = 1s @ 21:7-26",
        "healthCheckPolicy.intervalSeconds = 7 @ 10:34-52",
    ]
    assert links(found) == [
        "api.prod:8080 http shop.example/api @ 11:23",
        "web.prod:80 http2 shop.example/ @ 12:23",
        "old.prod:80 http old.example/ @ 33:82",
    ]
    timers = (
        "connect.connect",
        "connect.request_total",
        "connect.attempt_total",
        "connect.attempts",
        "connect.idle_keep",
        "connect.stream_idle",
    )
    assert [facts(link.facts, *timers) for link in found.links] == [
        [
            "connect.connect = 1s (timeouts.connect-timeout, written @ 21:7)",
            "connect.request_total = 30s (timeoutPolicy.response, written @ 8:21)",
            "connect.attempt_total = 5s (retryPolicy.perTryTimeout, written @ 9:35)",
            "connect.attempts = 2 (retryPolicy.count, default @ 3:18)",
            "connect.idle_keep = 4s (timeoutPolicy.idleConnection, written @ 8:52)",
            "connect.stream_idle = never (timeoutPolicy.idle, written @ 8:36)",
        ],
        [
            "connect.connect = 1s (timeouts.connect-timeout, written @ 21:7)",
            "connect.request_total = 15s (timeoutPolicy.response, default @ 3:18)",
            "connect.attempt_total = 15s (timeoutPolicy.response, default @ 3:18)",
            "connect.attempts = 1 (retryPolicy.count, default @ 3:18)",
            "connect.idle_keep = 1h (timeoutPolicy.idleConnection, default @ 3:18)",
            "connect.stream_idle = 300s (timeoutPolicy.idle, default @ 3:18)",
        ],
        [
            "connect.connect = 1s (timeouts.connect-timeout, written @ 21:7)",
            "connect.request_total = never (timeoutPolicy.response, written @ 29:41)",
            "connect.attempt_total = never (timeoutPolicy.response, written @ 29:41)",
            "connect.attempts = 1 (retryPolicy.count, written @ 30:36)",
            "connect.idle_keep = 1h (timeoutPolicy.idleConnection, default @ 3:18)",
            "connect.stream_idle = 300s (timeoutPolicy.idle, default @ 3:18)",
        ],
    ]
    assert reports["k8s.yaml"].status == "understood"


EMISSARY = """\
apiVersion: getambassador.io/v3alpha1
kind: Mapping
metadata: {name: shop, namespace: prod}
spec:
  hostname: shop.example
  prefix: /shop/
  service: https://shop.other:8443
  timeout_ms: 0
  cluster_idle_timeout_ms: 4000
  retry_policy: {retry_on: 5xx}
  keepalive: {time: 100}
---
apiVersion: getambassador.io/v3alpha1
kind: TCPMapping
metadata: {name: db, namespace: prod}
spec: {port: 5432, service: "db:5432"}
---
apiVersion: getambassador.io/v3alpha1
kind: Module
metadata: {name: ambassador, namespace: emissary}
spec:
  config:
    listener_idle_timeout_ms: 60000
    cluster_request_timeout_ms: 9000
---
apiVersion: getambassador.io/v3alpha1
kind: Listener
metadata: {name: http, namespace: emissary}
spec: {port: 8080, protocol: HTTP}
"""


def test_emissary():
    running = replace(workload("emissary", "docker.io/emissaryingress/emissary:3.9.1"), scope="k8s:emissary")
    (found,), _ = read("emissary", {"k8s.yaml": EMISSARY}, running)
    assert (found.name, str(found.versions), [str(a) for a in found.listens], found.names) == (
        "emissary", "3.9.1", ["*:8080"], ("shop.example",),
    )  # fmt: skip
    assert facts(found.facts, "accept.idle_close") == [
        "accept.idle_close = 60s (listener_idle_timeout_ms, written @ 23:5)"
    ]
    assert links(found) == ["shop.other:8443 http Mapping /shop/ @ 7:12", "db.prod:5432 tcp TCPMapping db @ 16:29"]
    timers = (
        "connect.request_total",
        "connect.idle_keep",
        "connect.attempts",
        "connect.tcp_keepalive_time",
        "connect.tcp_keepalive_probes",
    )
    assert [facts(link.facts, *timers) for link in found.links] == [
        [
            "connect.request_total = never (timeout_ms, written @ 8:3)",
            "connect.idle_keep = 4s (cluster_idle_timeout_ms, written @ 9:3)",
            "connect.attempts = 2 (retry_policy.num_retries, default @ 3:18)",
            "connect.tcp_keepalive_time = 100s (keepalive.time, written @ 11:15)",
            "connect.tcp_keepalive_probes = kernel (keepalive.probes, default @ 3:18)",
        ],
        [
            "connect.request_total = 9s (timeout_ms, written @ 24:5)",
            "connect.idle_keep = 1h (cluster_idle_timeout_ms, default @ 3:18)",
            "connect.attempts = 1 (retry_policy.num_retries, default @ 3:18)",
            "connect.tcp_keepalive_time = off (keepalive.time, default @ 3:18)",
            "connect.tcp_keepalive_probes = off (keepalive.probes, default @ 3:18)",
        ],
    ]


GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: edge}
spec: {controllerName: gateway.envoyproxy.io/gatewayclass-controller}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gw, namespace: prod}
spec:
  gatewayClassName: edge
  listeners: [{name: web, port: 80, protocol: HTTP}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: other, namespace: prod}
spec: {gatewayClassName: istio, listeners: [{name: web, port: 80}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop, namespace: prod}
spec:
  parentRefs: [{name: gw}]
  hostnames: [shop.example]
  rules:
  - timeouts: {request: 40s}
    backendRefs: [{name: shop, port: 80}, {kind: Backend, name: far, port: 443}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: {name: rpc, namespace: prod}
spec:
  parentRefs: [{name: gw}, {name: other}]
  rules: [{backendRefs: [{name: rpc, port: 9000}]}]
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: {name: far, namespace: prod}
spec: {endpoints: [{fqdn: {hostname: far.example, port: 443}}]}
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: ClientTrafficPolicy
metadata: {name: c, namespace: prod}
spec:
  targetRefs: [{kind: Gateway, name: gw}]
  timeout: {http: {idleTimeout: 650s, streamIdleTimeout: 20m}}
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
metadata: {name: b, namespace: prod}
spec:
  targetRefs: [{kind: Gateway, name: gw}]
  timeout: {http: {connectionIdleTimeout: 5s}}
  tcpKeepalive: {idleTime: 60s}
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: BackendTrafficPolicy
metadata: {name: r, namespace: prod}
spec:
  targetRef: {kind: GRPCRoute, name: rpc}
  retry: {retryOn: {triggers: [reset]}, perRetry: {timeout: 250ms}}
"""


def test_envoy_gateway():
    (found,), _ = read("envoy-gateway", {"k8s.yaml": GATEWAY})
    assert (found.name, found.key, [str(a) for a in found.listens], found.names) == (
        "envoy-gateway", "envoy-gateway:k8s.yaml#Gateway/prod/gw", ["*:80"], ("shop.example",),
    )  # fmt: skip
    assert facts(found.facts, "accept.idle_close", "accept.stream_idle", "accept.tcp_keepalive_time") == [
        "accept.idle_close = 650s (client timeout.http.idleTimeout, written @ 45:20)",
        "accept.stream_idle = 1200s (client timeout.http.streamIdleTimeout, written @ 45:39)",
        "accept.tcp_keepalive_time = off (client tcpKeepalive.idleTime, default @ 8:18)",
    ]
    assert links(found) == [
        "shop.prod:80 http HTTPRoute shop @ 26:26",
        "far.example:443 http HTTPRoute shop @ 38:28",
        "rpc.prod:9000 grpc GRPCRoute rpc @ 33:33",
    ]
    timers = (
        "connect.request_total",
        "connect.attempts",
        "connect.idle_keep",
        "connect.stream_idle",
        "connect.tcp_keepalive_time",
        "connect.tcp_keepalive_interval",
    )
    assert [facts(link.facts, *timers) for link in found.links[1:]] == [
        [
            "connect.request_total = 40s (HTTPRoute timeouts.request, written @ 25:16)",
            "connect.attempts = 1 (backend retry.numRetries, default @ 8:18)",
            "connect.idle_keep = 5s (backend timeout.http.connectionIdleTimeout, written @ 52:20)",
            "connect.stream_idle = 1200s (backend timeout.http.streamIdleTimeout, inherited @ 45:39)",
            "connect.tcp_keepalive_time = 60s (backend tcpKeepalive.idleTime, written @ 53:18)",
            "connect.tcp_keepalive_interval = kernel (backend tcpKeepalive.interval, default @ 8:18)",
        ],
        [
            "connect.request_total = 15s (backend timeout.http.requestTimeout, default @ 8:18)",
            "connect.attempts = 3 (backend retry.numRetries, default @ 8:18)",
            "connect.idle_keep = 1h (backend timeout.http.connectionIdleTimeout, default @ 8:18)",
            "connect.stream_idle = 1200s (backend timeout.http.streamIdleTimeout, inherited @ 45:39)",
            "connect.tcp_keepalive_time = off (backend tcpKeepalive.idleTime, default @ 8:18)",
            "connect.tcp_keepalive_interval = off (backend tcpKeepalive.interval, default @ 8:18)",
        ],
    ]


CONSUL = """\
apiVersion: consul.hashicorp.com/v1alpha1
kind: ServiceRouter
metadata: {name: shop, namespace: prod}
spec:
  routes:
  - match: {http: {pathPrefix: /slow}}
    destination: {requestTimeout: 60s, numRetries: 2}
---
apiVersion: consul.hashicorp.com/v1alpha1
kind: ServiceResolver
metadata: {name: shop, namespace: prod}
spec: {connectTimeout: 1s, requestTimeout: 20s}
---
apiVersion: consul.hashicorp.com/v1alpha1
kind: ServiceDefaults
metadata: {name: shop, namespace: prod}
spec: {protocol: http, localRequestTimeoutMs: 30000}
"""


def test_consul():
    (caller, beside), _ = read("consul", {"k8s.yaml": CONSUL, "entry.json": '{"Kind": "service-resolver", "Name": ""}'})
    assert [(c.name, c.key, c.variant, c.scope) for c in (caller, beside)] == [
        ("consul", "consul:k8s:prod/shop", None, "k8s:prod"),
        ("consul", "consul:k8s:prod/shop#inbound", "inbound", "k8s:prod"),
    ]
    assert [(link.target.ref, link.label) for link in caller.links] == [
        ("consul:k8s:prod/shop#inbound", "shop /slow"), ("consul:k8s:prod/shop#inbound", "shop"),
    ]  # fmt: skip
    timers = ("connect.connect", "connect.request_total", "connect.attempts", "connect.idle_keep")
    assert [facts(link.facts, *timers) for link in (*caller.links, *beside.links)] == [
        [
            "connect.connect = 1s (ConnectTimeout, written @ 12:8)",
            "connect.request_total = 60s (Destination.RequestTimeout, written @ 7:19)",
            "connect.attempts = 3 (Destination.NumRetries, written @ 7:40)",
            "connect.idle_keep = 1h ((upstream pool idle), fixed @ 3:18)",
        ],
        [
            "connect.connect = 1s (ConnectTimeout, written @ 12:8)",
            "connect.request_total = 20s (RequestTimeout, written @ 12:28)",
            "connect.attempts = 1 (Destination.NumRetries, default @ 3:18)",
            "connect.idle_keep = 1h ((upstream pool idle), fixed @ 3:18)",
        ],
        [
            "connect.connect = 5s (local_connect_timeout_ms, default @ 3:18)",
            "connect.request_total = 30s (local_request_timeout_ms, written @ 17:24)",
            "connect.attempts = 1 (Destination.NumRetries, default @ 3:18)",
            "connect.idle_keep = 1h ((upstream pool idle), fixed @ 3:18)",
        ],
    ]
    assert str(beside.links[0].target) == "shop.prod"


def test_consul_config_entries():
    text = '{"Kind": "service-router", "Name": "shop", "Routes": [{"Match": {"HTTP": {"PathPrefix": "/a"}}, "Destination": {"RequestTimeout": "5s"}}]}'
    (caller, _), reports = read("consul", {"consul/router.json": text})
    assert (caller.scope, caller.links[0].label) == ("dir:consul", "shop /a")
    assert facts(caller.links[0].facts, "connect.request_total") == [
        "connect.request_total = 5s (Destination.RequestTimeout, written @ 1:113)"
    ]
    assert reports["consul/router.json"].status == "understood"


LINKERD = """\
apiVersion: v1
kind: Service
metadata:
  name: shop
  namespace: prod
  annotations: {timeout.linkerd.io/request: 10s, retry.linkerd.io/limit: "2"}
spec: {selector: {app: shop}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: prod}
spec:
  template:
    metadata:
      labels: {app: shop}
      annotations: {linkerd.io/inject: enabled, config.linkerd.io/shutdown-grace-period: 30s}
    spec: {containers: [{name: shop, image: shop}]}
---
apiVersion: linkerd.io/v1alpha2
kind: ServiceProfile
metadata: {name: shop.prod.svc.cluster.local, namespace: prod}
spec: {routes: [{name: GET /slow, timeout: 25s}]}
---
apiVersion: v1
kind: Service
metadata: {name: apart, namespace: prod}
spec: {selector: {app: apart}}
"""


def test_linkerd():
    (caller, beside), _ = read("linkerd", {"k8s.yaml": LINKERD})
    assert [(c.key, c.variant) for c in (caller, beside)] == [
        ("linkerd:prod/shop", "meshed"), ("linkerd:prod/shop#inbound", "inbound"),
    ]  # fmt: skip
    assert links(caller) == [
        "linkerd:prod/shop#inbound http Service shop @ 4:9",
        "linkerd:prod/shop#inbound http ServiceProfile shop.prod.svc.cluster.local GET /slow @ 22:17",
    ]
    timers = ("connect.idle_keep", "connect.connect", "connect.request_total", "connect.attempts")
    assert [facts({**c.facts, **link.facts}, *timers) for c in (caller, beside) for link in c.links] == [
        [
            "connect.idle_keep = never ((proxy to proxy), fixed @ 4:9)",
            "connect.connect = 1s (LINKERD2_PROXY_OUTBOUND_CONNECT_TIMEOUT, default @ 4:9)",
            "connect.request_total = 10s (timeout.linkerd.io/request, written @ 6:45)",
            "connect.attempts = 3 (retry.linkerd.io/limit, written @ 6:74)",
        ],
        [
            "connect.idle_keep = never ((proxy to proxy), fixed @ 4:9)",
            "connect.connect = 1s (LINKERD2_PROXY_OUTBOUND_CONNECT_TIMEOUT, default @ 4:9)",
            "connect.request_total = 25s (timeout.linkerd.io/request, written @ 22:35)",
            "connect.attempts = 3 (retry.linkerd.io/limit, written @ 6:74)",
        ],
        [
            "connect.idle_keep = 3s (LINKERD2_PROXY_INBOUND_HTTP1_CONNECTION_POOL_IDLE_TIMEOUT, default @ 4:9)",
            "connect.connect = 100ms (LINKERD2_PROXY_INBOUND_CONNECT_TIMEOUT, default @ 4:9)",
            "connect.request_total = never (timeout.linkerd.io/request, default @ 4:9)",
            "connect.attempts = 1 (retry.linkerd.io/limit, default @ 4:9)",
        ],
    ]
    assert [str(link.target) for link in beside.links] == ["shop.prod:80"]
    assert facts(beside.facts, "lifecycle.termination_grace") == [
        "lifecycle.termination_grace = 30s (LINKERD2_PROXY_SHUTDOWN_GRACE_PERIOD, written @ 16:90)"
    ]


def test_cilium():
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cilium-config, namespace: kube-system}\ndata:\n  bpf-ct-timeout-regular-tcp: 2h13m20s\n  other: x\n"
    (found,), _ = read("cilium", {"cm.yaml": text})
    assert (found.name, found.kind, found.scope) == ("cilium", "box", "k8s:kube-system")
    assert facts(found.facts, "flow.idle_tcp") == [
        "flow.idle_tcp = 2h13m20s (bpf-ct-timeout-regular-tcp, written @ 5:31)"
    ]


SPRING = """\
spring:
  application: {name: edge}
  cloud.gateway:
    httpclient:
      connectTimeout: 2000
      response-timeout: 5s
      pool: {maxIdleTime: 15s}
    routes:
    - id: shop
      uri: http://shop:8080
      metadata: {response-timeout: 30000}
      filters:
      - StripPrefix=1
      - {name: Retry, args: {statuses: BAD_GATEWAY}}
    - id: users
      uri: lb://USERS
      filters: [Retry=2]
    - id: later
      uri: ${LATER}
"""


def test_spring_cloud_gateway():
    (found,), reports = read(
        "spring-cloud-gateway",
        {"src/main/resources/application.yml": SPRING, "other/application.yml": "server: {port: 1}\n"},
    )
    assert (found.name, found.key, found.scope) == (
        "edge",
        "spring-cloud-gateway:src/main/resources/application.yml",
        "dir:",
    )
    assert links(found) == [
        "shop:8080 http route shop @ 10:7",
        "users http route users @ 16:7",
        "the uri ${LATER} is filled in later http route later @ 19:7",
    ]
    timers = ("connect.connect", "connect.response_header", "connect.idle_keep", "connect.attempts")
    assert [facts(link.facts, *timers) for link in found.links[:2]] == [
        [
            "connect.connect = 2s (httpclient.connect-timeout, written @ 5:7)",
            "connect.response_header = 30s (httpclient.response-timeout, written @ 11:18)",
            "connect.idle_keep = 15s (httpclient.pool.max-idle-time, written @ 7:14)",
            "connect.attempts = 4 (Retry.retries, default @ 2:17)",
        ],
        [
            "connect.connect = 2s (httpclient.connect-timeout, written @ 5:7)",
            "connect.response_header = 5s (httpclient.response-timeout, written @ 6:7)",
            "connect.idle_keep = 15s (httpclient.pool.max-idle-time, written @ 7:14)",
            "connect.attempts = 3 (Retry.retries, written @ 17:17)",
        ],
    ]
    assert sorted(reports) == ["src/main/resources/application.yml"]


def test_spring_cloud_gateway_properties():
    text = "spring.cloud.gateway.server.webflux.routes[0].id=a\nspring.cloud.gateway.server.webflux.routes[0].uri=https://a.example\nspring.cloud.gateway.server.webflux.httpclient.response-timeout=7s\n"
    (found,), _ = read("spring-cloud-gateway", {"application.properties": text})
    assert links(found) == ["a.example:443 http route a @ 2:1"]
    assert facts(found.links[0].facts, "connect.response_header") == [
        "connect.response_header = 7s (httpclient.response-timeout, written @ 3:1)"
    ]


@pytest.mark.parametrize(("product", "text", "timer", "value"), [
    ("envoy-gateway", GATEWAY.split("---\n")[7], "connect.idle_keep", "5s"),
    ("envoy-gateway", GATEWAY.split("---\n")[6], "accept.idle_close", "650s"),
    ("contour", CONTOUR.split("---\n")[1], "accept.idle_close", "120s"),
    ("emissary", EMISSARY.split("---\n")[2], "connect.request_total", "9s"),
])  # fmt: skip
def test_settings_without_routes_are_a_component(product, text, timer, value):
    (found,), _ = read(product, {"k8s.yaml": text})
    assert (found.name, found.links, found.facts[timer][0].value) == (product, (), value)


PRODUCTS = ["contour", "emissary", "envoy-gateway", "consul", "linkerd", "cilium"]
EVERYTHING = "---\n".join((CONTOUR, EMISSARY, GATEWAY, CONSUL, LINKERD))


@pytest.mark.parametrize("product", PRODUCTS)
@limits(max_examples=20, deadline=None)
@given(st.integers(0, len(EVERYTHING)), st.sampled_from(["", "[]", "{}", "null", ": x", "- "]))
def test_broken_objects_are_no_error(product, at, put):
    read(product, {"k8s.yaml": EVERYTHING[:at] + put + EVERYTHING[at + 3 :]})
