"""Gateways of implementations nothing more is known of: what their routes say holds, the rest is not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tochain.model.component import Component, Link
from tochain.model.fact import Setting, Settings
from tochain.products.base import Context, Extract
from tochain.products.kubegateway import PROTOCOLS, Gateway, Ref, gateways, mesh_of, mesh_refs
from tochain.products.kubeobjects import scope

__all__ = ["read"]

PRODUCT = "gateway-api"
_RULE = (("timeouts", "request"), ("timeouts", "backendRequest"), ("retry", "attempts"), ("retry", "backoff"))
_OTHERS = ("istio", "envoy-gateway", "gcp-lb", "cilium-envoy")
"""Implementations whose own readers read their Gateways."""


def read(ctx: Context) -> Extract:
    """One component for each Gateway, and one for the callers of each namespace whose routes have a Service above them."""
    found = [_component(gateway) for gateway in gateways(ctx) if gateway.product not in _OTHERS]
    return Extract([*found, *(_mesh(ctx) if not mesh_of(ctx) else ())])


def _mesh(ctx: Context) -> Iterator[Component]:
    refs: dict[str, list[Ref]] = {}
    for _, ref in mesh_refs(ctx):
        refs.setdefault(ref.route.namespace, []).append(ref)
    for namespace, found in refs.items():
        first = found[0].route
        yield Component(
            f"{PRODUCT}:{first.source.path}#mesh {namespace}", PRODUCT, PRODUCT, first.span, "proxy",
            scope=scope(namespace), links=_links(found), protocol="http",
            files=tuple(dict.fromkeys(ref.route.source.path for ref in found)),
        )  # fmt: skip


def _links(refs: Iterable[Ref]) -> tuple[Link, ...]:
    return tuple(Link(ref.target, ref.node.span, _settings(ref), PROTOCOLS[ref.route.kind], ref.label) for ref in refs)


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
        links=_links(gateway.refs),
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
