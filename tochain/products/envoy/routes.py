"""Routes: where each leads, and the settings in force there (a route's retry policy replaces its virtual host's)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tochain.formats.tree import Node
from tochain.model.component import Address, Link
from tochain.model.fact import Setting, Settings
from tochain.model.span import Span
from tochain.products.envoy import proto
from tochain.products.envoy.clusters import Cluster, read_cluster
from tochain.products.envoy.sources import Resources

__all__ = ["Linker", "domains", "links_of"]

_ROUTE = (
    "timeout",
    "idle_timeout",
    "flush_timeout",
    "max_stream_duration.max_stream_duration",
    "max_stream_duration.grpc_timeout_header_max",
)
_RETRY = ("num_retries", "per_try_timeout", "per_try_idle_timeout", "retry_on", "retry_back_off.base_interval")
_MATCHES = ("prefix", "path", "path_separated_prefix", "safe_regex.regex", "regex")


@dataclass(slots=True)
class Linker:
    """Clusters of one configuration, read once each, and the links made to them."""

    resources: Resources
    problem: Callable[[Span, str], None]
    clusters: dict[str, Cluster | None] = field(default_factory=dict)
    shared: dict[tuple[object, ...], Settings] = field(default_factory=dict)
    reached: dict[str, None] = field(default_factory=dict)
    """The clusters that links were made to, in order."""

    def cluster(self, name: str) -> Cluster | None:
        """A cluster by its name; None when the configuration has none of that name."""
        if name not in self.clusters:
            node = self.resources.clusters.get(name)
            self.clusters[name] = read_cluster(name, node, self.resources) if node is not None else None
        return self.clusters[name]

    def links(self, name: str, span: Span, settings: Settings, label: str, protocol: str = "http") -> list[Link]:
        """Links to every endpoint of a cluster, with the route's settings and the cluster's own."""
        self.reached.setdefault(name)
        cluster = self.cluster(name)
        if cluster is None:
            missing = "the request names the cluster" if not name else f"cluster {name} is not in this configuration"
            return [Link(Address(), span, self._share(settings), protocol, label, unknown=missing)]
        if protocol == "http" and cluster.http2:
            protocol = "http2"
        both = self._share({**settings, **cluster.settings})
        if cluster.unknown:
            return [Link(Address(), span, both, protocol, label, unknown=cluster.unknown)]
        return [Link(target, span, both, protocol, label) for target, span in dict.fromkeys(cluster.targets)]

    def _share(self, settings: Settings) -> Settings:
        # The resolve step works once per settings object, so equal ones are one object.
        return self.shared.setdefault(tuple(settings.items()), settings)


def links_of(config: Node, inherited: Settings, linker: Linker) -> list[Link]:
    """The links of every route of a route configuration."""
    links: list[Link] = []
    for host in proto.each(config, "virtual_hosts"):
        retry = proto.field(host, "retry_policy")
        host_name = proto.text(host, "name")
        for route in proto.each(host, "routes"):
            action = proto.field(route, "route")
            if action is None:
                continue
            label = _label(route)
            settings = {**inherited, **_own(action, retry, label, f"virtual host {host_name}")}
            protocol = "grpc" if proto.field(route, "match", "grpc") is not None else "http"
            for name, span in _goals(action):
                links += linker.links(name, span, settings, label, protocol)
    return links


def domains(config: Node) -> tuple[str, ...]:
    """The host names a route configuration answers to, wildcards left out."""
    names = [
        domain.text.rpartition(":")[0] if domain.text.rpartition(":")[2].isdecimal() else domain.text
        for host in proto.each(config, "virtual_hosts")
        for domain in proto.each(host, "domains")
    ]
    return tuple(dict.fromkeys(name for name in names if name and "*" not in name))


def _own(action: Node, host_retry: Node | None, label: str, host: str) -> Settings:
    found: list[Setting | None] = [proto.setting(action, path, f"route.{path}", label) for path in _ROUTE]
    retry = proto.field(action, "retry_policy")
    if retry is not None:
        found += _retry(retry, label)
    elif host_retry is not None:
        found += [setting.inherited() if setting else None for setting in _retry(host_retry, host)]
    return {setting.name: (setting,) for setting in found if setting is not None}


def _retry(node: Node, scope: str) -> list[Setting | None]:
    return [proto.setting(node, path, f"route.retry_policy.{path}", scope) for path in _RETRY]


def _label(route: Node) -> str:
    match = proto.field(route, "match")
    shown = next((text for path in _MATCHES if (text := proto.text(match, *path.split(".")))), "") or proto.text(
        route, "name"
    )
    return f"route {shown}" if shown else "route"


def _goals(action: Node) -> Iterator[tuple[str, Span]]:
    """The clusters a route action leads to; an empty name where the request decides."""
    if proto.field(action, "cluster") is not None:
        yield proto.text(action, "cluster"), proto.line(action, "cluster")
    for weighted in proto.each(action, "weighted_clusters", "clusters"):
        yield proto.text(weighted, "name"), proto.line(weighted, "name")
    for by_request in ("cluster_header", "cluster_specifier_plugin", "inline_cluster_specifier_plugin"):
        if proto.field(action, by_request) is not None:
            yield "", proto.line(action, by_request)
