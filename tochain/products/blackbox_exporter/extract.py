"""blackbox.yml: the exporter with the timeout of each of its modules."""

from __future__ import annotations

import re

from tochain.formats.yamlfile import parse
from tochain.model.component import Address
from tochain.model.fact import Settings
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components
from tochain.products.programs import Program
from tochain.products.trees import rooted, take

__all__ = ["read"]

PRODUCT = "blackbox-exporter"
PROGRAM = Program(re.compile(r"blackbox[-_]exporter"), frozenset({"blackbox_exporter"}))


def read(ctx: Context) -> Extract:
    """One exporter for each workload or file."""
    found = []
    for source, root in rooted(ctx, parse, lambda root: any(node.value("prober") for _, node in root.pairs("modules"))):
        settings: Settings = {}
        for name, node in root.pairs("modules"):
            for key, group in take(node, ("timeout",), scope=f"module {name.text}").items():
                settings[key] = (*settings.get(key, ()), *group)
        found.append(Found(source, settings, listens=(Address(port=9115),)))
    return Extract(components(ctx, found, PRODUCT, PROGRAM, kind="monitor", protocol="http"))
