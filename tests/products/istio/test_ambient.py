"""Ambient mode and routes with a Service above them: who carries them, with whose settings."""

from __future__ import annotations

import pytest

from tests.products.clouds.runs import run
from tests.products.texts import facts
from tochain.check import sample

APP = """\
apiVersion: v1
kind: Service
metadata: {name: NAME, namespace: books}
spec: {selector: {app: NAME}, ports: [{port: 9080}]}
---
apiVersion: v1
kind: Pod
metadata: {name: NAME, namespace: books, labels: {app: NAME}}
spec: {containers: [{name: NAME, image: "node:20", command: [node, a.js], ports: [{containerPort: 9080}]}]}
"""
CALLER = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: books}
spec: {containers: [{name: web, image: web, env: [{name: DATABASE_URL, value: "postgresql://ratings:9080/x"}]}]}
"""
ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: reviews, namespace: books}
spec:
  parentRefs: [{group: "", kind: Service, name: reviews, port: 9080}]
  rules:
  - backendRefs: [{name: reviews, port: 9080}]
    timeouts: {request: 10s}
"""
WAYPOINT = """\
apiVersion: v1
kind: Namespace
metadata: {name: books, labels: {istio.io/dataplane-mode: ambient, istio.io/use-waypoint: way}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: way, namespace: books}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ratings, namespace: books}
spec: {host: ratings, trafficPolicy: {connectionPool: {http: {idleTimeout: 40s}}}}
"""
PODS = "---\n".join(APP.replace("NAME", name) for name in ("reviews", "ratings"))


def test_a_waypoint_stands_before_what_it_serves() -> None:
    found = sample({"app.yaml": PODS, "route.yaml": ROUTE, "mesh.yaml": WAYPOINT, "web.yaml": CALLER}).graph.hops
    assert [(hop.client.name, hop.server.name, hop.protocol, hop.why) for hop in found] == [
        ("istio", "reviews", "http", "referred to directly"),
        ("istio", "ratings", "http", "referred to directly"),
        ("web", "istio", "postgresql", "ratings is ratings in k8s books"),
    ]
    reviews, ratings, _ = found
    assert facts(reviews.client_facts, "connect.request_total") == [
        "connect.request_total = 10s (http.timeout, written @ 8:25)"
    ]
    assert facts(ratings.client_facts, "connect.idle_keep", "connect.attempts") == [
        "connect.idle_keep = 40s (connectionPool.http.idleTimeout, written @ 13:76)",
        "connect.attempts = 3 (http.retries.attempts, default @ 7:18)",
    ]


@pytest.mark.parametrize(
    ("label", "product", "timer"),
    [
        ("istio-injection: enabled", "istio", "connect.request_total = 10s (http.timeout, written @ 8:25)"),
        ("team: books", "gateway-api", "connect.request_total = 10s (timeouts.request, written @ 8:25)"),
    ],
)
def test_whose_routes_they_are(label: str, product: str, timer: str) -> None:
    space = f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {{{label}}}}}\n"
    found = run({"app.yaml": PODS, "route.yaml": ROUTE, "space.yaml": space})
    (hop,) = found.graph.hops
    assert (hop.client.product, hop.server.name, facts(hop.client_facts, "connect.request_total")) == (
        product, "reviews", [timer],
    )  # fmt: skip


def test_a_service_may_leave_the_waypoint() -> None:
    out = PODS.replace(
        "{name: ratings, namespace: books}", '{name: ratings, namespace: books, labels: {istio.io/use-waypoint: ""}}'
    )
    found = sample({"app.yaml": out, "mesh.yaml": WAYPOINT, "web.yaml": CALLER}).graph.hops
    assert [hop.server.name for hop in found if hop.client.name == "web"] == ["ratings"]


def test_what_comes_in_at_the_edge_goes_past_the_waypoint() -> None:
    edge = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: books, namespace: books}
spec:
  ingressClassName: nginx
  defaultBackend: {service: {name: reviews, port: {number: 9080}}}
"""
    found = run({"app.yaml": PODS, "mesh.yaml": WAYPOINT, "edge.yaml": edge})
    assert [hop.server.name for hop in found.graph.hops if hop.client.product == "ingress-nginx"] == ["reviews"]
