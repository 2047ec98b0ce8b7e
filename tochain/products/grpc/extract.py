"""gRPC's service config as a JSON file: the deadline and the retries of each group of methods."""

from __future__ import annotations

from collections.abc import Iterator

from tochain.formats.jsonfile import parse_json
from tochain.formats.tree import Node
from tochain.model.component import Address, Component, Link
from tochain.model.fact import Setting
from tochain.model.limit import Word
from tochain.products.base import Context, Extract
from tochain.products.pins import Pins
from tochain.products.programs import built_from
from tochain.products.trees import place, take, tell

__all__ = ["read"]

PRODUCT = "grpc"
_SETTINGS = {
    "timeout": "deadline", "retryPolicy.maxAttempts": "retryPolicy.maxAttempts",
    "retryPolicy.initialBackoff": "retryPolicy.initialBackoff",
}  # fmt: skip

_CODES = "retryPolicy.retryableStatusCodes"
_REFUSED = frozenset({"UNAVAILABLE", "RESOURCE_EXHAUSTED", "ABORTED"})
"""What a server or a connection says at once: nobody has waited for it."""


def read(ctx: Context) -> Extract:
    """One client for each file, with a link for each entry of methodConfig."""
    extract, pins = Extract(), Pins(ctx)
    for source in ctx.files:
        document = ctx.parsed(source, parse_json)
        root = document.roots[0] if document.roots else None
        entries = root.each("methodConfig") if root is not None and root.kind == "mapping" else []
        if root is None or not entries:
            continue
        ctx.understood(source.path)
        tell(ctx, document)
        owner = built_from(ctx.workloads, source.path)
        project = pins.project(source.path)
        extract.components.append(
            Component(
                f"{PRODUCT}:{source.path}", owner.name if owner else PRODUCT, PRODUCT, place(root, "methodConfig"), "client",
                variant="service-config", scope=owner.scope if owner else f"dir:{project}", links=tuple(_links(entries)),
                protocol="grpc", workload=owner.key if owner else "", files=(source.path,),
                part_of="" if owner else f"code:{project}",
            )
        )  # fmt: skip
    return extract


def _links(entries: list[Node]) -> Iterator[Link]:
    for node in entries:
        settings = take(node, _SETTINGS)
        codes = node.get("retryPolicy", "retryableStatusCodes")
        if codes is not None and _REFUSED.issuperset(code.text for code in codes.elements):
            settings[_CODES] = (Setting(_CODES, "", codes.span, limit=Word("refused")),)
        if settings:
            names = ", ".join(_name(name) for name in node.each("name")) or "all methods"
            unknown = "its address is not said in this file"
            yield Link(Address(), node.span, settings, "grpc", names, unknown=unknown)


def _name(node: Node) -> str:
    parts = [node.value(key) for key in ("service", "method") if node.value(key)]
    return "/".join(parts) or "all methods"
