"""Vault: the listeners and lease limits of a vault.hcl or of its JSON form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tochain.formats.hclfile import parse_hcl
from tochain.formats.jsonfile import parse_json
from tochain.formats.tree import Document, Node
from tochain.model.component import Address
from tochain.model.fact import Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.configmaps import EMBEDDED, inputs
from tochain.products.flat import Found, components
from tochain.products.programs import Program
from tochain.products.trees import take, tell

__all__ = ["read"]

PRODUCT = "hashicorp-vault"
PROGRAM = Program(re.compile(r"vault(-enterprise)?|openbao"), frozenset({"vault", "bao"}))
_TOP = ("default_lease_ttl", "max_lease_ttl", "default_max_request_duration")
_LISTENER = (
    "http_idle_timeout", "http_read_header_timeout", "http_read_timeout", "http_write_timeout", "max_request_duration",
)  # fmt: skip


def read(ctx: Context) -> Extract:
    """One component for each listener, for each workload that starts with the file."""
    found = []
    for path, source in inputs(ctx, PROGRAM.of(ctx.workloads), (".hcl", ".json")):
        document = _document(ctx, path, source)
        root = document.roots[0] if document.roots else None
        listeners = list(_listeners(root)) if root is not None else []
        if root is None or not listeners:
            continue
        ctx.understood(source.path)
        tell(ctx, document)
        top = take(root, _TOP)
        found += [_found(source, path, node, top, at) for at, node in enumerate(listeners)]
    return Extract(components(ctx, found, PRODUCT, PROGRAM, kind="server", protocol="http", port=8200))


def _document(ctx: Context, path: str, source: SourceFile) -> Document:
    parse = parse_json if path.endswith(".json") else parse_hcl
    return parse(source) if EMBEDDED in path else ctx.parsed(source, parse)


def _listeners(root: Node) -> Iterator[Node]:
    """The TCP listeners: labelled blocks, one mapping, or a list of them."""
    for block in root.all("listener"):
        for item in block.elements or [block]:
            for inner in item.all("tcp") or ([item] if item.get("address") is not None else []):
                yield from inner.elements or [inner]


def _found(source: SourceFile, path: str, node: Node, top: Settings, at: int) -> Found:
    host, _, port = node.value("address", default="127.0.0.1:8200").rpartition(":")
    host = "" if host in ("0.0.0.0", "[::]") else host.strip("[]")  # noqa: S104 - compared with, never bound
    listens = (Address(host, int(port)),) if port.isdecimal() else ()
    settings = {**top, **take(node, _LISTENER)}
    if "max_request_duration" in settings:
        settings.pop("default_max_request_duration", None)
    span = source.whole_line(node.span.start.line) if node.span.path == source.path else node.span
    return Found(source, settings, span, listens, part=str(at) if at else "", path=path)
