"""Managed databases: the engine a cloud runs, with the parameters its groups and flags set."""

from __future__ import annotations

from collections.abc import Iterator

from tochain.model.component import Component
from tochain.model.fact import Settings
from tochain.model.version import ANY, Versions, parse_versions
from tochain.products.cloud import Resource, Value, View, made, number, product_of, setting

__all__ = ["databases"]

_PORTS = {"mysql": 3306, "mariadb": 3306, "postgresql": 5432, "aws-elasticache": 6379}
_KINDS = (
    "aws_db_instance",
    "aws_rds_cluster",
    "google_sql_database_instance",
    "aws_elasticache_cluster",
    "aws_elasticache_replication_group",
)
_GROUPS = {
    "parameter_group_name": ("aws_db_parameter_group", "aws_elasticache_parameter_group"),
    "db_parameter_group_name": ("aws_db_parameter_group",),
    "cache_parameter_group_name": ("aws_elasticache_parameter_group",),
    "db_cluster_parameter_group_name": ("aws_rds_cluster_parameter_group",),
}
"""Where a database names its parameters, in Terraform's words and CloudFormation's."""


def databases(found: View, prefix: str) -> list[Component]:
    """A component for each database whose engine is known and whose scope begins with `prefix`."""
    return [
        _component(found, resource)
        for resource in found.of(*_KINDS)
        if resource.where.startswith(prefix) and product_of(resource) in _PORTS
    ]


def _component(found: View, resource: Resource) -> Component:
    product = product_of(resource)
    own: Settings = {}
    for name, value in _parameters(found, resource):
        own[name] = (setting(name, value),)
    port = number(resource.value.get("port")) or _PORTS[product]
    protocol = {"aws-elasticache": "redis", "mariadb": "mysql"}.get(product, product)
    names = tuple(group.address for group in _groups(found, resource))
    return made(
        resource, "database", own, listens=[port], protocol=protocol, names=names, versions=_versions(resource.value)
    )  # fmt: skip


def _versions(value: Value) -> Versions:
    written = value.known("engine_version") or value.known("database_version").partition("_")[2].replace("_", ".")
    version = written.partition(".mysql_aurora")[0]
    return parse_versions(version) if version[:1].isdecimal() else ANY


def _parameters(found: View, resource: Resource) -> Iterator[tuple[str, Value]]:
    """The parameters in force, by name."""
    for group in _groups(found, resource):
        yield from _listed(group.value, "parameter")
        parameters = group.value.get("parameters") or group.value.get("properties")
        yield from parameters.entries.items() if parameters is not None else ()
    flags = resource.value.get("settings")
    if flags is not None:
        yield from _listed(flags, "database_flags")


def _groups(found: View, resource: Resource) -> Iterator[Resource]:
    """The parameter groups a database is given."""
    for attribute, kinds in _GROUPS.items():
        yield from found.mentioned(resource.value.get(attribute), *kinds)


def _listed(value: Value, name: str) -> Iterator[tuple[str, Value]]:
    for item in value.each(name):
        given = item.get("value")
        if item.known("name") and given is not None:
            yield item.known("name"), given
