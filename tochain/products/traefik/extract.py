"""Traefik: install and routing configuration from files, flags, environment, labels and Kubernetes objects."""

from __future__ import annotations

import re
from dataclasses import replace

from tochain.formats.tree import Node
from tochain.model.component import Address, Link, Workload
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.configmaps import inputs
from tochain.products.options import Flat, from_flags, from_node
from tochain.products.programs import Program
from tochain.products.scopes import folder_scope
from tochain.products.traefik.helm import from_values, values_of
from tochain.products.traefik.instance import Instance
from tochain.products.traefik.kube import kube_routes, kube_transports
from tochain.products.traefik.routing import routes, v1_routes
from tochain.products.traefik.sources import from_environment, from_labels
from tochain.products.trees import document, tell

__all__ = ["TRAEFIK", "read"]

TRAEFIK = Program(re.compile(r"traefik"), frozenset({"traefik"}))
_STATIC = frozenset(
    {"entrypoints", "providers", "serverstransport", "defaultentrypoints", "forwardingtimeouts", "respondingtimeouts"}
)
_GROUPS = frozenset({"routers", "services", "middlewares", "serverstransports"})


def read(ctx: Context) -> Extract:
    """One component for each entry point of each Traefik, wherever its configuration stands."""
    instances = {w.key: _started(w) for w in TRAEFIK.of(ctx.workloads)}
    given = inputs(ctx, TRAEFIK.of(ctx.workloads))
    files = [(path, source, flat) for path, source in given if (flat := _flat(ctx, path, source)) is not None]
    for path, source, flat in files:
        if _is_static(flat):
            _install(ctx, path, source, flat, instances)
    for path, source, flat in files:
        if _is_dynamic(flat):
            _route(ctx, path, source, flat, instances)
    _labels(ctx, instances)
    _objects(ctx, instances)
    out = Extract()
    for instance in instances.values():
        out.components += instance.components()
    return out


def _started(workload: Workload) -> Instance:
    static = from_flags(workload.command).over(from_environment(workload.env))
    return Instance(f"traefik:{workload.key}", workload.scope, workload.span, static, workload)


def _flat(ctx: Context, path: str, source: SourceFile) -> Flat | None:
    tree = document(ctx, source, path)
    flat = Flat()
    for root in tree.roots:
        values = values_of(root) if _mine(root) else None
        if values is not None:
            flat = flat.over(from_values(values))
        elif _mine(root):
            flat = flat.over(from_node(root))
    if not (_is_static(flat) or _is_dynamic(flat)):
        return None
    ctx.understood(source.path)
    tell(ctx, tree)
    return flat


def _mine(root: Node) -> bool:
    return root.kind == "mapping" and root.get("apiVersion") is None and root.get("static_resources") is None


def _is_static(flat: Flat) -> bool:
    tops = set(flat.names())
    return bool(tops & {"entrypoints", "serverstransport", "defaultentrypoints"}) or (
        "providers" in tops and bool(tops & {"api", "log"})
    )


def _is_dynamic(flat: Flat) -> bool:
    inner = {name for kind in ("http", "tcp", "udp") for name in flat.names(kind)}
    return bool(inner & _GROUPS) or {"frontends", "backends"} <= set(flat.names())


def _install(ctx: Context, path: str, source: SourceFile, flat: Flat, instances: dict[str, Instance]) -> None:
    """An install configuration: of the workload that starts with it, else of a Traefik of its own."""
    owners = TRAEFIK.owners(ctx.workloads, path)
    for owner in owners:
        instance = instances.setdefault(owner.key, _started(owner))
        instance.static = instance.static.over(flat)
        instance.files[source.path] = None
    if not owners:
        key = f"traefik:{path}"
        instances[key] = Instance(key, folder_scope(path), source.whole_line(1), flat, files={source.path: None})


