"""Fastly services, from Terraform: each backend is a link with its own limits."""

from __future__ import annotations

from tochain.model.component import Component, Link
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, Value, View, address, link, made, number, settings, view

__all__ = ["read"]

_NAMES = (
    "connect_timeout",
    "first_byte_timeout",
    "between_bytes_timeout",
    "keepalive_time",
    "max_lifetime",
    "max_use",
    "max_conn",
    "ssl_sni_hostname",
)
_BACKEND = {name: name for name in _NAMES}
_CHECK = {
    "check_interval": "healthcheck.check_interval",
    "timeout": "healthcheck.timeout",
    "threshold": "healthcheck.threshold",
}


def read(ctx: Context) -> Extract:
    """One component for each service."""
    found = view(ctx)
    return Extract(
        [_component(found, r) for r in found.of("fastly_service_vcl", "fastly_service_compute", "fastly_service_v1")]
    )


def _component(found: View, resource: Resource) -> Component:
    checks = {check.known("name"): check for check in resource.value.each("healthcheck")}
    links = [one for backend in resource.value.each("backend") if (one := _link(found, backend, checks)) is not None]
    names = tuple(name for domain in resource.value.each("domain") if (name := domain.known("name")))
    return made(resource, "proxy", {}, links, protocol="http", names=names)


def _link(found: View, backend: Value, checks: dict[str, Value]) -> Link | None:
    host = backend.get("address")
    if host is None:
        return None
    label = f"backend {backend.known('name')}".strip()
    own = settings(backend, _BACKEND, label)
    check = checks.get(backend.known("healthcheck"))
    own |= settings(check, _CHECK, label) if check is not None else {}
    return link(address(found, host, number(backend.get("port")) or 80), host, own, "http", label)
