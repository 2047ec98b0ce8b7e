"""SAM: what a function's events and the Globals section add to a template."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tochain.formats.tree import Node
from tochain.model.span import Span
from tochain.products.cloud import Ref, Resource, Value
from tochain.products.cloudformation.intrinsic import Template
from tochain.products.cloudformation.names import snake

__all__ = ["further", "with_globals"]

_SECTIONS = {
    "AWS::Serverless::Function": "Function",
    "AWS::Serverless::Api": "Api",
    "AWS::Serverless::HttpApi": "HttpApi",
}
_IMPLIED = {
    "Api": ("ServerlessRestApi", "aws_api_gateway_rest_api"),
    "HttpApi": ("ServerlessHttpApi", "aws_apigatewayv2_api"),
}

_SCHEDULES = {"Schedule": "schedule", "ScheduleV2": "schedule_expression"}
"""Events by the clock, and where their expression stands."""


def with_globals(template: Template, kind: str, value: Value, root: Node) -> Value:
    """The properties of a serverless resource over those of the Globals section."""
    section = root.get("Globals", _SECTIONS.get(kind, ""))
    if section is None:
        return value
    return replace(value, entries={**template.value(section).entries, **value.entries})


def further(template: Template, name: Node, kind: str, properties: Node, where: str) -> Iterator[Resource]:
    """The APIs, integrations and event source mappings a function's events make."""
    if kind != "AWS::Serverless::Function":
        return
    for event, node in properties.pairs("Events"):
        what = node.value("Type")
        given = node.get("Properties") or Node("mapping", node.span)
        address = f"{name.text}{event.text}"
        if what in _IMPLIED:
            yield from _api(template, name, event, node)
        elif what == "SQS":
            queue = given.get("Queue")
            value = Value("mapping", event.span, entries={
                "event_source_arn": template.value(queue) if queue is not None else Value("null", event.span),
                "function_name": _mention(where, name.text, event.span),
                **{snake(key.text): template.value(inner) for key, inner in given.entries if key.text != "Queue"},
            })  # fmt: skip
            yield Resource("aws_lambda_event_source_mapping", address, where, event.span, _fixed(value))
        elif what == "SNS" and given.get("SqsSubscription") is not None:
            yield from _subscription(template, name, event, given.get("SqsSubscription") or given)
        elif what in _SCHEDULES:
            value = Value("mapping", event.span, entries={
                "target": _mention(where, name.text, event.span),
                **{snake(key.text): template.value(inner) for key, inner in given.entries},
            })  # fmt: skip
            if (expression := value.get(_SCHEDULES[what])) is not None:
                value.entries["schedule_expression"] = expression
            if value.known("enabled") != "false":
                yield Resource("aws_scheduler_schedule", address, where, event.span, _fixed(value))


def _subscription(template: Template, name: Node, event: Node, given: Node) -> Iterator[Resource]:
    """The queue SAM puts between a topic and the function, or the one that is given, and the mapping to the function."""
    where, address = template.where, f"{name.text}{event.text}"
    queue = given.get("QueueArn")
    if queue is None and given.text.lower() != "true":
        return
    if queue is None:
        yield Resource("aws_sqs_queue", f"{address}Queue", where, given.span, _fixed(Value("mapping", given.span)))
    value = Value("mapping", event.span, entries={
        "event_source_arn": template.value(queue) if queue is not None else _mention(where, f"{address}Queue", given.span),
        "function_name": _mention(where, name.text, event.span),
    })  # fmt: skip
    yield Resource("aws_lambda_event_source_mapping", f"{address}EventSourceMapping", where, event.span, _fixed(value))


def _api(template: Template, name: Node, event: Node, node: Node) -> Iterator[Resource]:
    what, where = node.value("Type"), template.where
    given = node.get("Properties") or Node("mapping", node.span)
    implied, kind = _IMPLIED[what]
    own = given.get("RestApiId" if what == "Api" else "ApiId")
    if own is None and implied not in template.resources:
        template.resources.add(implied)
        yield Resource(kind, implied, where, event.span, _fixed(Value("mapping", event.span)))
    api = template.value(own) if own is not None else _mention(where, implied, event.span)
    timeout = given.get("TimeoutInMillis")
    entries = {
        "rest_api_id" if what == "Api" else "api_id": api,
        "uri" if what == "Api" else "integration_uri": _mention(where, name.text, event.span),
        "label": Value("scalar", event.span, f"{given.value('Method').upper()} {given.value('Path')}".strip()),
    }
    if timeout is not None:
        entries["timeout_milliseconds"] = template.value(timeout)
    kind = "aws_api_gateway_integration" if what == "Api" else "aws_apigatewayv2_integration"
    yield Resource(
        kind, f"{name.text}{event.text}", where, event.span, _fixed(Value("mapping", event.span, entries=entries))
    )


def _mention(where: str, name: str, span: Span) -> Value:
    return Value("unknown", span, refs=(Ref(f"{where}|{name}", "Arn"),), reason=f"{name} is known once it is deployed")


def _fixed(value: Value) -> Callable[[], Value]:
    return lambda: value
