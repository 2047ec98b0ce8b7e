"""Heroku: the router in front of the web process of an app that its own files describe."""

from __future__ import annotations

from pathlib import PurePosixPath

from tochain.model.component import Address, Component, Link, Workload
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.scopes import folder_scope

__all__ = ["read"]

PRODUCT = "heroku"


def read(ctx: Context) -> Extract:
    """One router for each folder with an app.json or heroku.yml, with a link to the web process of its Procfile."""
    extract = Extract()
    for source in ctx.files:
        if any(c.scope == folder_scope(source.path) for c in extract.components):
            continue
        ctx.understood(source.path, PRODUCT)
        extract.components.append(_router(source, ctx.workloads))
    return extract


def _router(source: SourceFile, workloads: tuple[Workload, ...]) -> Component:
    span = source.whole_line(1)
    folder = str(PurePosixPath(source.path).parent)
    web = [w for w in workloads if w.key.startswith("procfile:") and w.name == "web" and _beside(w, folder)]
    links = tuple(Link(Address(ref=w.key), w.span, {}, "http", "web process") for w in web)
    return Component(
        f"{PRODUCT}:{source.path}",
        PRODUCT,
        PRODUCT,
        span,
        "proxy",
        scope=folder_scope(source.path),
        listens=(Address(port=443),),
        links=links,
        protocol="http",
        files=(source.path,),
    )


def _beside(workload: Workload, folder: str) -> bool:
    """Whether a process stands in the Procfile of a folder: Heroku reads no file of another name."""
    path = PurePosixPath(workload.span.path)
    return path.name == "Procfile" and str(path.parent) == folder
