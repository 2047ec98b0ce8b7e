"""Cloud resources as one view for every product, whether Terraform or a CloudFormation template describes them.

Resources carry Terraform's type and attribute names; a template's are translated. Values are evaluated as far as files
tell; what only the cloud knows is unknown, with the resources it comes from.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from tochain.formats.carried import Piece
from tochain.model.component import Address, Component, Kind, Link, Word
from tochain.model.fact import Setting, Settings
from tochain.model.limit import Unknown
from tochain.model.span import SourceFile, Span
from tochain.model.version import ANY, Versions
from tochain.products.base import Context

__all__ = [
    "Ref",
    "Resource",
    "Value",
    "View",
    "address",
    "component_key",
    "host_address",
    "host_name",
    "host_text",
    "link",
    "made",
    "merged",
    "number",
    "product_of",
    "setting",
    "settings",
    "view",
    "with_refs",
    "word",
]

BALANCERS = {"application": "aws-alb", "network": "aws-nlb", "gateway": "aws-gwlb"}
PRODUCT_OF = {
    "aws_elb": "aws-clb",
    "aws_nat_gateway": "aws-nat-gateway",
    "aws_cloudfront_distribution": "aws-cloudfront",
    "aws_api_gateway_rest_api": "aws-api-gateway",
    "aws_apigatewayv2_api": "aws-api-gateway",
    "aws_lambda_function": "aws-lambda",
    "aws_sqs_queue": "aws-sqs",
    "aws_db_proxy": "aws-rds-proxy",
    "aws_globalaccelerator_accelerator": "aws-global-accelerator",
    "google_compute_backend_service": "gcp-lb",
    "google_compute_region_backend_service": "gcp-lb",
    "google_compute_router_nat": "gcp-cloud-nat",
    "google_cloud_run_v2_service": "gcp-cloud-run",
    "google_cloud_run_service": "gcp-cloud-run",
    "google_cloud_run_v2_job": "gcp-cloud-run",
    "google_cloud_scheduler_job": "gcp-cloud-scheduler",
    "google_pubsub_subscription": "gcp-pubsub",
    "azurerm_lb": "azure-lb",
    "azurerm_nat_gateway": "azure-nat-gateway",
    "azurerm_application_gateway": "azure-app-gateway",
    "azurerm_cdn_frontdoor_profile": "azure-front-door",
    "azurerm_frontdoor": "azure-front-door",
    "cloudflare_record": "cloudflare",
    "cloudflare_dns_record": "cloudflare",
    "cloudflare_load_balancer": "cloudflare",
    "fastly_service_vcl": "fastly",
    "fastly_service_compute": "fastly",
    "fastly_service_v1": "fastly",
}
"""Which product a resource is, where the type alone tells."""

_DATABASE_PORTS = {"postgresql": 5432}
DATABASES = {
    "aws_db_instance": "",
    "aws_rds_cluster": "aurora-mysql",
    "google_sql_database_instance": "",
    "aws_elasticache_cluster": "",
    "aws_elasticache_replication_group": "redis",
}
"""Managed databases, and the engine of one that names none."""
ENGINES = {
    "mysql": "mysql",
    "mariadb": "mariadb",
    "postgres": "postgresql",
    "redis": "aws-elasticache",
    "valkey": "aws-elasticache",
}

ALIASES = {
    "aws_alb": "aws_lb", "aws_alb_listener": "aws_lb_listener", "aws_alb_listener_rule": "aws_lb_listener_rule",
    "aws_alb_target_group": "aws_lb_target_group", "aws_alb_target_group_attachment": "aws_lb_target_group_attachment",
}  # fmt: skip
"""Older names of types."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A mention of a resource: its key, and the attribute that is asked for."""

    key: str
    attribute: str = ""


