"""Google Cloud Run services, from Terraform."""

from __future__ import annotations

from tochain.model.component import Component
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, made, number, settings, view

__all__ = ["read"]

_SERVICE = {
    "template.timeout": "timeoutSeconds",
    "template.spec.timeout_seconds": "timeoutSeconds",
    "template.containers.liveness_probe.timeout_seconds": "probe timeout_seconds",
    "template.containers.liveness_probe.period_seconds": "probe period_seconds",
    "template.containers.liveness_probe.failure_threshold": "probe failure_threshold",
}


def read(ctx: Context) -> Extract:
    """One component for each service."""
    found = view(ctx)
    return Extract(
        [_component(resource) for resource in found.of("google_cloud_run_v2_service", "google_cloud_run_service")]
    )


def _component(resource: Resource) -> Component:
    containers = resource.value.get("template", "containers") or resource.value.get("template", "spec", "containers")
    port = number(containers.get("ports", "container_port")) if containers is not None else None
    return made(resource, "server", settings(resource.value, _SERVICE), listens=[443, port or 8080], protocol="http")
