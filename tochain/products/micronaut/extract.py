"""Micronaut applications: the HTTP server and the client's times from application.yml or .properties."""

from __future__ import annotations

import re

from tochain.model.component import Address, Component
from tochain.products.base import Context, Extract
from tochain.products.dsn import dsn_link, parse_dsn
from tochain.products.javaconfig import applications, environment, owners, relaxed, settings, version_in_build

__all__ = ["read"]

PRODUCT = "micronaut"
_VERSIONS = (re.compile(r"<micronaut\.version>(\d[\w.]*)<"), re.compile(r"micronautVersion\s*=\s*(\d[\w.]*)"))


def read(ctx: Context) -> Extract:
    """One server for each application and workload; services with URLs are its links."""
    extract = Extract()
    for name, folder, read_view, source in applications(ctx, "micronaut."):
        for owner in owners(ctx, name, folder) or (None,):
            view = {**read_view, **(environment(owner) if owner is not None else {})}
            port = view.get(relaxed("micronaut.server.port"))
            own = settings(view, PRODUCT)
            urls = [item for item in view.values() if re.match(r"micronaut\.http\.services\.[\w-]+\.url", item.name)]
            dsns = [dsn for item in urls if (dsn := parse_dsn(item.text, item.span)) is not None]
            extract.components.append(
                Component(
                    f"{PRODUCT}:{owner.key if owner else folder or '.'}",
                    owner.name if owner else name or PRODUCT,
                    PRODUCT,
                    source.whole_line(1),
                    versions=version_in_build(ctx, folder, _VERSIONS),
                    settings=own,
                    listens=(Address(port=int(port.text) if port is not None and port.text.isdecimal() else 8080),),
                    scope=owner.scope if owner else f"dir:{folder}",
                    names=owner.names if owner else (),
                    protocol="http",
                    workload=owner.key if owner else "",
                    files=(source.path,),
                    part_of="" if owner else f"code:{folder}",
                    links=tuple(dsn_link(dsn, "service", own) for dsn in dsns),
                )
            )
    return extract
