"""Cilium's Envoy: a proxy for its Ingresses and one for each of its Gateways."""

from __future__ import annotations

from collections.abc import Iterator

from tochain.model.component import Component, Link
from tochain.model.fact import Setting, Settings
from tochain.products.base import Context, Extract
from tochain.products.facts import load
from tochain.products.kubegateway import PROTOCOLS, Ref, gateways
from tochain.products.kubeingress import backends, ingresses
from tochain.products.kubeobjects import objects
from tochain.products.kubeproxies import proxy

__all__ = ["read"]

PRODUCT = "cilium-envoy"
_RULE = (("timeouts", "request"), ("timeouts", "backendRequest"), ("retry", "attempts"), ("retry", "backoff"))


def read(ctx: Context) -> Extract:
    """The proxies, with what the agent's ConfigMap says for all of them."""
    given = _configured(ctx)
    return Extract([*_ingress(ctx, given), *_gateways(ctx, given)])


def _configured(ctx: Context) -> Settings:
    known = load(PRODUCT)
    names = {name: row.setting for row in (known.settings if known else ()) for name in row.aliases}
    return {
        names[key.text]: (Setting(names[key.text], value.text, value.span, scope="ConfigMap cilium-config"),)
        for thing in objects(ctx, "ConfigMap")
        if thing.name == "cilium-config"
        for key, value in thing.node.pairs("data")
        if key.text in names and value.kind == "scalar"
    }


def _ingress(ctx: Context, given: Settings) -> Iterator[Component]:
    mine = ingresses(ctx, {"cilium"}, "ingress.cilium.io/")
    if mine:
        links = [Link(b.target, b.node.span, given, "http", b.label) for thing in mine for b in backends(thing)]
        names = [rule.value("host") for thing in mine for rule in thing.node.each("spec", "rules")]
        yield proxy(PRODUCT, mine[0], links, given, names=names, files=(thing.source.path for thing in mine))


def _gateways(ctx: Context, given: Settings) -> Iterator[Component]:
    for gateway in gateways(ctx):
        if gateway.product != PRODUCT:
            continue
        thing = gateway.thing
        links = [
            Link(ref.target, ref.node.span, {**given, **_rule(ref)}, PROTOCOLS[ref.route.kind], ref.label)
            for ref in gateway.refs
        ]
        yield proxy(
            PRODUCT, thing, links, given, listens=gateway.ports, names=gateway.hosts,
            files=(ref.route.source.path for ref in gateway.refs), suffix=f"Gateway/{thing.namespace}/{thing.name}",
        )  # fmt: skip


def _rule(ref: Ref) -> Settings:
    found: Settings = {}
    for path in _RULE:
        node, name = ref.rule.get(*path), ".".join(path)
        if node is not None and node.kind == "scalar":
            found[name] = (Setting(name, node.text, node.span, scope=ref.label),)
    return found
