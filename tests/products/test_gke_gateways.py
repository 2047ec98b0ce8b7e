"""Gateways of GKE: which of Google's balancers they are, and what policies of a Service say of its backend."""

from __future__ import annotations

import pytest

from tests.products.texts import facts, links, read, settings

GATEWAY = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: edge, namespace: shop}
spec: {gatewayClassName: CLASS, listeners: [{name: a, port: 443}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{name: edge}]
  hostnames: [shop.example]
  rules: [{backendRefs: [{name: web, port: 8080}, {name: other, port: 80}]}]
---
apiVersion: networking.gke.io/v1
kind: GCPBackendPolicy
metadata: {name: slow, namespace: shop}
spec:
  targetRef: {group: "", kind: Service, name: web}
  default: {timeoutSec: 90, connectionDraining: {drainingTimeoutSec: 20}}
---
apiVersion: networking.gke.io/v1
kind: HealthCheckPolicy
metadata: {name: probe, namespace: shop}
spec: {targetRef: {kind: Service, name: web}, default: {checkIntervalSec: 15, timeoutSec: 5}}
"""


@pytest.mark.parametrize(
    ("named", "variant", "close"),
    [
        ("gke-l7-global-external-managed", None, "610s"),
        ("gke-l7-global-external-managed-mc", None, "610s"),
        ("gke-l7-gxlb", "classic", "610s"),
        ("gke-l7-rilb", "regional", "600s"),
        ("gke-l7-regional-external-managed", "regional", "600s"),
    ],
)
def test_classes(named: str, variant: str | None, close: str) -> None:
    """Each class is one of Google's balancers, called by its product."""
    (found,), _ = read("gcp-lb", {"k8s.yaml": GATEWAY.replace("CLASS", named)})
    assert (found.name, found.kind, found.variant, found.names) == ("gcp-lb", "lb", variant, ("shop.example",))
    assert facts(found.facts, "accept.idle_close")[0].startswith(f"accept.idle_close = {close}")
    assert links(found) == ["web.shop:8080 http HTTPRoute web @ 12:33", "other.shop:80 http HTTPRoute web @ 12:58"]


def test_policies_of_a_service() -> None:
    """They count for that Service's backend alone."""
    (found,), _ = read("gcp-lb", {"k8s.yaml": GATEWAY.replace("CLASS", "gke-l7-rilb")})
    web, other = found.links
    assert settings(web.settings) == [
        "timeoutSec = 90 @ 19:25-27",
        "connectionDraining.drainingTimeoutSec = 20 @ 19:70-72",
        "checkIntervalSec = 15 @ 24:75-77",
        "healthCheck.timeoutSec = 5 @ 24:91-92",
    ]
    assert settings(other.settings) == []


def test_a_gateway_of_another_house_is_not_googles() -> None:
    assert read("gcp-lb", {"k8s.yaml": GATEWAY.replace("CLASS", "nginx")})[0] == []
    assert read("gateway-api", {"k8s.yaml": GATEWAY.replace("CLASS", "gke-l7-rilb")})[0] == []
