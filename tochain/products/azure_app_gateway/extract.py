"""Azure Application Gateway, from Terraform: joined inside one resource by names."""

from __future__ import annotations

from tochain.model.component import Component, Link
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, Value, host_address, link, made, merged, number, settings, view

__all__ = ["read"]

_HTTP = {
    "request_timeout": "requestTimeout",
    "connection_draining.drain_timeout_sec": "connectionDraining.drainTimeoutInSec",
}
_PROBE = {"interval": "probe.interval", "timeout": "probe.timeout", "unhealthy_threshold": "probe.unhealthy_threshold"}


def read(ctx: Context) -> Extract:
    """One component for each gateway, a link for each backend of a routing rule."""
    return Extract([_component(resource) for resource in view(ctx).of("azurerm_application_gateway")])


def _component(resource: Resource) -> Component:
    value = resource.value
    links = [made_link for rule in value.each("request_routing_rule") for made_link in _links(value, rule)]
    for path_map in value.each("url_path_map"):
        for rule in path_map.each("path_rule"):
            links += _links(value, rule)
    ports = [port for block in value.each("frontend_port") if (port := number(block.get("port"))) is not None]
    # Without a rule that says which of them counts where, all of them may.
    own = {} if links else merged(settings(b, _HTTP, b.known("name")) for b in value.each("backend_http_settings"))
    variant = "v1" if value.known("sku", "tier") in ("Standard", "WAF") else None
    return made(resource, "lb", own, links, listens=ports, protocol="http", variant=variant)


def _links(value: Value, rule: Value) -> list[Link]:
    pool = _named(value, "backend_address_pool", rule.get("backend_address_pool_name"))
    http = _named(value, "backend_http_settings", rule.get("backend_http_settings_name"))
    if http is None:
        return []
    own = settings(http, _HTTP, http.known("name"))
    probe = _named(value, "probe", http.get("probe_name"))
    own |= settings(probe, _PROBE, probe.known("name")) if probe is not None else {}
    label = f"rule {rule.known('name')}".strip()
    targets = [*pool.each("fqdns"), *pool.each("ip_addresses")] if pool is not None else []
    known = [
        link(host_address(t.text, number(http.get("port"))), t, own, "http", label)
        for t in targets
        if t.kind == "scalar"
    ]
    place = rule.get("backend_address_pool_name") or rule
    return known or [link(None, place, own, "http", label)]


def _named(value: Value, kind: str, name: Value | None) -> Value | None:
    """The block of a kind that has a name; the only one where the name itself is not known."""
    blocks = value.each(kind)
    if name is None:
        return None
    return next(
        (b for b in blocks if (g := b.get("name")) is not None and g.text == name.text),
        blocks[0] if len(blocks) == 1 else None,
    )
