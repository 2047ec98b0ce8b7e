"""Google Pub/Sub subscriptions that push, from Terraform: a message not acknowledged in time comes again."""

from __future__ import annotations

from tochain.model.component import Component
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, Value, View, address, link, made, settings, view

__all__ = ["read"]

_SUBSCRIPTION = {"ack_deadline_seconds": "ack_deadline_seconds"}


def read(ctx: Context) -> Extract:
    """One component for each subscription that pushes to an endpoint."""
    found = view(ctx)
    return Extract(
        [
            _component(found, resource, endpoint)
            for resource in found.of("google_pubsub_subscription")
            if (endpoint := resource.value.get("push_config", "push_endpoint")) is not None
        ]
    )


def _component(found: View, resource: Resource, endpoint: Value) -> Component:
    own = settings(resource.value, _SUBSCRIPTION)
    return made(resource, "broker", own, [link(address(found, endpoint), endpoint, own, "http", "push")])
