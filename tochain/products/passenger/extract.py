"""Passenger Standalone: the Passengerfile.json of an application."""

from __future__ import annotations

import re

from tochain.formats.jsonfile import parse_json
from tochain.model.component import Address
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, known_settings
from tochain.products.programs import Program
from tochain.products.trees import rooted, take

__all__ = ["read"]

PRODUCT = "passenger"
PROGRAM = Program(re.compile(r"passenger.*"), frozenset({"passenger"}))


def read(ctx: Context) -> Extract:
    """One server for each workload or file."""
    found = []
    names = {name.removeprefix("passenger_"): name for name in known_settings(PRODUCT) if name.startswith("passenger_")}
    for source, root in rooted(ctx, parse_json, lambda root: root.kind == "mapping"):
        port, socket = root.value("port", default="3000"), root.value("socket_file")
        listens = [Address(socket=socket)] if socket else [Address(port=int(port))] if port.isdecimal() else []
        found.append(Found(source, take(root, names), listens=listens))
    return Extract(components(ctx, found, PRODUCT, PROGRAM, protocol="http", port=3000))
