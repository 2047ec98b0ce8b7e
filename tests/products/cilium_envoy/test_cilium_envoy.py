"""Cilium's own Envoy: Ingresses, Gateways, and the resources of a CiliumEnvoyConfig."""

from __future__ import annotations

import pytest

from tests.products.clouds.runs import hops, run
from tests.products.texts import facts

AGENT = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: cilium-config, namespace: kube-system}
data: {proxy-idle-timeout-seconds: "45", proxy-connect-timeout: "2"}
"""
SHOP = """\
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: shop, labels: {app: shop}}
spec: {containers: [{name: shop, image: shop, command: [gunicorn, -b, ":8080", a], ports: [{containerPort: 8080}]}]}
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  ingressClassName: cilium
  rules: [{host: shop.example, http: {paths: [{path: /, backend: {service: {name: shop, port: {number: 80}}}}]}}]
"""
GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: edge}
spec: {controllerName: io.cilium/gateway-controller}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web}
spec: {gatewayClassName: edge, listeners: [{name: http, port: 8000, protocol: HTTP}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: web}]
  rules:
  - backendRefs: [{name: shop, port: 80}]
    timeouts: {request: 20s}
    retry: {attempts: 2}
"""
RESOURCES = """\
apiVersion: cilium.io/v2
kind: CiliumEnvoyConfig
metadata: {name: shop-paths, namespace: default}
spec:
  services: [{name: shop, namespace: default}]
  resources:
  - "@type": type.googleapis.com/envoy.config.listener.v3.Listener
    name: paths
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: paths
          rds: {route_config_name: paths}
  - "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
    name: paths
    virtual_hosts:
    - {name: shop, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: "default/shop:80", timeout: 7s}}]}
  - "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster
    name: default/shop:80
    type: EDS
"""
TIMERS = ("connect.connect", "connect.idle_keep", "connect.request_total", "connect.attempt_total", "connect.attempts")


def test_an_ingress() -> None:
    found = run({"a.yaml": AGENT, "shop.yaml": SHOP, "in.yaml": INGRESS})
    (proxy,) = found.of("cilium-envoy")
    assert (proxy.kind, proxy.names, [a.port for a in proxy.listens]) == ("proxy", ("shop.example",), [80, 443])
    assert hops(found) == ["cilium-envoy -> shop http (shop.default is shop in k8s default)"]
    (hop,) = found.graph.hops
    assert facts(hop.client_facts, *TIMERS) == [
        "connect.connect = 5s ((connect timeout), fixed @ 3:18)",
        "connect.idle_keep = 45s (envoy.idleTimeoutDurationSeconds, written @ 4:36)",
        "connect.request_total = unknown (timeouts.request, default @ 3:18)",
        "connect.attempt_total = unknown (timeouts.backendRequest, default @ 3:18)",
        "connect.attempts = 1 (retry.attempts, default @ 3:18)",
    ]


def test_a_gateway() -> None:
    found = run({"shop.yaml": SHOP, "gw.yaml": GATEWAY})
    assert hops(found) == ["cilium-envoy -> shop http (shop.default is shop in k8s default)"]
    (hop,) = found.graph.hops
    assert (hop.label, [a.port for a in hop.client.listens], found.of("gateway-api")) == ("HTTPRoute shop", [8000], [])
    assert facts(hop.client_facts, *TIMERS[1:]) == [
        "connect.idle_keep = 60s (envoy.idleTimeoutDurationSeconds, default @ 8:18)",
        "connect.request_total = 20s (timeouts.request, written @ 18:25)",
        "connect.attempt_total = 20s (timeouts.backendRequest, inherited @ 18:25)",
        "connect.attempts = 3 (retry.attempts, written @ 19:23)",
    ]


def test_resources_of_its_own() -> None:
    found = run({"shop.yaml": SHOP, "paths.yaml": RESOURCES})
    assert hops(found) == ["paths -> shop http (shop.default is shop in k8s default)"]
    assert facts(found.graph.hops[0].client_facts, "connect.request_total") == [
        "connect.request_total = 7s (route.timeout, written @ 19:102)"
    ]


CALLER = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: edge}
data:
  nginx.conf: |
    events {}
    http { server { listen 80; location / { proxy_pass http://HOST; } } }
---
apiVersion: v1
kind: Pod
metadata: {name: edge}
spec:
  containers: [{name: edge, image: nginx, volumeMounts: [{name: c, mountPath: /etc/nginx/nginx.conf, subPath: nginx.conf}]}]
  volumes: [{name: c, configMap: {name: edge}}]
"""


@pytest.mark.parametrize("host", ["shop", "shop.default", "shop.default.svc.cluster.local"])
@pytest.mark.parametrize(
    ("services", "taken"),
    [
        ("services: [{name: shop, namespace: default}]", True),
        ("services: [{name: shop, namespace: default, listener: paths}]", True),
        ("services: [{name: shop, namespace: default, listener: other}]", False),
        ("services: [{name: shop, namespace: other}]", False),
        ("backendServices: [{name: shop, namespace: default}]", False),
    ],
)
def test_what_calls_a_service_comes_to_the_listener_that_takes_it_over(services: str, taken: bool, host: str) -> None:
    config = RESOURCES.replace("services: [{name: shop, namespace: default}]", services)
    found = run({"shop.yaml": SHOP, "paths.yaml": config, "edge.yaml": CALLER.replace("HOST", host)})
    (first,) = (hop for hop in found.graph.hops if hop.client.product == "nginx")
    assert first.server.name == ("paths" if taken else "shop")


def test_a_gateway_knows_the_pods_and_goes_past() -> None:
    found = run({"shop.yaml": SHOP, "paths.yaml": RESOURCES, "gw.yaml": GATEWAY})
    assert "cilium-envoy -> shop http (shop.default is shop in k8s default)" in hops(found)
