"""Cilium: the connection tracking timeouts of the agent's ConfigMap."""

from __future__ import annotations

from tochain.model.component import Component
from tochain.model.fact import Setting, Settings
from tochain.products.base import Context, Extract
from tochain.products.facts import load
from tochain.products.kubeobjects import objects, scope

__all__ = ["read"]

_FLOWS = "bpf-ct-timeout-"
"""Of the agent's settings those of the box; the others are its Envoy's, which no hop is known to pass."""


def read(ctx: Context) -> Extract:
    """One box for the agent whose configuration was found."""
    known = load("cilium")
    rows = known.settings if known else ()
    names = {name: row.setting for row in rows for name in (row.setting, *row.aliases) if name.startswith(_FLOWS)}
    found = []
    for thing in objects(ctx, "ConfigMap"):
        if thing.name != "cilium-config":
            continue
        settings: Settings = {
            names[key.text]: (Setting(names[key.text], value.text, value.span),)
            for key, value in thing.node.pairs("data")
            if key.text in names and value.kind == "scalar"
        }
        found.append(
            Component(
                f"cilium:{thing.source.path}", "cilium", "cilium", thing.span, "box", scope=scope(thing.namespace),
                settings=settings, files=(thing.source.path,),
            )
        )  # fmt: skip
    return Extract(found)
