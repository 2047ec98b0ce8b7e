"""ProxySQL: the variables of proxysql.cnf, its listeners, and a link for each server of its host groups."""

from __future__ import annotations

import re

from tochain.model.component import Address, Link
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, known_settings
from tochain.products.groups import grouped
from tochain.products.programs import Program

__all__ = ["read"]

PRODUCT = "proxysql"
PROGRAM = Program(re.compile(r"proxysql.*"), frozenset({"proxysql"}))


def read(ctx: Context) -> Extract:
    """One proxy for each workload or file."""
    found = [_found(source) for source in ctx.files]
    for one in found:
        ctx.understood(one.source.path)
    return Extract(components(ctx, found, PRODUCT, PROGRAM, kind="proxy", protocol="mysql", port=6033))


def _found(source: SourceFile) -> Found:
    settings: Settings = {}
    listens: list[Address] = []
    servers: list[dict[str, tuple[str, Span]]] = []
    known = known_settings(PRODUCT)
    for path, key, value, span in grouped(source):
        if path[:1] == ("mysql_variables",):
            name = f"mysql-{key}"
            if key == "interfaces":
                listens = [Address(port=int(port)) for port in re.findall(r":(\d{1,5})(?=[;\s]|$)", value)]
            elif name in known:
                settings[name] = (Setting(name, value, span),)
        elif path[:1] == ("mysql_servers",) and len(path) > 1:
            at = int(path[1])
            servers += [{} for _ in range(at + 1 - len(servers))]
            servers[at][key] = (value, span)
    return Found(
        source,
        settings,
        listens=listens,
        links=[_link(server) for server in servers if "address" in server or "hostname" in server],
    )


def _link(server: dict[str, tuple[str, Span]]) -> Link:
    host, span = server.get("address") or server["hostname"]
    port = server.get("port", ("3306", span))[0]
    group = server.get("hostgroup", server.get("hostgroup_id", ("0", span)))[0]
    target = Address(host, int(port) if port.isdecimal() else 3306)
    return Link(target, span, protocol="mysql", label=f"hostgroup {group}")
