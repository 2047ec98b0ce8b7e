"""curl: the options of a .curlrc, with or without dashes, `=` or a blank between name and value."""

from __future__ import annotations

import re

from tochain.model.component import Component, Link
from tochain.model.fact import Setting, Settings
from tochain.products.base import Context, Extract
from tochain.products.dsn import dsn_link, parse_dsn
from tochain.products.flat import known_settings
from tochain.products.scopes import folder_scope

__all__ = ["read"]

PRODUCT = "curl"
_LINE = re.compile(
    r"(?m)^[ \t]*(?P<name>-{0,2}[A-Za-z][\w-]*)(?:[ \t]*[=:][ \t]*|[ \t]+)(?P<value>\"[^\"\n]*\"|[^\s#]+)"
)


def read(ctx: Context) -> Extract:
    """One client for each file; a proxy it names is where it connects to."""
    extract = Extract()
    known = known_settings(PRODUCT)
    for source in ctx.files:
        ctx.understood(source.path)
        settings: Settings = {}
        links: list[Link] = []
        for found in _LINE.finditer(source.text):
            bare, text = found["name"].lstrip("-"), found["value"].strip('"')
            name = next((n for n in (found["name"], f"--{bare}", bare) if n in known), None)
            if name is not None:
                settings[name] = (Setting(name, text, source.span(found.start("name"), found.end())),)
            elif bare in ("url", "proxy", "x", "preproxy", "socks5", "socks5-hostname"):
                url = text if "://" in text else f"{'socks5' if bare.startswith('socks') else 'http'}://{text}"
                dsn = parse_dsn(url, source.span(found.start("value"), found.end("value")))
                links += [dsn_link(dsn, bare)] if dsn is not None else []
        extract.components.append(
            Component(
                f"{PRODUCT}:{source.path}", PRODUCT, PRODUCT, source.whole_line(1), "client",
                scope=folder_scope(source.path), settings=settings, protocol="http", files=(source.path,),
                links=tuple(link if link.settings else _with(link, settings) for link in links),
            )
        )  # fmt: skip
    return extract


def _with(link: Link, settings: Settings) -> Link:
    return Link(link.target, link.span, settings, link.protocol, link.label, link.via, link.unknown)
