"""mongod and mongos: the YAML of a mongod.conf, for the address it listens on."""

from __future__ import annotations

import re

from tochain.formats.tree import Node
from tochain.formats.yamlfile import parse
from tochain.model.component import Address
from tochain.products.base import Context, Extract
from tochain.products.configmaps import inputs
from tochain.products.flat import Found, components
from tochain.products.programs import Program
from tochain.products.trees import document, take, tell

__all__ = ["read"]

PRODUCT = "mongod"
PROGRAM = Program(
    re.compile(r"mongo|mongodb|percona-server-mongodb|mongodb-(community|enterprise)-server|.*-mongodb"),
    frozenset({"mongod", "mongos"}),
)
_PARTS = ("net", "storage", "systemLog", "replication", "sharding", "setParameter", "processManagement")


def read(ctx: Context) -> Extract:
    """One database for each workload or file."""
    found = []
    for path, source in inputs(ctx, PROGRAM.of(ctx.workloads), (".conf", ".yml", ".yaml", ".j2")):
        tree = document(ctx, source, path) if path != source.path else ctx.parsed(source, parse)
        root = tree.roots[0] if tree.roots else None
        if root is None or not any(root.get(part) is not None for part in _PARTS):
            continue
        ctx.understood(source.path)
        tell(ctx, tree)
        settings = take(root, ["setParameter.defaultMaxTimeMS.readOperations"])
        found.append(Found(source, settings, listens=_listens(root), path=path))
    return Extract(components(ctx, found, PRODUCT, PROGRAM, kind="database", protocol="mongodb", port=27017))


def _listens(root: Node) -> list[Address]:
    port = root.value("net", "port", default="27017")
    return [Address(port=int(port))] if port.isdecimal() else []
