"""Google Cloud Run services, from Terraform: each stands in front of its container with the limit of a request."""

from __future__ import annotations

from tochain.model.component import Address, Component, Link
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, made, settings, view
from tochain.products.cloudrun import SERVICES, behind

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
    return Extract([_component(resource) for resource in found.of(*SERVICES)])


def _component(resource: Resource) -> Component:
    own = settings(resource.value, _SERVICE)
    inside = behind(resource)
    links = [Link(Address(ref=inside[0], port=inside[1]), inside[2].span, own, "http")] if inside is not None else []
    return made(
        resource, "server", own, links, listens=[443, inside[1] if inside is not None else 8080], protocol="http"
    )
