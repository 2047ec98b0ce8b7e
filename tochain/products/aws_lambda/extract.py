"""AWS Lambda functions, from Terraform, CloudFormation and SAM."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tochain.model.component import Component
from tochain.model.fact import Setting, Settings
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, Value, View, made, merged, setting, settings, view
from tochain.products.cron import aws_period

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
    own |= _schedules(found, resource)
    for config in found.pointing(resource, "aws_lambda_function_event_invoke_config", "function_name"):
        own |= settings(config.value, _RETRIES)
    component = made(resource, "server", own, protocol="http")
    framework = resource.value.known("framework")
    return replace(component, traits=component.traits | {framework}) if framework else component


def _schedules(found: View, function: Resource) -> Settings:
    """What starts the function by the clock, each schedule with its period."""
    return merged(
        {"ScheduleExpression": (_period(value, address),)} for value, address in _expressions(found, function)
    )


def _period(value: Value, address: str) -> Setting:
    own = setting("ScheduleExpression", value, address)
    return own if own.limit is not None else replace(own, limit=aws_period(value.text))


def _expressions(found: View, function: Resource) -> Iterator[tuple[Value, str]]:
    rules = [
        rule
        for target in found.pointing(function, "aws_cloudwatch_event_target", "arn")
        for rule in found.mentioned(target.value.get("rule"), "aws_cloudwatch_event_rule")
    ]
    rules += found.pointing(function, "aws_cloudwatch_event_rule", "targets")
    for schedule in (*rules, *found.pointing(function, "aws_scheduler_schedule", "target")):
        value = schedule.value.get("schedule_expression")
        off = schedule.value.known("state") == "DISABLED" or schedule.value.known("is_enabled") == "false"
        if value is not None and not off:
            yield value, schedule.address
