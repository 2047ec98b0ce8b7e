"""Configuration files inside ConfigMaps: their text at its own place in the manifest, and where pods mount them."""

from __future__ import annotations

from collections.abc import Iterator

from tochain.formats import yamlfile
from tochain.formats.tree import Node
from tochain.model.component import Workload
from tochain.model.span import SourceFile
from tochain.products.base import Context
from tochain.products.kubeworlds import cluster

__all__ = ["EMBEDDED", "embedded", "embedded_config", "embedded_files", "embedded_path", "inputs", "mounted"]

EMBEDDED = "#"
"""Between a manifest's path and what it carries: "deploy/web.yaml#web-config/nginx.conf"."""
_CONFIGS = "configs"


def embedded_path(manifest: str, name: str, key: str) -> str:
    """What a workload's mounts call the file that a ConfigMap carries under a key."""
    return f"{manifest}{EMBEDDED}{name}/{key}"


def embedded_config(compose: str, name: str, target: str) -> str:
    """What a workload's mounts call the file that a compose file carries among its configs."""
    return f"{compose}{EMBEDDED}{_CONFIGS}/{name}/{target.rpartition('/')[2]}"


def mounted(spec: Node, container: Node) -> Iterator[tuple[str, str, str]]:
    """What a container mounts of ConfigMaps: the map's name, the key ("" for every key), the path inside.

    With an empty key the path is that of the folder.
    """
    volumes = {volume.value("name"): volume for volume in spec.each("volumes")}
    for mount in container.each("volumeMounts"):
        volume = volumes.get(mount.value("name"))
        sources = [volume.get("configMap")] if volume is not None else []
        sources += [part.get("configMap") for part in volume.each("projected", "sources")] if volume is not None else []
        for source in sources:
            if source is not None:
                yield from _keys(source, mount.value("mountPath").rstrip("/"), mount.value("subPath"))


def _keys(source: Node, target: str, part: str) -> Iterator[tuple[str, str, str]]:
    name = source.value("name")
    items = {item.value("path"): item.value("key") for item in source.each("items")}
    if part:
        yield name, items.get(part, part), target
    elif items:
        yield from ((name, key, f"{target}/{path}") for path, key in items.items())
    else:
        yield name, "", target


def embedded(ctx: Context, path: str) -> SourceFile | None:
    """The file a ConfigMap carries, with the manifest's own lines and columns; None where there is none to read."""
    manifest, _, rest = path.partition(EMBEDDED)
    name, _, key = rest.partition("/")
    source = ctx.file(manifest)
    if source is None:
        return None
    for root in ctx.parsed(source, yamlfile.parse).roots:
        content = root.get("configs", key.partition("/")[0], "content") if name == _CONFIGS else None
        if content is not None and content.kind == "scalar":
            return _in_place(source, content)
        for thing in [root, *root.each("items")]:
            if thing.value("kind") == "ConfigMap" and thing.value("metadata", "name") == name:
                value = thing.get("data", key)
                if value is not None and value.kind == "scalar":
                    return _in_place(source, value)
    return _of_chart(ctx, source, name, key)


def _of_chart(ctx: Context, source: SourceFile, name: str, key: str) -> SourceFile | None:
    """The file that a chart makes of a text among its values."""
    for thing in cluster(ctx):
        if thing.made and thing.kind == "ConfigMap" and (thing.source.path, thing.name) == (source.path, name):
            value = thing.node.get("data", key)
            if value is not None and value.kind == "scalar" and value.span.path == source.path:
                return _in_place(source, value)
    return None


def _in_place(source: SourceFile, value: Node) -> SourceFile | None:
    """The lines of a block scalar with as many empty ones in front as stand above it; None for other scalars."""
    start, end = source.offset(value.span.start), source.offset(value.span.end)
    first = source.text.find("\n", start, end)
    if not source.text.startswith("|", start) or first == -1:
        return None
    return SourceFile(source.path, "\n" * value.span.start.line + source.text[first + 1 : end] + "\n")


def embedded_files(ctx: Context, workloads: tuple[Workload, ...]) -> Iterator[tuple[str, SourceFile]]:
    """The files of ConfigMaps that these workloads mount, by the path their mounts call them."""
    seen: set[str] = set()
    for workload in workloads:
        for path in workload.mounts:
            if EMBEDDED in path and path not in seen:
                seen.add(path)
                source = embedded(ctx, path)
                if source is not None:
                    yield path, source


def inputs(
    ctx: Context, workloads: tuple[Workload, ...], endings: tuple[str, ...] = ()
) -> list[tuple[str, SourceFile]]:
    """The files a product was given, and those of ConfigMaps that its workloads mount, by the path owners know them by.

    `endings` keeps the files whose path ends so; none keeps all.
    """
    found = [*((source.path, source) for source in ctx.files), *embedded_files(ctx, workloads)]
    return [(path, source) for path, source in found if not endings or path.endswith(endings)]
