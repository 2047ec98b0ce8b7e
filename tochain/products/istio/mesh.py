"""What holds for every proxy of a mesh: MeshConfig, and a pod's own proxy configuration over it."""

from __future__ import annotations

from tochain.formats import yamlfile
from tochain.formats.embed import embedded
from tochain.formats.tree import Node
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context
from tochain.products.kubeobjects import KubeObject, objects

__all__ = ["mesh_settings", "proxy_config", "tell_filters"]

_MESH: dict[tuple[str, ...], str] = {
    ("connectTimeout",): "MeshConfig.connectTimeout",
    ("tcpKeepalive", "time"): "MeshConfig.tcpKeepalive.time",
    ("tcpKeepalive", "interval"): "MeshConfig.tcpKeepalive.interval",
    ("tcpKeepalive", "probes"): "MeshConfig.tcpKeepalive.probes",
    ("defaultHttpRetryPolicy", "attempts"): "http.retries.attempts",
    ("defaultHttpRetryPolicy", "retryOn"): "http.retries.retryOn",
    ("protocolDetectionTimeout",): "protocolDetectionTimeout",
    ("dnsRefreshRate",): "dnsRefreshRate",
}
_PROXY: dict[tuple[str, ...], str] = {
    **{(name,): name for name in ("terminationDrainDuration", "drainDuration")},
    **{("proxyMetadata", name): name for name in ("ISTIO_META_IDLE_TIMEOUT", "MINIMUM_DRAIN_DURATION")},
    ("proxyMetadata", "EXIT_ON_ZERO_ACTIVE_CONNECTIONS"): "EXIT_ON_ZERO_ACTIVE_CONNECTIONS",
    **{
        ("connectionSettings", name): f"connectionSettings.{name}"
        for name in (
            *("httpIdleTimeout", "httpStreamIdleTimeout", "httpRequestHeadersTimeout", "httpRequestTimeout"),
            *("httpMaxConnectionDuration", "httpDrainTimeout"),
        )
    },
}
_OPERATORS = {"IstioOperator": ("spec", "meshConfig"), "Istio": ("spec", "values", "meshConfig")}
_ANNOTATION = "proxy.istio.io/config"


def mesh_settings(ctx: Context) -> dict[str, Settings]:
    """The settings of MeshConfig by copy of the cluster: of the ConfigMap istio and of what an operator installs."""
    found: dict[str, Settings] = {}
    for thing in objects(ctx, "ConfigMap", "IstioOperator", "Istio"):
        path = _OPERATORS.get(thing.kind)
        node = thing.node.get(*path) if path is not None else _mesh(thing)
        if node is not None and node.kind == "mapping":
            settings = _taken(node, _MESH, "MeshConfig")
            default = node.get("defaultConfig")
            settings |= _taken(default, _PROXY, "MeshConfig defaultConfig") if default is not None else {}
            found.setdefault(thing.world, {}).update(settings)
    return found


def _mesh(thing: KubeObject) -> Node | None:
    value = thing.node.get("data", "mesh") if thing.name == "istio" or thing.name.startswith("istio-") else None
    return _opened(thing.source, value) if value is not None and value.kind == "scalar" else value


def _opened(source: SourceFile, value: Node) -> Node | None:
    inner = embedded(source, value)
    roots = yamlfile.parse(inner).roots if inner is not None else []
    return roots[0] if roots else None


def _taken(node: Node, table: dict[tuple[str, ...], str], scope: str) -> Settings:
    found: Settings = {}
    for path, name in table.items():
        value = node.get(*path)
        if value is not None and value.kind == "scalar":
            found[name] = (Setting(name, value.text, value.span, scope=scope),)
    return found


def proxy_config(thing: KubeObject, pod: Node) -> Settings:
    """The proxy's settings in a pod's annotation."""
    for key, value in pod.pairs("metadata", "annotations"):
        if key.text == _ANNOTATION and value.kind == "scalar":
            node = _opened(thing.source, value)
            return _taken(node, _PROXY, _ANNOTATION) if node is not None else {}
    return {}


def tell_filters(ctx: Context) -> None:
    """Says of EnvoyFilters that set times that they are not followed."""
    for thing in objects(ctx, "EnvoyFilter"):
        for path, node in thing.node.walk():
            names = [step for step in path if isinstance(step, str)]
            if names and any(word in names[-1].lower() for word in ("timeout", "duration", "keepalive")):
                ctx.problem(node.span, f"EnvoyFilter {thing.name} sets {names[-1]}, which is not followed")
                break
