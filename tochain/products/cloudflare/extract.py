"""Cloudflare, from Terraform: every proxied name leads to its origin."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.component import Component, Link
from tochain.model.fact import Settings
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, View, address, link, made, setting, view

__all__ = ["read"]


def read(ctx: Context) -> Extract:
    """One component for each proxied record and each load balancer."""
    found = view(ctx)
    own = _settings(found)
    records = [r for r in found.of("cloudflare_record", "cloudflare_dns_record") if r.value.known("proxied") == "true"]
    return Extract([
        *(_component(found, record, own) for record in records),
        *(_component(found, balancer, own) for balancer in found.of("cloudflare_load_balancer")),
    ])  # fmt: skip


def _settings(found: View) -> Settings:
    """The read timeout of the zone, in the form of either major version of the provider."""
    for resource in found.of("cloudflare_zone_settings_override"):
        value = resource.value.get("settings", "proxy_read_timeout")
        if value is not None:
            return {"proxy_read_timeout": (setting("proxy_read_timeout", value),)}
    for resource in found.of("cloudflare_zone_setting"):
        value = resource.value.get("value")
        if resource.value.known("setting_id") == "proxy_read_timeout" and value is not None:
            return {"proxy_read_timeout": (setting("proxy_read_timeout", value),)}
    return {}


def _component(found: View, resource: Resource, own: Settings) -> Component:
    name = resource.value.known("hostname") or resource.value.known("name")
    names = (name,) if "." in name else ()
    return made(resource, "proxy", own, _links(found, resource, own), protocol="http", names=names)


def _links(found: View, resource: Resource, own: Settings) -> list[Link]:
    if resource.kind == "cloudflare_load_balancer":
        pools = found.mentioned(resource.value, "cloudflare_load_balancer_pool")
        values = [
            v for pool in pools for origin in pool.value.each("origins") if (v := origin.get("address")) is not None
        ]
    else:
        values = [v for name in ("content", "value") if (v := resource.value.get(name)) is not None][:1]
    name = resource.value.known("hostname") or resource.value.known("name")
    return [replace(link(address(found, value, 443), value, own, "http"), asks=name) for value in values]
