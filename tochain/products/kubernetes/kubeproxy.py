"""kube-proxy and Cilium: what their configuration makes of every connection to a Service."""

from __future__ import annotations

from tochain.formats import yamlfile
from tochain.formats.embed import embedded
from tochain.formats.tree import Node
from tochain.model.component import Component
from tochain.model.fact import Settings
from tochain.model.span import Span
from tochain.products.base import Context
from tochain.products.kubeobjects import KubeObject, objects, scope, setting

__all__ = ["cilium_keys", "service_boxes"]

_IPVS = ("tcpTimeout", "tcpFinTimeout", "udpTimeout")
_CILIUM = frozenset({"bpf-ct-timeout-regular-tcp", "bpf-ct-timeout-service-tcp"})
_CONNTRACK = ("tcpEstablishedTimeout", "tcpCloseWaitTimeout", "udpStreamTimeout")


def service_boxes(ctx: Context) -> dict[str, Component]:
    """The box in front of the services of each copy of a cluster, where a file says that there is one."""
    found: dict[str, Component] = {}
    for thing in objects(ctx, "KubeProxyConfiguration", "ConfigMap"):
        node = _configuration(thing)
        box = _box(thing, node) if node is not None else None
        if box is not None:
            found.setdefault(thing.world, box)
    return found


def cilium_keys(ctx: Context) -> dict[str, str]:
    """The keys of Cilium's box for copies of a cluster whose files set its connection tracking."""
    return {
        thing.world: f"cilium:{thing.source.path}"
        for thing in objects(ctx, "ConfigMap")
        if thing.name == "cilium-config" and any(key.text in _CILIUM for key, _ in thing.node.pairs("data"))
    }


def _configuration(thing: KubeObject) -> Node | None:
    if thing.kind == "KubeProxyConfiguration":
        return thing.node
    for key, value in thing.node.pairs("data") if thing.name == "kube-proxy" else []:
        source = embedded(thing.source, value) if key.text.endswith(".conf") and value.kind == "scalar" else None
        for root in yamlfile.parse(source).roots if source is not None else []:
            if root.value("kind") == "KubeProxyConfiguration":
                return root
    return None


def _box(thing: KubeObject, node: Node) -> Component | None:
    """IPVS forgets by timers of its own; otherwise only written conntrack timers are known to count."""
    if node.value("mode") == "ipvs":
        mode = node.get("mode")
        span = mode.span if mode is not None else thing.span
        return _component(thing, "ipvs-keepalived", span, _settings(node, "ipvs", _IPVS))
    written = _settings(node, "conntrack", _CONNTRACK)
    return _component(thing, "kubernetes", next(iter(written.values()))[0].span, written) if written else None


def _settings(node: Node, area: str, names: tuple[str, ...]) -> Settings:
    found: Settings = {}
    for name in names:
        value = node.get(area, name)
        found |= setting(f"{area}.{name}", value) if value is not None else {}
    return found


def _component(thing: KubeObject, product: str, span: Span, settings: Settings) -> Component:
    return Component(
        f"{product}:{thing.source.path}#kube-proxy",
        "kube-proxy",
        product,
        span,
        "box",
        variant="conntrack" if product == "kubernetes" else None,
        scope=scope(thing.namespace),
        settings=settings,
        files=(thing.source.path,),
    )
