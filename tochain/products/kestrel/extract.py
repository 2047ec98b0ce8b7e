"""ASP.NET Core settings: Kestrel's limits and endpoints, and the pools of the connection strings beside them."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tochain.formats.jsonfile import parse_json
from tochain.formats.tree import Node
from tochain.model.component import Address, Component, Link
from tochain.model.fact import Setting, Settings
from tochain.model.span import Span
from tochain.products.base import Context, Extract
from tochain.products.flat import known_settings
from tochain.products.programs import built_from
from tochain.products.scopes import folder_scope
from tochain.products.timespan import timespan_setting
from tochain.products.trees import place, tell

__all__ = ["read"]

PRODUCT = "kestrel"
_LIMITS = {
    ("Limits", "KeepAliveTimeout"): "Limits.KeepAliveTimeout",
    ("Limits", "RequestHeadersTimeout"): "Limits.RequestHeadersTimeout",
    ("Limits", "Http2", "KeepAlivePingDelay"): "Limits.Http2.KeepAlivePingDelay",
    ("Limits", "Http2", "KeepAlivePingTimeout"): "Limits.Http2.KeepAlivePingTimeout",
}
_PORT = re.compile(r"https?://[^:/]*:(\d{1,5})")


def read(ctx: Context) -> Extract:
    """A server for each file that sets Kestrel, a pool for each PostgreSQL connection string."""
    extract = Extract()
    for source in ctx.files:
        document = ctx.parsed(source, parse_json)
        root = document.roots[0] if document.roots else None
        if root is None or root.kind != "mapping":
            continue
        ctx.understood(source.path)
        tell(ctx, document)
        owner = built_from(ctx.workloads, source.path)
        folder = PurePosixPath(source.path).parent
        scope = owner.scope if owner else folder_scope(source.path)
        name = owner.name if owner else folder.name or PRODUCT
        started, part_of = (owner.key, "") if owner else ("", f"code:{folder}")
        kestrel = root.get("Kestrel")
        if kestrel is not None:
            extract.components.append(
                Component(
                    f"{PRODUCT}:{source.path}",
                    owner.name if owner else PRODUCT,
                    PRODUCT,
                    place(root, "Kestrel"),
                    scope=scope,
                    settings=_limits(kestrel),
                    listens=_listens(kestrel),
                    protocol="http",
                    files=(source.path,),
                    workload=started,
                    part_of=part_of,
                )
            )
        for key, value in root.pairs("ConnectionStrings"):
            pool = _pool(value, key.text)
            if pool is not None:
                settings, link = pool
                extract.components.append(
                    Component(
                        f"npgsql:{source.path}#{key.text}",
                        name,
                        "npgsql",
                        key.span,
                        "pool",
                        scope=scope,
                        settings=settings,
                        links=(link,),
                        protocol="postgresql",
                        files=(source.path,),
                        workload=started,
                        part_of=part_of,
                    )
                )
    return extract


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
    parts: dict[str, tuple[str, str, Span]] = {}
    for part in re.finditer(r"\s*([^=;]+?)\s*=\s*([^;]*)", node.text):
        parts[part[1].lower()] = (part[1], part[2].strip(), node.span)
    host = parts.get("host")
    if node.kind != "scalar" or host is None:
        return None
    names = {name.lower(): name for name in known_settings("npgsql")}
    settings = {
        names[key]: (Setting(names[key], text, span),) for key, (_, text, span) in parts.items() if key in names
    }
    port = parts.get("port", ("", "5432", node.span))[1]
    target = Address(host[1].split(",")[0], int(port) if port.isdigit() else 5432)
    unknown = f"filled in later: {host[1][:40]}" if re.search(r"[{$#<]", host[1]) else ""
    return dict(settings), Link(target, node.span, dict(settings), "postgresql", label, unknown=unknown)
