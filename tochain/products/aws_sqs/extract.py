"""Amazon SQS queues, from Terraform, CloudFormation and SAM, with the functions that are fed from them."""

from __future__ import annotations

from tochain.model.component import Component, Link
from tochain.model.fact import Settings
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, View, address, link, made, settings, view

__all__ = ["read"]

_QUEUE = {
    "visibility_timeout_seconds": "VisibilityTimeout",
    "receive_wait_time_seconds": "WaitTimeSeconds",
    "receive_message_wait_time_seconds": "WaitTimeSeconds",
    "message_retention_seconds": "MessageRetentionPeriod",
    "message_retention_period": "MessageRetentionPeriod",
    "delay_seconds": "DelaySeconds",
}
_MAPPING = {"maximum_batching_window_in_seconds": "MaximumBatchingWindowInSeconds"}


def read(ctx: Context) -> Extract:
    """One component for each queue, a link for each event source mapping that hands its messages to a function."""
    found = view(ctx)
    return Extract([_component(found, resource) for resource in found.of("aws_sqs_queue")])


def _component(found: View, resource: Resource) -> Component:
    own = settings(resource.value, _QUEUE)
    return made(resource, "broker", own, _links(found, resource, own))


def _links(found: View, resource: Resource, own: Settings) -> list[Link]:
    links = []
    for mapping in found.pointing(resource, "aws_lambda_event_source_mapping", "event_source_arn"):
        function = mapping.value.get("function_name")
        if function is None:
            continue
        in_force = {**own, **settings(mapping.value, _MAPPING, mapping.address)}
        links.append(link(address(found, function), function, in_force, "http", f"event source {mapping.address}"))
    return links
