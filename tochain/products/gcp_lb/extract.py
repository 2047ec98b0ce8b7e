"""Google Cloud load balancers: backend services of Terraform, and what Ingresses and Gateways of GKE make."""

from __future__ import annotations

from collections.abc import Iterator

from tochain.model.component import Address, Component, Kind, Link
from tochain.model.fact import Setting, Settings
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, Value, View, address, link, made, number, settings, view
from tochain.products.kubecloud_others import gce_ingresses, gke_gateways
from tochain.products.targetgroups import machine

__all__ = ["read"]

_BACKEND = {
    "timeout_sec": "timeoutSec",
    "connection_draining_timeout_sec": "connectionDraining.drainingTimeoutSec",
    "circuit_breakers.connect_timeout.seconds": "circuitBreakers.connectTimeout",
    "circuit_breakers.max_requests_per_connection": "circuitBreakers.maxRequestsPerConnection",
    "connection_tracking_policy.idle_timeout_sec": "connectionTrackingPolicy.idleTimeoutSec",
}
_CHECK = {
    "check_interval_sec": "checkIntervalSec",
    "timeout_sec": "healthCheck.timeoutSec",
    "healthy_threshold": "healthyThreshold",
    "unhealthy_threshold": "unhealthyThreshold",
}
_HTTP = ("HTTP", "HTTPS", "HTTP2", "H2C", "GRPC")


def read(ctx: Context) -> Extract:
    """One component for each backend service, each Ingress and each Gateway."""
    found = view(ctx)
    services = found.of("google_compute_backend_service", "google_compute_region_backend_service")
    made = [_component(found, resource) for resource in services]
    return Extract([*made, *gce_ingresses(ctx), *gke_gateways(ctx)])


def _component(found: View, resource: Resource) -> Component:
    value = resource.value
    own = settings(value, _BACKEND)
    for check in found.mentioned(value.get("health_checks")):
        own |= settings(check.value, _CHECK, check.address)
    for proxy in _proxies(found, resource):
        own |= settings(proxy.value, {"http_keep_alive_timeout_sec": "httpKeepAliveTimeoutSec"}, proxy.address)
    variant = _variant(value, regional=resource.kind.startswith("google_compute_region"))
    protocol = "tcp" if variant in ("passthrough", "external-passthrough", "proxy-network") else "http"
    kind: Kind = "box" if variant in ("passthrough", "external-passthrough") else "lb"
    return made(resource, kind, own, _links(found, value, own, protocol), protocol=protocol, variant=variant)


def _variant(value: Value, *, regional: bool) -> str | None:
    """Which of Google's balancers a backend service belongs to, by its scheme and protocol."""
    scheme = value.known("load_balancing_scheme") or ("INTERNAL" if regional else "EXTERNAL")
    http = (value.known("protocol") or ("TCP" if regional and scheme in ("INTERNAL", "EXTERNAL") else "HTTP")) in _HTTP
    if not http:
        passing = {("INTERNAL", True): "passthrough", ("EXTERNAL", True): "external-passthrough"}
        return passing.get((scheme, regional), "proxy-network")
    if scheme == "EXTERNAL":
        return "classic"
    return "regional" if regional or scheme.startswith("INTERNAL") else None


def _proxies(found: View, backend: Resource) -> Iterator[Resource]:
    """The target proxies whose URL map leads to a backend service."""
    for proxy in found.of(*(f"google_compute_{r}target_{s}_proxy" for r in ("", "region_") for s in ("http", "https"))):
        for url_map in found.mentioned(proxy.value.get("url_map")):
            if backend in found.mentioned(url_map.value, backend.kind):
                yield proxy


def _links(found: View, value: Value, own: Settings, protocol: str) -> list[Link]:
    links = []
    for block in value.each("backend"):
        group = block.get("group")
        if group is None:
            continue
        in_force = _serverless(found, group, own)
        targets = _targets(found, group) or [None]
        links += [link(target, group, in_force, protocol) for target in targets]
    return links


def _serverless(found: View, group: Value, own: Settings) -> Settings:
    """The settings towards a backend: in front of a serverless one the timeout is 60 minutes whatever is written."""
    if not any(r.kind == "google_compute_region_network_endpoint_group" for r in found.mentioned(group)):
        return own
    return {**own, "timeoutSec": (Setting("timeoutSec", "3600", group.span, origin="fixed"),)}


def _targets(found: View, group: Value) -> list[Address | None]:
    targets: list[Address | None] = []
    for resource in found.mentioned(group):
        serverless = resource.value.get("cloud_run", "service")
        known = address(found, serverless, 443) if serverless is not None else None
        if known is not None:
            targets.append(known)
        else:
            port = number(resource.value.get("named_port", "port") or resource.value.get("default_port"))
            targets.append(machine(resource.address, port))
    return targets
