"""Azure Front Door, from Terraform."""

from __future__ import annotations

from tochain.model.component import Component
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, View, address, link, made, settings, view

__all__ = ["read"]

_PROFILE = {"response_timeout_seconds": "originResponseTimeoutSeconds"}
_CLASSIC = {
    "backend_pool_settings.backend_pools_send_receive_timeout_seconds": "backendPoolsSettings.sendRecvTimeoutSeconds",
    "backend_pools_send_receive_timeout_seconds": "backendPoolsSettings.sendRecvTimeoutSeconds",
}


def read(ctx: Context) -> Extract:
    """One component for each profile, a link for each origin."""
    found = view(ctx)
    profiles = [_profile(found, resource) for resource in found.of("azurerm_cdn_frontdoor_profile")]
    return Extract([*profiles, *(_classic(found, resource) for resource in found.of("azurerm_frontdoor"))])


def _profile(found: View, resource: Resource) -> Component:
    own = settings(resource.value, _PROFILE)
    groups = [
        g
        for g in found.of("azurerm_cdn_frontdoor_origin_group")
        if resource in found.mentioned(g.value.get("cdn_frontdoor_profile_id"))
    ]
    links = []
    for origin in found.of("azurerm_cdn_frontdoor_origin"):
        host = origin.value.get("host_name")
        if host is not None and any(
            g in found.mentioned(origin.value.get("cdn_frontdoor_origin_group_id")) for g in groups
        ):
            links.append(link(address(found, host, 443), host, own, "http", f"origin {origin.address}"))
    return made(resource, "proxy", own, links, listens=(80, 443), protocol="http")


def _classic(found: View, resource: Resource) -> Component:
    own = settings(resource.value, _CLASSIC)
    backends = [backend for pool in resource.value.each("backend_pool") for backend in pool.each("backend")]
    links = [
        link(address(found, host, 443), host, own, "http") for b in backends if (host := b.get("address")) is not None
    ]
    return made(resource, "proxy", own, links, listens=(80, 443), protocol="http", variant="classic")
