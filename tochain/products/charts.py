"""Helm charts: which folders are charts, and what charts known by name make of the values somebody gives them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from tochain.formats import yamlfile
from tochain.formats.embed import embedded
from tochain.formats.tree import Node
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context
from tochain.products.kubeobject import CLUSTER, KubeObject

__all__ = ["chart_objects", "chart_of", "charts", "template_folder", "values_objects"]

UNKNOWN = "{{ the chart's own default }}"
"""What stands for a default of a chart, which differs from the platform's."""
Maker = Callable[["_Release"], Iterable[KubeObject]]
_FILE = ("Chart.yaml", "Chart.yml")


def charts(paths: Iterable[str]) -> frozenset[str]:
    """The folders of charts."""
    return frozenset(posixpath.dirname(path) for path in paths if path.rpartition("/")[2] in _FILE)


def chart_of(path: str, folders: frozenset[str]) -> str | None:
    """The chart whose template or definition a file is; None for files beside charts."""
    parts = path.split("/")
    for at in reversed(range(len(parts) - 1)):
        if parts[at] in ("templates", "crds") and "/".join(parts[:at]) in folders:
            return "/".join(parts[:at])
    return None


def template_folder(path: str) -> str | None:
    """The folder above `templates/`, where a template stands whose chart was not given; None for other files."""
    before, found, _ = path.rpartition("/templates/")
    return before if found else None


class _Release:
    """The values given to a chart, and where."""

    def __init__(self, values: Node, source: SourceFile, namespace: str, name: str) -> None:
        self.values, self.source, self.namespace, self.name = values, source, namespace, name

    def tree(self, value: Node | str | Mapping[str, object] | list[object]) -> Node:
        """Plain values and nodes as a tree; what is made stands where the values stand."""
        span = self.values.span
        if isinstance(value, Node):
            return value
        if isinstance(value, str):
            return Node("scalar", span, value)
        if isinstance(value, list):
            return Node("sequence", span, elements=[self.tree(item) for item in value])  # type: ignore[arg-type]
        entries = [(Node("scalar", span, key), self.tree(item)) for key, item in value.items() if item is not None]  # type: ignore[arg-type]
        return Node("mapping", span, entries=entries)

    def thing(self, kind: str, name: str, **body: object) -> KubeObject:
        """An object the chart makes."""
        api = "apps/v1" if kind in ("Deployment", "StatefulSet") else "v1"
        node = self.tree({"apiVersion": api, "kind": kind, "metadata": {"name": name}, **body})
        first = self.values.entries[0][0].span if self.values.entries else self.values.span
        return KubeObject(api, kind, self.namespace, name, node, self.source, first, made=True)

    def pods(
        self, kind: str, name: str, container: Mapping[str, object], grace: Node | None = None, volumes: object = None
    ) -> KubeObject:
        """A workload of one container."""
        spec = {"terminationGracePeriodSeconds": grace or UNKNOWN, "containers": [container], "volumes": volumes}
        template = {"metadata": {"labels": {"app.kubernetes.io/name": name}}, "spec": spec}
        return self.thing(kind, name, spec={"template": template})


def values_objects(
    ctx: Context, paths: frozenset[str], plain: Iterable[KubeObject]
) -> Iterator[tuple[str, list[KubeObject]]]:
    """What known charts make of values: beside a Chart.yaml, in files called after it, in Flux and Argo CD releases."""
    for place, chart, release in (*_beside(ctx, paths), *_called(ctx, paths), *_releases(plain)):
        maker = _KNOWN.get(chart)
        made = list(maker(release)) if maker is not None and release.values.kind == "mapping" else []
        if made:
            ctx.understood(release.source.path, "helm")
            yield place, made


def chart_objects(chart: str, values: Node, source: SourceFile, namespace: str, name: str) -> list[KubeObject] | None:
    """What a chart makes of values; None for one that is not known by name."""
    maker = _KNOWN.get(chart)
    if maker is None or values.kind != "mapping":
        return None
    return list(maker(_Release(values, source, namespace, name)))


def _root(ctx: Context, path: str) -> tuple[SourceFile, Node] | None:
    source = ctx.file(path)
    roots = ctx.parsed(source, yamlfile.parse).roots if source is not None else []
    return (source, roots[0]) if source is not None and roots and roots[0].kind == "mapping" else None


def _beside(ctx: Context, paths: frozenset[str]) -> Iterator[tuple[str, str, _Release]]:
    for folder in sorted(charts(paths)):
        chart = _root(ctx, posixpath.join(folder, "Chart.yaml"))
        path = posixpath.join(folder, "values.yaml")
        values = _root(ctx, path) if path in paths else None
        if chart is not None:
            ctx.understood(chart[0].path, "helm")
        if chart is None or values is None:
            continue
        given = [(chart[1].value("name"), chart[1].value("name"), values[1])]
        for part in chart[1].each("dependencies"):
            inner = values[1].get(part.value("alias") or part.value("name"))
            given += (
                [(part.value("name"), part.value("alias") or part.value("name"), inner)] if inner is not None else []
            )
        for name, called, node in given:
            yield folder, name, _Release(node, values[0], CLUSTER, called)


