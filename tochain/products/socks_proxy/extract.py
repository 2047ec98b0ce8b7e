"""Dante: the timeouts and the address of a sockd.conf."""

from __future__ import annotations

import re

from tochain.model.component import Address
from tochain.model.fact import Setting, Settings
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, known_settings
from tochain.products.programs import Program

__all__ = ["read"]

PRODUCT = "socks-proxy"
PROGRAM = Program(re.compile(r"dante.*|sockd|.*-dante"), frozenset({"sockd", "danted"}))
_LINE = re.compile(r"(?m)^[ \t]*(?P<name>timeout\.[\w.]+)[ \t]*:[ \t]*(?P<value>[^\s#]+)")
_PORT = re.compile(r"(?m)^[ \t]*internal[ \t]*:[^\n#]*\bport[ \t]*=[ \t]*(\d{1,5})")


def read(ctx: Context) -> Extract:
    """One proxy for each workload or file."""
    found = []
    known = known_settings(PRODUCT)
    for source in ctx.files:
        ctx.understood(source.path)
        settings: Settings = {}
        for line in _LINE.finditer(source.text):
            if line["name"] in known:
                span = source.span(line.start("name"), line.end())
                settings[line["name"]] = (Setting(line["name"], line["value"], span),)
        port = _PORT.search(source.text)
        listens = (Address(port=int(port[1]) if port else 1080),)
        found.append(Found(source, settings, listens=listens, variant="dante"))
    return Extract(components(ctx, found, PRODUCT, PROGRAM, kind="proxy", protocol="socks"))
