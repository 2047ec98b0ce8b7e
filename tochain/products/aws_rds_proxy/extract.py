"""Amazon RDS Proxy, from Terraform and CloudFormation."""

from __future__ import annotations

from tochain.model.component import Address, Component, Link
from tochain.products.base import Context, Extract
from tochain.products.cloud import Resource, Value, View, address, link, made, settings, view

__all__ = ["read"]

_POOL = {
    "connection_pool_config.connection_borrow_timeout": "ConnectionPoolConfig.ConnectionBorrowTimeout",
    "connection_pool_configuration_info.connection_borrow_timeout": "ConnectionPoolConfig.ConnectionBorrowTimeout",
}
_PORTS = {"POSTGRESQL": ("postgresql", 5432), "MYSQL": ("mysql", 3306)}


def read(ctx: Context) -> Extract:
    """One pool for each proxy, a link to the database it stands in front of."""
    found = view(ctx)
    return Extract([_component(found, resource) for resource in found.of("aws_db_proxy")])


def _component(found: View, resource: Resource) -> Component:
    own = settings(resource.value, {"idle_client_timeout": "IdleClientTimeout"})
    protocol, port = _PORTS.get(resource.value.known("engine_family").upper(), ("", 0))
    links: list[Link] = []
    for group in found.of("aws_db_proxy_default_target_group", "aws_db_proxy_target"):
        if resource not in found.mentioned(group.value.get("db_proxy_name"), resource.kind):
            continue
        own |= settings(group.value, _POOL)
        links += [_link(found, value, protocol, port) for value in _databases(group)]
    return made(resource, "pool", own, links, listens=[port] if port else [], protocol=protocol)


def _databases(group: Resource) -> list[Value]:
    names = ("db_instance_identifier", "db_cluster_identifier", "db_instance_identifiers", "db_cluster_identifiers")
    return [value for name in names for value in group.value.each(name)]


def _link(found: View, value: Value, protocol: str, port: int) -> Link:
    known = address(found, value, port or None)
    database = next(iter(found.mentioned(value)), None)
    if database is not None and (known is None or not known.ref):
        reason = f"the limits of {database.address} are not in these files"
        return Link(Address(database.address, port or None), value.span, {}, protocol, unknown=reason)
    return link(known, value, {}, protocol)