def _called(ctx: Context, paths: frozenset[str]) -> Iterator[tuple[str, str, _Release]]:
    """Values files that carry a chart's name in their own or their folder's."""
    folders = charts(paths)
    for path in sorted(paths):
        folder, name = posixpath.split(path)
        if not name.endswith((".yaml", ".yml")) or "values" not in name or folder in folders:
            continue
        stem = name.rpartition(".")[0].replace("values", "").strip("-_.") or folder.rpartition("/")[2]
        chart = next((c for c in _KNOWN if stem in (c, f"{c}-helm") or folder.rpartition("/")[2] == c), None)
        found = _root(ctx, path) if chart is not None else None
        if chart is not None and found is not None and not found[1].value("kind"):
            yield path, chart, _Release(found[1], found[0], CLUSTER, chart)


def _releases(plain: Iterable[KubeObject]) -> Iterator[tuple[str, str, _Release]]:
    for thing in plain:
        if thing.kind == "HelmRelease":
            values = thing.node.get("spec", "values")
            chart = thing.node.value("spec", "chart", "spec", "chart")
            if values is not None:
                yield thing.source.path, chart, _Release(values, thing.source, thing.namespace, thing.name)
        elif thing.kind == "Application" and thing.group == "argoproj.io":
            for part in (*thing.node.each("spec", "source"), *thing.node.each("spec", "sources")):
                inner = _argo(part, thing)
                if inner is not None:
                    space = thing.node.value("spec", "destination", "namespace") or thing.namespace
                    yield thing.source.path, part.value("chart"), _Release(inner, thing.source, space, thing.name)


def _argo(part: Node, thing: KubeObject) -> Node | None:
    given = part.get("helm", "valuesObject")
    text = part.get("helm", "values")
    if given is None and text is not None:
        source = embedded(thing.source, text)
        roots = yamlfile.parse(source).roots if source is not None else []
        return roots[0] if roots else None
    return given


def _ingress_nginx(release: _Release) -> Iterable[KubeObject]:
    own = release.values.get("controller")
    config = own.get("config") if own is not None else None
    if own is None:
        return
    if config is not None and config.kind == "mapping":
        yield release.thing("ConfigMap", "ingress-nginx-controller", data=config)
    grace = own.get("terminationGracePeriodSeconds")
    if grace is not None:
        tag = own.value("image", "tag")
        image = "registry.k8s.io/ingress-nginx/controller" + (f":{tag}" if tag else "")
        container = {"name": "controller", "image": image, "lifecycle": own.get("lifecycle")}
        yield release.pods("Deployment", "ingress-nginx-controller", container, grace)


def _nginx_ingress(release: _Release) -> Iterable[KubeObject]:
    config = release.values.get("controller", "config", "entries")
    if config is not None and config.kind == "mapping":
        yield release.thing("ConfigMap", "nginx-config", data=config)


def _traefik(release: _Release) -> Iterable[KubeObject]:
    args: list[object] = [node for node in release.values.each("additionalArguments") if node.kind == "scalar"]
    for name, port in release.values.pairs("ports"):
        for area in ("respondingTimeouts", "lifeCycle"):
            for key, value in port.pairs("transport", area):
                flag = f"--entryPoints.{name.text}.transport.{area}.{key.text}={value.text}"
                args.append(Node("scalar", Span(value.span.path, key.span.start, value.span.end), flag, quoted=True))
    if args:
        tag = release.values.value("image", "tag")
        container = {"name": "traefik", "image": "traefik" + (f":{tag}" if tag else ""), "args": args}
        yield release.pods("Deployment", release.name or "traefik", container)


def _istiod(release: _Release) -> Iterable[KubeObject]:
    mesh = release.values.get("meshConfig")
    if mesh is not None and mesh.kind == "mapping":
        yield release.thing("ConfigMap", "istio", data={"mesh": mesh})


def _with_file(image: str, mount: str, paths: tuple[tuple[str, ...], ...], release: _Release) -> Iterable[KubeObject]:
    """A program with a configuration file that the values hold as a text."""
    node = next(
        (found for path in paths if (found := release.values.get(*path)) is not None and found.kind == "scalar"), None
    )
    if node is None or not node.text:
        return
    folder, key = posixpath.split(mount)
    title = f"{release.name}-configuration"
    yield release.thing("ConfigMap", title, data={key: node})
    container = {"name": image, "image": image, "volumeMounts": [{"name": "config", "mountPath": folder}]}
    yield release.pods(
        "StatefulSet", release.name, container, volumes=[{"name": "config", "configMap": {"name": title}}]
    )


_KNOWN: dict[str, Maker] = {
    "ingress-nginx": _ingress_nginx,
    "nginx-ingress": _nginx_ingress,
    "traefik": _traefik,
    "istiod": _istiod,
    "istio": _istiod,
    "redis": partial(
        _with_file, "redis", "/etc/redis/redis.conf", (("commonConfiguration",), ("master", "configuration"))
    ),
    "postgresql": partial(
        _with_file,
        "postgres",
        "/etc/postgresql/postgresql.conf",
        (("primary", "extendedConfiguration"), ("primary", "configuration")),
    ),
    "mysql": partial(_with_file, "mysql", "/etc/mysql/my.cnf", (("primary", "configuration"),)),
    "mariadb": partial(_with_file, "mariadb", "/etc/mysql/my.cnf", (("primary", "configuration"),)),
    "rabbitmq": partial(
        _with_file, "rabbitmq", "/etc/rabbitmq/rabbitmq.conf", (("extraConfiguration",), ("configuration",))
    ),
    "haproxy": partial(_with_file, "haproxy", "/usr/local/etc/haproxy/haproxy.cfg", (("config",), ("configuration",))),
}
"""Charts by name."""
