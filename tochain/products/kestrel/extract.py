"""ASP.NET Core settings: Kestrel's limits and endpoints, and the pools of the connection strings beside them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

from tochain.formats.jsonfile import parse_json
from tochain.formats.tree import Node
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.dsn import driver_of, driver_settings, dsn_link, parse_dsn
from tochain.products.flat import known_settings
from tochain.products.programs import built_from
from tochain.products.scopes import folder_scope
from tochain.products.timespan import timespan_setting
from tochain.products.trees import place, rooted

__all__ = ["read"]

PRODUCT = "kestrel"
REDIS = "stackexchange-redis"
_REDIS_HOST = re.compile(r"([\w.-]+)(?::(\d{1,5}))?")
_LIMITS = {
    ("Limits", "KeepAliveTimeout"): "Limits.KeepAliveTimeout",
    ("Limits", "RequestHeadersTimeout"): "Limits.RequestHeadersTimeout",
    ("Limits", "Http2", "KeepAlivePingDelay"): "Limits.Http2.KeepAlivePingDelay",
    ("Limits", "Http2", "KeepAlivePingTimeout"): "Limits.Http2.KeepAlivePingTimeout",
}
_PORT = re.compile(r"https?://[^:/]*:(\d{1,5})")


def read(ctx: Context) -> Extract:
    """A server for each file that sets Kestrel, a client for each connection string of PostgreSQL and Redis."""
    extract = Extract()
    for source, root in rooted(ctx, parse_json, lambda root: root.kind == "mapping"):
        base = _base(ctx, source, root)
        kestrel = root.get("Kestrel")
        if kestrel is not None:
            own = replace(base, span=place(root, "Kestrel"), settings=_limits(kestrel), listens=_listens(kestrel))
            extract.components.append(own if base.workload else replace(own, name=PRODUCT))
        for key, value in root.pairs("ConnectionStrings"):
            extract.components += _clients(base, key, value)
    _with_environment(ctx, extract)
    return extract


def _base(ctx: Context, source: SourceFile, root: Node) -> Component:
    """What a file's components have in common: whose they are."""
    owner = built_from(ctx.workloads, source.path)
    folder = PurePosixPath(source.path).parent
    return Component(
        f"{PRODUCT}:{source.path}", owner.name if owner else folder.name or PRODUCT, PRODUCT, root.span,
        scope=owner.scope if owner else folder_scope(source.path), protocol="http", files=(source.path,),
        workload=owner.key if owner else "", part_of="" if owner else f"code:{folder}",
    )  # fmt: skip


def _clients(base: Component, key: Node, value: Node) -> list[Component]:
    """The client of a connection string; none for those of other databases."""
    pool, cache = _pool(value, key.text), _redis(value, key.text)
    found = pool or cache
    if found is None:
        return []
    product, protocol = ("npgsql", "postgresql") if pool is not None else (REDIS, "redis")
    settings, link = found
    return [
        replace(
            base, key=f"{product}:{base.files[0]}#{key.text}", product=product, span=key.span,
            kind="pool" if pool is not None else "client", settings=settings, links=(link,), protocol=protocol,
        )
    ]  # fmt: skip


def _with_environment(ctx: Context, extract: Extract) -> None:
    """Variables win over files; a server that only they speak of is one where no code says more of it."""
    known = {c.workload: at for at, c in enumerate(extract.components) if c.product == PRODUCT and c.workload}
    for workload in ctx.workloads:
        settings, listens = _of_environment(workload)
        at = known.get(workload.key)
        if at is not None:
            old = extract.components[at]
            merged = {**old.settings, **settings}
            extract.components[at] = replace(old, settings=merged, listens=listens or old.listens, names=workload.names)
        elif settings or (listens and workload.root is None):
            extract.components.append(
                Component(
                    f"{PRODUCT}:{workload.key}", workload.name, PRODUCT, workload.span, scope=workload.scope,
                    settings=settings, listens=listens, names=workload.names, protocol="http", workload=workload.key,
                    files=(workload.span.path,),
                )
            )  # fmt: skip


def _of_environment(workload: Workload) -> tuple[Settings, tuple[Address, ...]]:
    settings: Settings = {}
    ports: dict[int, None] = {}
    names = {f"kestrel:{':'.join(path)}".lower(): name for path, name in _LIMITS.items()}
    for variable, word in workload.env.items():
        key = variable.lower().replace("__", ":").removeprefix("aspnetcore_").removeprefix("dotnet_")
        if key in names:
            settings[names[key]] = (timespan_setting(names[key], word.text, word.span),)
        elif key == "urls" or (key.startswith("kestrel:endpoints:") and key.endswith(":url")):
            ports |= dict.fromkeys(int(port) for port in _PORT.findall(word.text))
        elif key == "http_ports":
            ports |= dict.fromkeys(int(port) for port in re.findall(r"\d{1,5}", word.text))
    return settings, tuple(Address(port=port) for port in ports)


def _limits(kestrel: Node) -> Settings:
    found: Settings = {}
    for path, name in _LIMITS.items():
        node = kestrel.get(*path)
        if node is not None and node.kind == "scalar":
            found[name] = (timespan_setting(name, node.text, place(kestrel, *path)),)
    return found


def _listens(kestrel: Node) -> tuple[Address, ...]:
    urls = [value.value("Url") for _, value in kestrel.pairs("Endpoints")]
    return tuple(Address(port=int(found[1])) for url in urls if (found := _PORT.match(url)))


def _pool(node: Node, label: str) -> tuple[Settings, Link] | None:
    """Settings and target of an Npgsql connection string; None for those of other databases."""
    dsn = parse_dsn(node.text, node.span) if node.kind == "scalar" else None
    if dsn is None or driver_of(dsn) != "npgsql":
        return None
    settings = driver_settings(dsn)
    return settings, dsn_link(dsn, label, settings)


def _redis(node: Node, label: str) -> tuple[Settings, Link] | None:
    """Settings and target of a StackExchange.Redis string: `cache:6379,syncTimeout=3000`; nothing else of it is kept."""
    first, *options = node.text.split(",") if node.kind == "scalar" else [""]
    pairs = {name.strip(): text.strip() for name, equals, text in (part.partition("=") for part in options) if equals}
    names = {name.lower(): name for name in known_settings(REDIS)}
    known = {names[name.lower()]: text for name, text in pairs.items() if name.lower() in names}
    host = _REDIS_HOST.fullmatch(first.strip())
    if host is None or not (known or "redis" in label.lower()):
        return None
    settings: Settings = {name: (Setting(name, text, node.span),) for name, text in known.items()}
    port = int(host[2]) if host[2] else 6379
    return settings, Link(Address(host[1], port), node.span, settings or {"": ()}, "redis", label)
