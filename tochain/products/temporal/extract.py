"""Temporal: the dynamic configuration of its frontend, and the static one for its port and database."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tochain.formats.tree import Node
from tochain.formats.yamlfile import parse
from tochain.model.component import Address, Link
from tochain.model.fact import Setting, Settings
from tochain.model.span import Span
from tochain.products.base import Context, Extract
from tochain.products.configmaps import inputs
from tochain.products.facts import TEMPLATE
from tochain.products.flat import Found, components, known_settings
from tochain.products.programs import Program
from tochain.products.trees import document, tell

__all__ = ["read"]

PRODUCT = "temporal"
PROGRAM = Program(re.compile(r"auto-setup|temporal(-server)?"), frozenset({"temporal-server", "temporal"}))
_PLUGINS = {"mysql": ("mysql", 3306), "postgres": ("postgresql", 5432)}


def read(ctx: Context) -> Extract:
    """One frontend for each workload or file."""
    found = []
    for path, source in inputs(ctx, PROGRAM.of(ctx.workloads), (".yml", ".yaml")):
        tree = document(ctx, source, path) if path != source.path else ctx.parsed(source, parse)
        root = tree.roots[0] if tree.roots else None
        settings = _dynamic(root) if root is not None else {}
        frontend = root.get("services", "frontend", "rpc") if root is not None else None
        if root is None or not (settings or frontend is not None):
            continue
        ctx.understood(source.path)
        tell(ctx, tree)
        port = frontend.value("grpcPort") if frontend is not None else ""
        listens = [Address(port=int(port))] if port.isdecimal() else []
        found.append(Found(source, settings, listens=listens, links=list(_databases(root)), path=path))
    return Extract(components(ctx, found, PRODUCT, PROGRAM, kind="broker", protocol="grpc", port=7233))


def _dynamic(root: Node) -> Settings:
    """What holds everywhere: the values without constraints."""
    found: Settings = {}
    for key, value in root.entries:
        for item in value.elements if key.text in known_settings(PRODUCT) else ():
            node = item.get("value")
            if node is not None and node.kind == "scalar" and not item.pairs("constraints"):
                span = Span(node.span.path, key.span.start, key.span.end)
                found[key.text] = (Setting(key.text, node.text, span),)
    return found


def _databases(root: Node) -> Iterator[Link]:
    for key, store in root.pairs("persistence", "datastores"):
        address = store.get("sql", "connectAddr")
        kind = next(
            (kind for name, kind in _PLUGINS.items() if store.value("sql", "pluginName").startswith(name)), None
        )
        if address is None or kind is None or address.kind != "scalar":
            continue
        host, _, port = address.text.rpartition(":")
        unknown = f"filled in later: {address.text[:60]}" if TEMPLATE.search(address.text) else ""
        target = Address() if unknown else Address(host or address.text, int(port) if port.isdecimal() else kind[1])
        yield Link(target, address.span, protocol=kind[0], label=f"data store {key.text}", unknown=unknown)