@dataclass(slots=True)
class Value:
    """What an attribute comes to, at the place that decides it.

    A scalar's `text` has no type (`true`, `60`); for an unknown one it is what is written. `refs` are the resources it
    comes from, `reason` says why it is unknown; `source` is the file when the text itself stands in one (a heredoc).
    `pieces` are the stretches of a text that was put together, what is unknown in it as written; `plain` is what an
    encoded text encodes.
    """

    kind: Literal["mapping", "sequence", "scalar", "unknown", "null"]
    span: Span
    text: str = ""
    entries: dict[str, Value] = field(default_factory=dict)
    elements: list[Value] = field(default_factory=list)
    refs: tuple[Ref, ...] = ()
    reason: str = ""
    source: SourceFile | None = None
    pieces: tuple[Piece, ...] = ()
    plain: Value | None = None

    def get(self, *path: str | int) -> Value | None:
        """The value under a path; a block that is a list of one is stepped through, what is null is not there."""
        value: Value | None = self
        for step in path:
            if value is not None and value.kind == "sequence" and isinstance(step, str):
                value = value.elements[0] if value.elements else None
            if value is None:
                return None
            if isinstance(step, int):
                value = value.elements[step] if step < len(value.elements) else None
            else:
                value = value.entries.get(step)
        return None if value is None or value.kind == "null" else value

    def each(self, *path: str | int) -> list[Value]:
        """The elements of the list under a path; anything else there counts as one, nothing as none."""
        value = self.get(*path)
        if value is None:
            return []
        return [e for e in value.elements if e.kind != "null"] if value.kind == "sequence" else [value]

    def known(self, *path: str | int) -> str:
        """The text of the scalar under a path; "" where there is none that is known."""
        value = self.get(*path)
        return value.text if value is not None and value.kind == "scalar" else ""

    def mentioned(self) -> Iterator[Ref]:
        """Every resource mentioned here or below, in order; a value that stands in several places is walked once."""
        waiting, seen = [self], {id(self)}
        while waiting:
            value = waiting.pop()
            yield from value.refs
            below = [v for v in (*value.elements, *value.entries.values()) if id(v) not in seen]
            seen.update(map(id, below))
            waiting += reversed(below)


@dataclass(slots=True)
class Resource:
    """One resource: `kind` is its Terraform type, `where` the root folder or template, `address` its name there."""

    kind: str
    address: str
    where: str
    span: Span
    evaluate: Callable[[], Value]
    _value: Value | None = None

    @property
    def key(self) -> str:
        """Unique among all resources of a run."""
        return f"{self.where}|{self.address}"

    @property
    def scope(self) -> str:
        """The scope of names: "tf:" and the folder, or "cfn:" and the template."""
        return self.where

    @property
    def value(self) -> Value:
        """Its attributes, evaluated when first asked for."""
        if self._value is None:
            self._value = self.evaluate()
        return self._value


class View:
    """All resources of a run."""

    def __init__(self) -> None:
        self._by_kind: dict[str, list[Resource]] = defaultdict(list)
        self._by_key: dict[str, list[Resource]] = defaultdict(list)
        self._mentioned: dict[int, tuple[Value, list[Resource]]] = {}
        self._pointing: dict[tuple[str, tuple[str, ...]], dict[str, list[Resource]]] = {}

    def add(self, resource: Resource) -> None:
        """Takes a resource in, under its plain address too where it has an index."""
        self._mentioned.clear()
        self._pointing.clear()
        self._by_kind[resource.kind].append(resource)
        self._by_key[resource.key].append(resource)
        plain = resource.key.partition("[")[0]
        if plain != resource.key:
            self._by_key[plain].append(resource)

    def of(self, *kinds: str) -> list[Resource]:
        """The resources of these types, in the order in which they were read."""
        return [resource for kind in kinds for resource in self._by_kind.get(kind, ())]

    def everything(self) -> list[Resource]:
        """All resources, by type."""
        return [resource for found in self._by_kind.values() for resource in found]

    def find(self, ref: Ref) -> list[Resource]:
        """The resources a mention can mean: the instance named, else all instances."""
        return self._by_key.get(ref.key) or self._by_key.get(ref.key.partition("[")[0]) or []

    def mentioned(self, value: Value | None, *kinds: str) -> list[Resource]:
        """The resources of these types (of all without any) that a value mentions, each once."""
        if value is None:
            return []
        known = self._mentioned.get(id(value))
        if known is None:
            found = {r.key: r for ref in value.mentioned() for r in self.find(ref)}
            # Kept with the value itself, whose identity is its key.
            known = self._mentioned[id(value)] = (value, list(found.values()))
        return [r for r in known[1] if r.kind in kinds] if kinds else list(known[1])

    def pointing(self, target: Resource, kind: str, *path: str) -> list[Resource]:
        """The resources of a type that mention another one under a path."""
        index = self._pointing.get((kind, path))
        if index is None:
            index = self._pointing[kind, path] = defaultdict(list)
            for resource in self.of(kind):
                for other in self.mentioned(resource.value.get(*path)):
                    index[other.key].append(resource)
        return index.get(target.key, [])


def _empty(source: SourceFile) -> View:
    return View()


def view(ctx: Context) -> View:
    """The view of this run, which the platforms fill."""
    return ctx.parsed(SourceFile("(cloud)", ""), _empty)


def product_of(resource: Resource) -> str:
    """The product a resource is; "" for one that is none."""
    if resource.kind == "aws_lb":
        return BALANCERS.get(resource.value.known("load_balancer_type") or "application", "aws-alb")
    if resource.kind in DATABASES:
        return _engine(resource)
    return PRODUCT_OF.get(resource.kind, "")


