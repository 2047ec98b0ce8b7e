"""Uptime Kuma: the monitors of a backup file of 1.x, each with a link to what it watches."""

from __future__ import annotations

from tochain.formats.jsonfile import parse_json
from tochain.formats.tree import Node
from tochain.model.component import Address, Component, Link
from tochain.model.span import SourceFile
from tochain.model.version import parse_versions
from tochain.products.base import Context, Extract
from tochain.products.dsn import dsn_link, parse_dsn
from tochain.products.scopes import folder_scope
from tochain.products.trees import rooted, take

__all__ = ["read"]

PRODUCT = "uptime-kuma"
_SETTINGS = ("interval", "timeout", "maxretries", "retryInterval")


def read(ctx: Context) -> Extract:
    """One monitor for each entry of monitorList."""
    extract = Extract()
    for source, root in rooted(ctx, parse_json, lambda root: root.get("monitorList")):
        for node in root.each("monitorList"):
            if node.kind == "mapping":
                extract.components.append(_monitor(source, root, node))
    return extract


def _monitor(source: SourceFile, root: Node, node: Node) -> Component:
    settings = take(node, _SETTINGS)
    port = node.value("type") == "port"
    if port or (settings.get("timeout", ()) and settings["timeout"][0].text == "0"):
        settings.pop("timeout", None)
    name = node.get("name")
    link = _link(node, port=port)
    return Component(
        f"{PRODUCT}:{source.path}#{node.value('id') or node.span.start.line}", node.value("name") or PRODUCT, PRODUCT,
        name.span if name is not None else node.span, "monitor", parse_versions(node_version(root)),
        "port" if port else None, folder_scope(source.path), settings, links=(link,) if link is not None else (),
        files=(source.path,),
    )  # fmt: skip


def node_version(root: Node) -> str:
    """The version that wrote the backup; "" when it does not say."""
    text = root.value("version")
    return text if text[:1].isdecimal() else ""


def _link(node: Node, *, port: bool) -> Link | None:
    url, host = node.get("databaseConnectionString") or node.get("url"), node.get("hostname")
    if port and host is not None and host.text and node.value("port").isdecimal():
        return Link(Address(host.text, int(node.value("port"))), host.span, protocol="tcp")
    dsn = parse_dsn(url.text, url.span) if url is not None and url.kind == "scalar" else None
    return dsn_link(dsn) if dsn is not None and dsn.host else None
