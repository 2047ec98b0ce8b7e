"""Prisma: the datasource of a schema, with the limits that its URL sets."""

from __future__ import annotations

import re

from tochain.model.component import Component, Link, Word, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile
from tochain.model.version import Versions
from tochain.products.base import Context, Extract
from tochain.products.dsn import Dsn, dsn_link, parse_dsn
from tochain.products.flat import known_settings
from tochain.products.patterns import Patterns
from tochain.products.pins import Pins
from tochain.products.programs import built_from

__all__ = ["read"]

PRODUCT = "prisma"
_PACKAGES = Patterns(PRODUCT, (), {"npm": ("@prisma/client", "prisma")})
_SOURCE = re.compile(r"(?m)^[ \t]*datasource[ \t]+\w+[ \t]*\{(?P<body>[^}]*)\}")
_URL = re.compile(r"(?m)^[ \t]*url[ \t]*=[ \t]*(?:env\([ \t]*\"(?P<variable>\w+)\"[ \t]*\)|\"(?P<text>[^\"\n]*)\")")


def read(ctx: Context) -> Extract:
    """A pool for each datasource whose URL is written, or is in the environment of the program built there."""
    extract, pins = Extract(), Pins(ctx)
    for source in ctx.files:
        for block in _SOURCE.finditer(source.text):
            ctx.understood(source.path)
            owner = built_from(ctx.workloads, source.path)
            word = _word(source, block, owner)
            dsn = parse_dsn(word.text, word.span) if word is not None else None
            if dsn is not None:
                versions = pins.versions(_PACKAGES, source.path, owner)
                extract.components.append(_pool(source, dsn, owner, pins.project(source.path), versions))
    return extract


def _word(source: SourceFile, block: re.Match[str], owner: Workload | None) -> Word | None:
    found = _URL.search(source.text, block.start("body"), block.end("body"))
    if found is None:
        return None
    if found["variable"]:
        return owner.env.get(found["variable"]) if owner is not None else None
    return Word(found["text"], source.span(found.start("text"), found.end("text")))


def _pool(source: SourceFile, dsn: Dsn, owner: Workload | None, project: str, versions: Versions) -> Component:
    settings: Settings = {
        name: (Setting(name, word.text, word.span),)
        for name, word in dsn.params.items()
        if name in known_settings(PRODUCT)
    }
    link: Link = dsn_link(dsn, "datasource", settings)
    return Component(
        f"{PRODUCT}:{source.path}", owner.name if owner else PRODUCT, PRODUCT, dsn.span, "pool", versions,
        scope=owner.scope if owner else f"dir:{project}", settings=settings, links=(link,), protocol=link.protocol,
        workload=owner.key if owner else "", files=(source.path,), part_of="" if owner else f"code:{project}",
    )  # fmt: skip
