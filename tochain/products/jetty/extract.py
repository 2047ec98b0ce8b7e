"""Jetty: the properties of start.ini and start.d."""

from __future__ import annotations

import re

from tochain.model.component import Address
from tochain.model.fact import Setting, Settings
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, known_settings
from tochain.products.programs import Program

__all__ = ["read"]

PRODUCT = "jetty"
PROGRAM = Program(re.compile(r"jetty"), frozenset({"jetty.sh"}))
_LINE = re.compile(r"(?m)^[ \t]*(?:-D)?(?P<name>jetty\.[\w.]+)[ \t]*[?+]?=[ \t]*(?P<value>[^\s#]+)")


def read(ctx: Context) -> Extract:
    """One server for each workload or file."""
    found = []
    known = known_settings(PRODUCT)
    for source in ctx.files:
        ctx.understood(source.path)
        settings: Settings = {}
        ports: list[int] = []
        for line in _LINE.finditer(source.text):
            if line["name"] in known:
                span = source.span(line.start("name"), line.end())
                settings[line["name"]] = (Setting(line["name"], line["value"], span),)
            elif line["name"] in ("jetty.http.port", "jetty.ssl.port") and line["value"].isdigit():
                ports.append(int(line["value"]))
        if settings or ports:
            found.append(Found(source, settings, listens=[Address(port=port) for port in ports]))
    return Extract(components(ctx, found, PRODUCT, PROGRAM, protocol="http", port=8080))
