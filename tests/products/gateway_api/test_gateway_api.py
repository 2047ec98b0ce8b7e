"""Gateways of implementations nobody knows: what the routes say, and nothing else."""

from __future__ import annotations

import pytest

from tests.products.texts import facts, links, read, settings

GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: {name: house}
spec: {controllerName: CONTROLLER}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: infra}
spec: {gatewayClassName: house, listeners: [{name: a, port: 80}, {name: b, port: 443}, {name: c, port: x}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop, namespace: shop}
spec:
  parentRefs: [{name: edge, namespace: infra}]
  hostnames: [shop.example, "*.shop.example"]
  rules:
  - timeouts: {request: 10s, backendRequest: 4s}
    retry: {attempts: 2, backoff: 100ms}
    backendRefs: [{name: web, port: 8080}, {name: bucket, kind: Bucket}, {name: far, namespace: other, port: 80}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: TCPRoute
metadata: {name: db, namespace: infra}
spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: db, port: 5432}]}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: lost, namespace: shop}
spec: {parentRefs: [{name: edge}], rules: [{backendRefs: [{name: web, port: 1}]}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: {name: tls, namespace: shop}
spec: {targetRefs: [{kind: Service, name: web}], validation: {hostname: web.internal}}
"""


def test_routes_of_a_gateway():
    (found,), _ = read("gateway-api", {"k8s.yaml": GATEWAY})
    assert (found.key, found.name, found.kind, found.scope, str(found.span), found.names) == (
        "gateway-api:k8s.yaml#Gateway/infra/edge", "gateway-api", "proxy", "k8s:infra", "k8s.yaml:8:18", ("shop.example",),
    )  # fmt: skip
    assert [str(address) for address in found.listens] == ["*:80", "*:443"]
    assert links(found) == [
        "web.shop:8080 http HTTPRoute shop @ 20:26",
        "far.other:80 http HTTPRoute shop @ 20:81",
        "db.infra:5432 tcp TCPRoute db @ 25:66",
    ]
    web, far, db = found.links
    assert settings(web.settings) == [
        "timeouts.request = 10s @ 18:25-28",
        "timeouts.backendRequest = 4s @ 18:46-48",
        "retry.attempts = 2 @ 19:23-24",
        "retry.backoff = 100ms @ 19:35-40",
        "validation.hostname = on @ 35:73-85",
    ]
    assert facts(far.facts) == [
        "connect.request_total = 10s (timeouts.request, written @ 18:25)",
        "connect.attempt_total = 4s (timeouts.backendRequest, written @ 18:46)",
        "connect.attempts = 3 (retry.attempts, written @ 19:23)",
        "connect.retry_backoff = 100ms (retry.backoff, written @ 19:35)",
        "connect.sni = off (validation.hostname, default @ 8:18)",
    ]
    assert facts(db.facts) == []


@pytest.mark.parametrize(
    ("controller", "product"),
    [
        ("istio.io/gateway-controller", "istio"),
        ("gateway.envoyproxy.io/gatewayclass-controller", "envoy-gateway"),
        ("gateway.nginx.org/nginx-gateway-controller", "gateway-api"),
    ],
)
def test_one_reader_takes_a_gateway(controller, product):
    text = {"k8s.yaml": GATEWAY.replace("CONTROLLER", controller)}
    taken = [name for name in ("istio", "envoy-gateway", "gateway-api") if read(name, text)[0]]
    assert taken == [product]
