"""Gateways of implementations nothing more is known of: what their routes say holds, the rest is not known."""

from __future__ import annotations

from tochain.model.component import Component, Link
from tochain.model.fact import Setting, Settings
from tochain.products.base import Context, Extract
from tochain.products.kubegateway import PROTOCOLS, Gateway, Ref, gateways
from tochain.products.kubeobjects import scope

__all__ = ["read"]

PRODUCT = "gateway-api"
_RULE = (("timeouts", "request"), ("timeouts", "backendRequest"), ("retry", "attempts"), ("retry", "backoff"))
_OTHERS = ("istio", "envoy-gateway", "gcp-lb")
"""Implementations whose own readers read their Gateways."""


def read(ctx: Context) -> Extract:
    """One component for each Gateway."""
    return Extract([_component(gateway) for gateway in gateways(ctx) if gateway.product not in _OTHERS])


def _component(gateway: Gateway) -> Component:
    thing = gateway.thing
    return Component(
        f"{PRODUCT}:{thing.source.path}#Gateway/{thing.namespace}/{thing.name}",
        PRODUCT,
        PRODUCT,
        thing.span,
        "proxy",
        scope=scope(thing.namespace),
        listens=gateway.ports,
        names=gateway.hosts,
        links=tuple(
            Link(ref.target, ref.node.span, _settings(ref), PROTOCOLS[ref.route.kind], ref.label)
            for ref in gateway.refs
        ),
        protocol="http",
        files=tuple(dict.fromkeys((thing.source.path, *(ref.route.source.path for ref in gateway.refs)))),
    )


def _settings(ref: Ref) -> Settings:
    found: Settings = {}
    for path in _RULE:
        node = ref.rule.get(*path)
        if node is not None and node.kind == "scalar":
            name = ".".join(path)
            found[name] = (Setting(name, node.text, node.span, scope=ref.label),)
    if ref.tls is not None:
        found["validation.hostname"] = (Setting("validation.hostname", "on", ref.tls.span),)
    return found