def _engine(resource: Resource) -> str:
    """The product of a managed database, by the engine it names; MariaDB is no MySQL."""
    value = resource.value
    engine = value.known("engine") or value.known("database_version") or DATABASES[resource.kind]
    return next((product for word, product in ENGINES.items() if word in engine.lower()), "")


def host_name(resource: Resource) -> str:
    """What stands for the host name of a resource, which only the cloud knows: its address, as a name with a dot."""
    plain = re.sub(r"[^\w.-]+", "-", resource.address).strip("-")
    return plain if "." in plain else f"{plain}.{resource.kind}"


def host_text(resource: Resource, value: Value) -> str:
    """What stands for the host of a resource in a text; the endpoint of an RDS instance has the port in it."""
    with_port = resource.kind == "aws_db_instance" and any(ref.attribute == "endpoint" for ref in value.mentioned())
    name = host_name(resource)
    return f"{name}:{_DATABASE_PORTS.get(product_of(resource), 3306)}" if with_port else name


def component_key(resource: Resource) -> str:
    """The key of the component a resource becomes."""
    return f"{product_of(resource)}:{resource.key.replace('|', '#')}"


def address(found: View, value: Value | None, port: int | None = None) -> Address | None:
    """Where a value points: a component that is a resource here, else the host it names; None when neither is known."""
    if value is None:
        return None
    for resource in found.mentioned(value):
        if product_of(resource):
            return Address(ref=component_key(resource), port=port)
    if value.kind == "scalar" and value.text:
        return host_address(value.text, port)
    return None


def host_address(text: str, port: int | None = None) -> Address:
    """A host, `host:port` or URL as an address."""
    scheme, _, rest = text.rpartition("://")
    host = rest.partition("/")[0].rpartition("@")[2]
    name, colon, number = host.rpartition(":")
    if colon and number.isdecimal():
        return Address(name, int(number))
    return Address(host, port or {"https": 443, "http": 80}.get(scheme))


def settings(resource: Value, names: dict[str, str], scope: str = "") -> Settings:
    """The settings written in a resource, by dotted attribute path and the product's own name for it."""
    found: Settings = {}
    for path, name in names.items():
        value = resource.get(*path.split("."))
        if value is not None and value.kind in ("scalar", "unknown"):
            found[name] = (setting(name, value, scope),)
    return found


def setting(name: str, value: Value, scope: str = "") -> Setting:
    """One setting with the value it comes to, or the reason why that is not known."""
    limit = Unknown(value.reason or "not known before it is applied") if value.kind == "unknown" else None
    return Setting(name, value.text, value.span, limit=limit, scope=scope)


def merged(groups: Iterable[Settings]) -> Settings:
    """Settings of several scopes of one component, all of them real."""
    found: Settings = {}
    for group in groups:
        for name, given in group.items():
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), *given)))
    return found


def word(value: Value) -> Word:
    """A value as a word at its place; what is unknown stays as written."""
    return Word(value.text, value.span)


def with_refs(value: Value, refs: Iterable[Ref]) -> Value:
    """The value with further mentions."""
    extra = tuple(dict.fromkeys((*value.refs, *refs)))
    return value if extra == value.refs else replace(value, refs=extra)


def made(
    resource: Resource,
    kind: Kind,
    own: Settings,
    links: Iterable[Link] = (),
    *,
    listens: Iterable[int] = (),
    protocol: str = "",
    variant: str | None = None,
    names: tuple[str, ...] = (),
    versions: Versions = ANY,
) -> Component:
    """The component a resource is, called by its address."""
    return Component(
        component_key(resource),
        resource.address,
        product_of(resource),
        resource.span,
        kind,
        versions,
        variant=variant,
        scope=resource.scope,
        settings=own,
        listens=tuple(Address(port=port) for port in dict.fromkeys(listens)),
        names=tuple(dict.fromkeys((*names, host_name(resource)))),
        links=tuple(links),
        protocol=protocol,
        files=tuple(dict.fromkeys((resource.span.path, *(s.span.path for given in own.values() for s in given)))),
        traits=frozenset({"terraform"}) if resource.where.startswith("tf:") else frozenset(),
    )


def number(value: Value | None) -> int | None:
    """A whole number that is known, such as a port."""
    return (
        int(value.text)
        if value is not None and value.kind == "scalar" and value.text.isdecimal() and len(value.text) < 10
        else None
    )


def link(target: Address | None, value: Value, own: Settings, protocol: str = "", label: str = "") -> Link:
    """A link to where a value points; an open end with the reason where that is not known."""
    if target is None:
        return Link(Address(), value.span, own, protocol, label, unknown=value.reason or "its target is not known here")
    return Link(target, value.span, own, protocol, label)