def _route(ctx: Context, path: str, source: SourceFile, flat: Flat, instances: dict[str, Instance]) -> None:
    """A routing configuration: of the Traefik that reads it, by mount or by folder, else of one nobody described."""
    for instance in _readers(ctx, path, source, instances):
        instance.files[source.path] = None
        instance.dynamic = instance.dynamic.over(flat)
        instance.routes += routes(flat, instance.static)
        instance.routes += v1_routes(flat, instance.static)


def _readers(ctx: Context, path: str, source: SourceFile, instances: dict[str, Instance]) -> list[Instance]:
    own = [i for i in instances.values() if source.path in i.files and path == source.path]
    mounted = [instances[w.key] for w in TRAEFIK.owners(ctx.workloads, path) if w.key in instances]
    scope = folder_scope(path)
    beside = [i for i in instances.values() if i.scope == scope and not i.workload]
    found = own or mounted or (beside if len(beside) == 1 else [])
    if found:
        return found
    key = f"traefik:{scope}"
    return [instances.setdefault(key, Instance(key, scope, source.whole_line(1)))]


def _labels(ctx: Context, instances: dict[str, Instance]) -> None:
    """Labels of workloads: read by the Traefik of their own project, else by the only one there is."""
    for workload in ctx.workloads:
        flat = from_labels(workload.settings)
        if not flat.items or flat.text("enable") == "false" or TRAEFIK.runs(workload):
            continue
        instance = _label_reader(workload, flat, instances)

        def servers(labels: Flat, kind: str, service: str, workload: Workload = workload) -> list[Link]:
            return [_container(workload, labels, kind, service)]

        found = list(routes(flat, instance.static, servers))
        instance.routes += found
        # Definitions on the labels of Traefik itself hold for everybody.
        if not found and flat.text("enable") == "true":
            instance.routes += routes(_bare(workload, flat), instance.static, servers)


def _label_reader(workload: Workload, flat: Flat, instances: dict[str, Instance]) -> Instance:
    same = [i for i in instances.values() if i.scope == workload.scope]
    running = [i for i in instances.values() if i.workload is not None]
    if same or len(running) == 1:
        return (same or running)[0]
    key = f"traefik:{workload.scope}"
    span = next(iter(flat.items.values())).span
    return instances.setdefault(key, Instance(key, workload.scope, span))


def _bare(workload: Workload, flat: Flat) -> Flat:
    """The router Traefik makes for a container that is enabled and names none."""
    span = next(iter(flat.items.values())).span
    item = flat.items[("enable",)]
    return flat.over(Flat({("http", "routers", workload.name, "rule"): replace(item, text="", span=span)}))


def _container(workload: Workload, labels: Flat, kind: str, service: str) -> Link:
    """The container itself at the port its labels name, else the first it exposes."""
    place = (kind, "services", service, "loadbalancer", "server")
    port = labels.get(*place, "port")
    number = int(port.text) if port is not None and port.text.isdecimal() else next(iter(workload.ports.values()), None)
    span = port.span if port is not None else next(iter(labels.items.values())).span
    scheme = labels.text(*place, "scheme")
    protocol = kind if kind == "tcp" else "http2" if scheme == "h2c" else "http"
    return Link(Address(ref=workload.key, port=number), span, protocol=protocol)


def _objects(ctx: Context, instances: dict[str, Instance]) -> None:
    """Kubernetes objects: read by the Traefik that runs in the cluster, else by one nobody described."""
    running = [i for i in instances.values() if i.scope.startswith("k8s:")]
    instance = running[0] if running else Instance("traefik:kubernetes", "", _nowhere(ctx))
    found = kube_routes(ctx, instance.static)
    loose = kube_transports(ctx) if not found else Flat()
    if not found and not loose.items:
        return
    if not running:
        instance.span = found[0][2] if found else next(iter(loose.items.values())).span
        instance.scope = found[0][1] if found else folder_scope(instance.span.path)
        instances[instance.key] = instance
    instance.dynamic = instance.dynamic.over(loose)
    for route, _, span in found:
        instance.routes.append(route)
        instance.files[span.path] = None


def _nowhere(ctx: Context) -> Span:
    return ctx.files[0].whole_line(1) if ctx.files else ctx.workloads[0].span
