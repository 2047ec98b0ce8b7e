"""Hypercorn: a TOML file of its settings."""

from __future__ import annotations

import re

from tochain.formats.tomlfile import parse_toml
from tochain.model.component import Address
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, known_settings
from tochain.products.programs import Program
from tochain.products.trees import rooted, take

__all__ = ["read"]

PRODUCT = "hypercorn"
PROGRAM = Program(re.compile(r"hypercorn"), frozenset({"hypercorn"}))


def read(ctx: Context) -> Extract:
    """One server for each workload or file."""
    found = []
    for source, root in rooted(ctx, parse_toml, lambda _: True):
        names = [name for name in known_settings(PRODUCT) if not name.startswith("-")]
        binds = [node.text for node in root.each("bind") if node.kind == "scalar"]
        found.append(
            Found(source, take(root, names), listens=[a for text in binds if (a := _address(text)) is not None])
        )
    return Extract(components(ctx, found, PRODUCT, PROGRAM, protocol="http", port=8000))


def _address(text: str) -> Address | None:
    if text.startswith("unix:"):
        return Address(socket=text.removeprefix("unix:"))
    host, _, port = text.rpartition(":")
    return Address(host, int(port)) if port.isdecimal() else None
