"""Quarkus applications: the HTTP server, the pool of each data source, and the REST clients."""

from __future__ import annotations

import re
from dataclasses import replace

from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.version import ANY
from tochain.products.base import Context, Extract
from tochain.products.dsn import Dsn, driver_of, driver_settings, dsn_link, dsn_link_with_timers, parse_dsn
from tochain.products.javaconfig import View, applications, environment, owners, relaxed, settings, version_in_build
from tochain.products.programs import image_name

__all__ = ["read"]

PRODUCT = "quarkus"
_VERSIONS = (
    re.compile(r"<quarkus\.platform\.version>(\d[\w.]*)<"),
    re.compile(r"quarkusPlatformVersion\s*=\s*(\d[\w.]*)"),
)
_CLIENT = re.compile(
    r'(?:%prod\.)?quarkus\.rest-client\."?([^"]+?)"?\.(url|uri|connect-timeout|read-timeout|connection-ttl)'
)

_OF_POOLS = ("quarkus.datasource.", "quarkus.transaction-manager.")
_URLS = ("quarkusdatasource", "quarkusmongodb", "quarkusredis")


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
    known = {component.workload for component in extract.components}
    for workload in ctx.workloads:
        if workload.key not in known and _set_by_variables(workload):
            extract.components += _components(_started(workload), {}, workload)
    return extract


def _set_by_variables(workload: Workload) -> bool:
    """Whether a workload without files of its own is told to be Quarkus, and is no product built from it."""
    image = image_name(workload.image) if workload.image is not None else ""
    told = any(item.name.upper().startswith(("QUARKUS_", "QUARKUS.")) for item in environment(workload).values())
    return told and "keycloak" not in image and not any(word.text.endswith("kc.sh") for word in workload.command[:2])


def _started(workload: Workload) -> Component:
    return Component(
        f"{PRODUCT}:{workload.key}", workload.name, PRODUCT, workload.span, scope=workload.scope, names=workload.names,
        protocol="http", workload=workload.key, files=(workload.span.path,),
    )  # fmt: skip


def _components(base: Component, view: View, owner: Workload | None) -> list[Component]:
    view = {**view, **(environment(owner) if owner is not None else {})}
    port = view.get(relaxed("quarkus.http.port"))
    listens = (Address(port=int(port.text) if port is not None and port.text.isdecimal() else 8080),)
    own = settings(view, PRODUCT)
    pooled = {name: given for name, given in own.items() if name.startswith(_OF_POOLS)}
    asked = {name: given for name, given in own.items() if name.startswith("quarkus.rest-client.")}
    server = {name: given for name, given in own.items() if name not in pooled}
    found = [replace(base, settings=server, listens=listens, links=tuple(_rest(view, asked)))]
    links = []
    for item in view.values():
        dsn = parse_dsn(item.text, item.span) if relaxed(item.name).startswith(_URLS) else None
        if dsn is not None and "datasource" in relaxed(item.name):
            links.append(dsn_link_with_timers(dsn, "", pooled, always=dsn.scheme.startswith("jdbc:"))[0])
        elif dsn is not None:
            found.append(_client(base, dsn))
    if links:
        pool = replace(
            base, key=f"{base.key}#agroal", kind="client", variant="agroal", settings=pooled, names=(), protocol=""
        )
        found.append(replace(pool, links=tuple(links)))
    return found


def _client(base: Component, dsn: Dsn) -> Component:
    """A client of the driver that a URL stands for."""
    own, product = driver_settings(dsn), driver_of(dsn)
    return replace(
        base, key=f"{base.key}#{product}", product=product, kind="client", variant=dsn.variant, settings=own, names=(),
        span=dsn.span, versions=ANY, links=(dsn_link(dsn, "", own),), protocol="",
    )  # fmt: skip


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
