"""Amazon CloudFront, from Terraform and CloudFormation: each origin is a link with its own limits."""

from __future__ import annotations

from tochain.model.component import Component, Link
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, Value, View, address, link, made, number, settings, view

__all__ = ["read"]

_ORIGIN = {
    "connection_timeout": "ConnectionTimeout",
    "connection_attempts": "ConnectionAttempts",
    "response_completion_timeout": "ResponseCompletionTimeout",
    "custom_origin_config.origin_read_timeout": "OriginReadTimeout",
    "vpc_origin_config.origin_read_timeout": "OriginReadTimeout",
    "custom_origin_config.origin_keepalive_timeout": "OriginKeepaliveTimeout",
    "vpc_origin_config.origin_keepalive_timeout": "OriginKeepaliveTimeout",
}


def read(ctx: Context) -> Extract:
    """One component for each distribution."""
    found = view(ctx)
    return Extract([_component(found, resource) for resource in found.of("aws_cloudfront_distribution")])


def _component(found: View, resource: Resource) -> Component:
    origins = resource.value.each("origin")
    links = [made_link for origin in origins if (made_link := _link(found, origin)) is not None]
    aliases = tuple(value.text for value in resource.value.each("aliases") if value.kind == "scalar")
    return made(resource, "proxy", {}, links, listens=(80, 443), protocol="http", names=aliases)


def _link(found: View, origin: Value) -> Link | None:
    """The link to an origin; none to a bucket, which has no timers."""
    domain = origin.get("domain_name")
    if domain is None or _is_bucket(found, origin, domain):
        return None
    config = origin.get("custom_origin_config") or origin
    plain = config.known("origin_protocol_policy") == "http-only"
    port = number(
        config.get("http_port" if plain else "https_port") or config.get("httpport" if plain else "httpsport")
    )
    label = f"origin {origin.known('origin_id') or origin.known('id')}".strip()
    return link(
        address(found, domain, port or (80 if plain else 443)), domain, settings(origin, _ORIGIN, label), "http", label
    )


def _is_bucket(found: View, origin: Value, domain: Value) -> bool:
    buckets = [r for r in found.mentioned(domain) if r.kind.startswith("aws_s3") or r.kind.startswith("AWS::S3")]
    return origin.get("s3_origin_config") is not None or bool(buckets) or ".s3" in domain.text
