"""AWS Lambda functions, from Terraform, CloudFormation and SAM."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.component import Component
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, View, made, settings, view

__all__ = ["read"]

_RETRIES = {
    "maximum_event_age_in_seconds": "EventInvokeConfig.MaximumEventAgeInSeconds",
    "maximum_retry_attempts": "EventInvokeConfig.MaximumRetryAttempts",
}


def read(ctx: Context) -> Extract:
    """One component for each function."""
    found = view(ctx)
    return Extract([_component(found, resource) for resource in found.of("aws_lambda_function")])


def _component(found: View, resource: Resource) -> Component:
    own = settings(resource.value, {"timeout": "Timeout"})
    for config in found.pointing(resource, "aws_lambda_function_event_invoke_config", "function_name"):
        own |= settings(config.value, _RETRIES)
    component = made(resource, "server", own, protocol="http")
    framework = resource.value.known("framework")
    return replace(component, traits=component.traits | {framework}) if framework else component
