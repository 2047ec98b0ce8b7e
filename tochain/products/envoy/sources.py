"""Where Envoy's resources stand: static bootstrap, file-based xDS, the admin's config_dump, Cilium's CiliumEnvoyConfig."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tochain.formats.tree import Document, Node
from tochain.products.envoy import proto

__all__ = ["Resources", "collect"]

_KINDS = {
    "Listener": "listeners",
    "Cluster": "clusters",
    "RouteConfiguration": "routes",
    "ClusterLoadAssignment": "endpoints",
    "VirtualHost": "hosts",
}
_CILIUM = ("CiliumEnvoyConfig", "CiliumClusterwideEnvoyConfig")
_DUMPED = (
    ("static_listeners", ("listener",)),
    ("dynamic_listeners", ("active_state", "listener")),
    ("static_clusters", ("cluster",)),
    ("dynamic_active_clusters", ("cluster",)),
    ("static_route_configs", ("route_config",)),
    ("dynamic_route_configs", ("route_config",)),
    ("static_endpoint_configs", ("endpoint_config",)),
    ("dynamic_endpoint_configs", ("endpoint_config",)),
)
_DUMP_KINDS = {"listener": "listeners", "cluster": "clusters", "route_config": "routes", "endpoint_config": "endpoints"}


@dataclass(slots=True)
class Resources:
    """What one configuration holds: listeners in order, the rest by name; `bootstrap` marks a start file."""

    listeners: list[Node] = field(default_factory=list)
    clusters: dict[str, Node] = field(default_factory=dict)
    routes: dict[str, Node] = field(default_factory=dict)
    endpoints: dict[str, Node] = field(default_factory=dict)
    bootstrap: bool = False
    versions: str = ""
    namespace: str | None = None
    """The namespace of a CiliumEnvoyConfig, whose clusters are called after Services; None everywhere else."""
    taken: list[tuple[str, str]] = field(default_factory=list)
    """The Services whose callers come to a CiliumEnvoyConfig's listener, and its name ("": the first there is)."""

    def found(self) -> bool:
        """Whether the file was Envoy's at all."""
        return bool(self.bootstrap or self.listeners or self.clusters or self.routes or self.endpoints)

    def add(self, kind: str, node: Node | None) -> None:
        """Keeps one resource; of two with one name the first counts."""
        if node is None or node.kind != "mapping":
            return
        if kind == "listeners":
            self.listeners.append(node)
        elif kind in ("clusters", "routes"):
            getattr(self, kind).setdefault(proto.text(node, "name"), node)
        elif kind == "endpoints":
            self.endpoints.setdefault(proto.text(node, "cluster_name"), node)

    def below(self, other: Resources) -> Resources:
        """These resources, with those of other files beside them for names not found here."""
        return Resources(
            self.listeners,
            {**other.clusters, **self.clusters},
            {**other.routes, **self.routes},
            {**other.endpoints, **self.endpoints},
            self.bootstrap,
            self.versions,
            self.namespace,
            self.taken,
        )


def collect(document: Document) -> Resources:
    """The resources of one file, whichever of the three forms it has; empty for a file of another kind."""
    out = Resources()
    for root in document.roots:
        _static(out, root)
        if proto.text(root, "kind") in _CILIUM:
            out.namespace = proto.text(root, "metadata", "namespace") or "default"
            out.taken += _taken(root, out.namespace)
        for item in (*proto.each(root, "resources"), *proto.each(root, "spec", "resources")):
            inner = proto.field(item, "resource") or item
            out.add(_KINDS.get(proto.type_name(inner), ""), inner)
        for dump in proto.each(root, "configs"):
            _dump(out, dump)
    return out


def _taken(root: Node, namespace: str) -> Iterator[tuple[str, str]]:
    for item in proto.each(root, "spec", "services"):
        name = proto.text(item, "name")
        if name:
            yield f"{name}.{proto.text(item, 'namespace') or namespace}", proto.text(item, "listener")


def _static(out: Resources, root: Node) -> None:
    static = proto.field(root, "static_resources")
    dynamic = proto.field(root, "dynamic_resources")
    if static is None and dynamic is None:
        return
    out.bootstrap = True
    for listener in proto.each(static, "listeners"):
        out.add("listeners", listener)
    for cluster in proto.each(static, "clusters"):
        out.add("clusters", cluster)


def _dump(out: Resources, dump: Node) -> None:
    bootstrap = proto.field(dump, "bootstrap")
    if bootstrap is not None:
        out.bootstrap = True
        out.versions = _version(bootstrap)
    for place, path in _DUMPED:
        for item in proto.each(dump, place):
            out.add(_DUMP_KINDS[path[-1]], proto.field(item, *path))


def _version(bootstrap: Node) -> str:
    numbers = proto.field(bootstrap, "node", "user_agent_build_version", "version")
    parts = [proto.text(numbers, name) or "0" for name in ("major_number", "minor_number", "patch")]
    return ".".join(parts) if numbers is not None else ""
