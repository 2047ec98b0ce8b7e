"""Quarkus applications: the HTTP server, the pool of each data source, and the REST clients."""

from __future__ import annotations

import re
from dataclasses import replace

from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.products.base import Context, Extract
from tochain.products.dsn import dsn_link, dsn_link_with_timers, parse_dsn
from tochain.products.javaconfig import View, applications, environment, owners, relaxed, settings, version_in_build

__all__ = ["read"]

PRODUCT = "quarkus"
_VERSIONS = (
    re.compile(r"<quarkus\.platform\.version>(\d[\w.]*)<"),
    re.compile(r"quarkusPlatformVersion\s*=\s*(\d[\w.]*)"),
)
_CLIENT = re.compile(
    r'(?:%prod\.)?quarkus\.rest-client\."?([^"]+?)"?\.(url|uri|connect-timeout|read-timeout|connection-ttl)'
)


def read(ctx: Context) -> Extract:
    """One server for each application and workload, with its data sources as clients."""
    extract = Extract()
    for name, folder, view, source in applications(ctx, "quarkus."):
        for owner in owners(ctx, name, folder) or (None,):
            base = Component(
                f"{PRODUCT}:{owner.key if owner else folder or '.'}", owner.name if owner else name or PRODUCT, PRODUCT,
                source.whole_line(1), versions=version_in_build(ctx, folder, _VERSIONS),
                scope=owner.scope if owner else f"dir:{folder}", names=owner.names if owner else (), protocol="http",
                workload=owner.key if owner else "", files=(source.path,), part_of="" if owner else f"code:{folder}",
            )  # fmt: skip
            extract.components += _components(base, view, owner)
    return extract


def _components(base: Component, view: View, owner: Workload | None) -> list[Component]:
    view = {**view, **(environment(owner) if owner is not None else {})}
    port = view.get(relaxed("quarkus.http.port"))
    listens = (Address(port=int(port.text) if port is not None and port.text.isdigit() else 8080),)
    own = settings(view, PRODUCT)
    server = replace(base, settings=own, listens=listens, links=tuple(_rest(view, own)))
    links = []
    for item in view.values():
        dsn = parse_dsn(item.text, item.span) if "datasource" in item.name.lower().replace("-", "") else None
        if dsn is not None:
            links.append(dsn_link_with_timers(dsn, "", own, always=dsn.scheme.startswith("jdbc:"))[0])
    if not links:
        return [server]
    pool = replace(
        base,
        key=f"{base.key}#agroal",
        kind="client",
        variant="agroal",
        settings=own,
        links=tuple(links),
        names=(),
        protocol="",
    )
    return [server, pool]


def _rest(view: View, own: Settings) -> list[Link]:
    """A link for each REST client with a URL; its own times over those of all."""
    urls = {}
    times: dict[str, Settings] = {}
    for item in view.values():
        found = _CLIENT.fullmatch(item.name)
        if found and found[2] in ("url", "uri"):
            urls[found[1]] = item
        elif found:
            name = f"quarkus.rest-client.{found[2]}"
            times.setdefault(found[1], {})[name] = (Setting(name, item.text, item.span),)
    links = []
    for name, item in urls.items():
        dsn = parse_dsn(item.text, item.span)
        if dsn is not None:
            links.append(dsn_link(dsn, f"rest client {name}", {**own, **times.get(name, {})}))
    return links
