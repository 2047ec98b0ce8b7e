"""Consul service mesh: router, resolver, defaults and proxy-defaults of each service, as objects or config entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from tochain.formats.tree import Node
from tochain.model.component import Address, Component, Link
from tochain.model.fact import Setting, Settings
from tochain.model.span import Span
from tochain.products.base import Context, Extract
from tochain.products.kubeobjects import objects, scope
from tochain.products.scopes import folder_scope
from tochain.products.trees import document, tell

__all__ = ["read"]

_KINDS = {
    "ServiceRouter": "router", "ServiceResolver": "resolver", "ServiceDefaults": "defaults",
    "ProxyDefaults": "proxy", "service-router": "router", "service-resolver": "resolver",
    "service-defaults": "defaults", "proxy-defaults": "proxy",
}  # fmt: skip
_RESOLVER = {"connecttimeout": "ConnectTimeout", "requesttimeout": "RequestTimeout"}
_DEFAULTS = {"localconnecttimeoutms": "local_connect_timeout_ms", "localrequesttimeoutms": "local_request_timeout_ms"}
_PROXY = ("local_connect_timeout_ms", "local_request_timeout_ms", "local_idle_timeout_ms")
_DESTINATION = {
    "requesttimeout": "Destination.RequestTimeout", "idletimeout": "Destination.IdleTimeout",
    "numretries": "Destination.NumRetries",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Entry:
    """One config entry: what it is, for which service of which names' scope, and its body."""

    kind: str
    name: str
    scope: str
    namespace: str
    body: Node
    span: Span


def read(ctx: Context) -> Extract:
    """Two proxies for each service that has an entry: the one on the caller's side and the one beside the service."""
    by_service: dict[tuple[str, str], list[_Entry]] = defaultdict(list)
    everywhere: list[_Entry] = []
    for entry in _entries(ctx):
        if entry.kind == "proxy":
            everywhere.append(entry)
        else:
            by_service[(entry.scope, entry.name)].append(entry)
    out = Extract()
    for (_, name), entries in by_service.items():
        out.components += _pair(name, entries, everywhere)
    return out


def _entries(ctx: Context) -> Iterable[_Entry]:
    for thing in objects(ctx, "ServiceRouter", "ServiceResolver", "ServiceDefaults", "ProxyDefaults"):
        spec = thing.node.get("spec")
        if "consul" in thing.api and spec is not None:
            yield _Entry(_KINDS[thing.kind], thing.name, scope(thing.namespace), thing.namespace, spec, thing.span)
    for source in ctx.files:
        if not source.path.endswith(".json"):
            continue
        tree = document(ctx, source)
        for root in tree.roots:
            kind = _KINDS.get(_value(root, "kind"))
            if kind is None or not _value(root, "name"):
                continue
            ctx.understood(source.path)
            tell(ctx, tree)
            yield _Entry(kind, _value(root, "name"), folder_scope(source.path), "", root, root.span)


def _low(name: str) -> str:
    return name.lower().replace("_", "")


def _field(node: Node | None, *path: str) -> tuple[Node, Node] | None:
    """Key and value under a path of names, whatever their case and underscores."""
    found: tuple[Node, Node] | None = None
    for step in path:
        entries = node.entries if node is not None else []
        found = next((pair for pair in entries if _low(pair[0].text) == _low(step)), None)
        if found is None:
            return None
        node = found[1]
    return found


def _value(node: Node, *path: str) -> str:
    found = _field(node, *path)
    return found[1].text if found is not None and found[1].kind == "scalar" else ""


def _take(node: Node | None, table: dict[str, str], label: str) -> Settings:
    found: Settings = {}
    for path, name in table.items():
        pair = _field(node, path)
        if name and pair is not None and pair[1].kind == "scalar" and pair[1].text:
            key, value = pair
            found[name] = (Setting(name, value.text, Span(key.span.path, key.span.start, value.span.end), scope=label),)
    return found


def _pair(name: str, entries: list[_Entry], everywhere: list[_Entry]) -> list[Component]:
    first = entries[0]
    inbound: Settings = {}
    outbound: Settings = {}
    for entry in everywhere:
        config = _field(entry.body, "config")
        inbound |= _take(config[1] if config else None, {part: part for part in _PROXY}, "proxy-defaults")
    for entry in entries:
        label = f"service-{entry.kind} {name}"
        if entry.kind == "resolver":
            outbound |= _take(entry.body, _RESOLVER, label)
        elif entry.kind == "defaults":
            inbound |= _take(entry.body, _DEFAULTS, label)
            upstream = _field(entry.body, "upstreamconfig", "defaults")
            outbound |= _take(upstream[1] if upstream else None, {"connecttimeoutms": "ConnectTimeoutMs"}, label)
    key = f"consul:{first.scope}/{name}"
    target = Address(f"{name}.{first.namespace}" if first.namespace else name)
    beside = Component(
        f"{key}#inbound", "consul", "consul", first.span, "proxy", variant="inbound", scope=first.scope,
        settings=inbound,
        links=(Link(target, first.span, inbound, "http", f"service {name}"),), protocol="http",
    )  # fmt: skip
    links = tuple(
        Link(Address(ref=beside.key), span, {**outbound, **own}, "http", label)
        for own, span, label in _routes(entries, name)
    )
    caller = Component(
        key, "consul", "consul", first.span, "proxy", scope=first.scope, settings=outbound, links=links, protocol="http"
    )  # fmt: skip
    return [caller, beside]


def _routes(entries: list[_Entry], name: str) -> list[tuple[Settings, Span, str]]:
    """The routes of the service's router, and the one for everything else."""
    found: list[tuple[Settings, Span, str]] = []
    for entry in entries:
        routes = _field(entry.body, "routes") if entry.kind == "router" else None
        for route in routes[1].elements if routes is not None else []:
            destination = _field(route, "destination")
            prefix = _value(route, "match", "http", "pathprefix") or _value(route, "match", "http", "pathexact") or "/"
            own = _take(destination[1] if destination else None, _DESTINATION, f"service-router {name}")
            found.append((own, destination[0].span if destination else route.span, f"{name} {prefix}"))
    return [*found, ({}, entries[0].span, name)]
