"""Serverless Framework files: functions and their events as the resources they deploy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tochain.formats.tree import Node
from tochain.model.span import Span
from tochain.products.cloud import Ref, Resource, Value, View
from tochain.products.cloudformation.intrinsic import Template

__all__ = ["FRAMEWORK", "is_service", "take_service"]

FRAMEWORK = "serverless"
_SELF = re.compile(r"\$\{self:([\w.-]+)(?:\s*,[^}]*)?\}")
_APIS = {
    "http": ("ApiGatewayRestApi", "aws_api_gateway_rest_api", "aws_api_gateway_integration", "rest_api_id", "uri"),
    "httpApi": ("HttpApi", "aws_apigatewayv2_api", "aws_apigatewayv2_integration", "api_id", "integration_uri"),
    "websocket": ("WebsocketsApi", "aws_apigatewayv2_api", "aws_apigatewayv2_integration", "api_id", "integration_uri"),
}


def is_service(root: Node) -> bool:
    """Whether a document is a service file."""
    functions, provider = root.get("functions"), root.get("provider")
    named = provider is not None and (provider.text == "aws" or provider.value("name") == "aws")
    return named and functions is not None and functions.kind == "mapping"


def take_service(root: Node, template: Template, found: View) -> None:
    """Adds a function for each entry of `functions`, and what its events make."""
    apis: set[str] = set()
    for name, function in root.pairs("functions"):
        if function.kind != "mapping":
            continue
        timeout = function.get("timeout") or root.get("provider", "timeout")
        entries = {"framework": Value("scalar", name.span, FRAMEWORK)}
        if timeout is not None and timeout.kind == "scalar":
            entries["timeout"] = _scalar(root, timeout)
        value = Value("mapping", function.span, entries=entries)
        found.add(Resource("aws_lambda_function", name.text, template.where, name.span, _fixed(value)))
        for at, event in enumerate(function.each("events")):
            for resource in _event(root, template, name, event, at, apis):
                found.add(resource)


def _event(root: Node, template: Template, name: Node, event: Node, at: int, apis: set[str]) -> Iterator[Resource]:
    for key, given in event.entries:
        address = f"{name.text}.events[{at}]"
        function = _mention(template.where, name.text, key.span)
        if key.text in _APIS:
            api, kind, integration, owner, target = _APIS[key.text]
            if api not in apis:
                apis.add(api)
                protocol = {
                    "protocol_type": Value("scalar", key.span, "WEBSOCKET" if key.text == "websocket" else "HTTP")
                }
                yield Resource(
                    kind, api, template.where, key.span, _fixed(Value("mapping", key.span, entries=protocol))
                )
            label = given.text or f"{given.value('method').upper()} {given.value('path')}".strip()
            entries = {owner: _mention(template.where, api, key.span), target: function}
            entries["label"] = Value("scalar", key.span, label or given.value("route"))
            if given.get("timeout") is not None:
                entries["timeout_milliseconds"] = template.value(given.get("timeout") or given)
            yield Resource(
                integration, address, template.where, key.span, _fixed(Value("mapping", key.span, entries=entries))
            )
        elif key.text == "sqs":
            arn = given.get("arn") if given.kind == "mapping" and given.get("arn") is not None else given
            entries = {"event_source_arn": template.value(arn or given), "function_name": function}
            window = given.get("maximumBatchingWindow")
            if window is not None:
                entries["maximum_batching_window_in_seconds"] = template.value(window)
            value = Value("mapping", key.span, entries=entries)
            yield Resource("aws_lambda_event_source_mapping", address, template.where, key.span, _fixed(value))
        elif key.text == "schedule" and given.value("enabled") != "false":
            rates = given.each("rate") if given.kind == "mapping" else [given]
            for rate in rates:
                entries = {"schedule_expression": _scalar(root, rate), "target": function}
                value = Value("mapping", key.span, entries=entries)
                yield Resource("aws_scheduler_schedule", address, template.where, key.span, _fixed(value))


def _scalar(root: Node, node: Node) -> Value:
    """A value, through one reference to the file itself; any other variable is unknown."""
    if "${" not in node.text:
        return Value("scalar", node.span, node.text)
    own = _SELF.fullmatch(node.text.strip())
    target = root.get(*own[1].split(".")) if own is not None else None
    if target is not None and target.kind == "scalar" and "${" not in target.text:
        return Value("scalar", target.span, target.text)
    return Value("unknown", node.span, node.text, reason=f"{node.text} is filled in when it is deployed")


def _mention(where: str, name: str, span: Span) -> Value:
    return Value("unknown", span, refs=(Ref(f"{where}|{name}"),), reason=f"{name} is known once it is deployed")


def _fixed(value: Value) -> Callable[[], Value]:
    return lambda: value
