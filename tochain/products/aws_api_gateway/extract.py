"""Amazon API Gateway, from Terraform, CloudFormation and SAM: each integration is a link with its own limit."""

from __future__ import annotations

from tochain.model.component import Address, Component, Link
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, Value, View, address, link, made, settings, view

__all__ = ["read"]


def read(ctx: Context) -> Extract:
    """One component for each API: REST, HTTP or WebSocket."""
    found = view(ctx)
    return Extract([_component(found, r) for r in found.of("aws_api_gateway_rest_api", "aws_apigatewayv2_api")])


def _component(found: View, resource: Resource) -> Component:
    rest = resource.kind == "aws_api_gateway_rest_api"
    name = "Integration.timeoutInMillis" if rest else "Integration.TimeoutInMillis"
    kind, attribute = (
        ("aws_api_gateway_integration", "rest_api_id") if rest else ("aws_apigatewayv2_integration", "api_id")
    )
    links: dict[tuple[object, ...], Link] = {}
    for integration in found.pointing(resource, kind, attribute):
        made_link = _link(found, integration, name)
        if made_link is not None:
            # Every method of an API usually leads to the same function: one link stands for those that are alike.
            alike = (
                made_link.target,
                made_link.unknown,
                *(s.text for group in made_link.settings.values() for s in group),
            )
            links.setdefault(alike, made_link)
    variant = None if rest else "websocket" if resource.value.known("protocol_type") == "WEBSOCKET" else "http"
    return made(resource, "proxy", {}, links.values(), listens=(443,), protocol="http", variant=variant)


def _link(found: View, integration: Resource, name: str) -> Link | None:
    value = integration.value
    if value.known("type").upper() == "MOCK":
        return None
    own = settings(value, {"timeout_milliseconds": name}, integration.address)
    label = value.known("label") or f"integration {integration.address}"
    uri = value.get("uri") or value.get("integration_uri")
    through = found.mentioned(value.get("connection_id"), "aws_api_gateway_vpc_link")
    for gate in through:
        target = gate.value.get("target_arns")
        if target is not None:
            return link(address(found, target), target, own, "http", label)
    if uri is None:
        return None
    return link(_target(found, uri), uri, own, "http", label)


def _target(found: View, uri: Value) -> Address | None:
    """What an integration leads to: a function, the balancer of a listener, or a URL."""
    known = address(found, uri)
    if known is not None:
        return known if known.ref or not known.host.startswith("arn:") else None
    for listener in found.mentioned(uri, "aws_lb_listener"):
        return address(found, listener.value.get("load_balancer_arn"))
    return None
