"""NGINX Ingress Controller of F5: Ingress annotations, VirtualServers and their routes, over its ConfigMap."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tochain.formats.tree import Node
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.products.base import Context, Extract
from tochain.products.kubeingress import backends
from tochain.products.kubenginx import F5, by_world, controller_component, from_map, from_notes, in_world, mine
from tochain.products.kubeobjects import KubeObject, notes, objects, scope
from tochain.products.programs import Program, flags

__all__ = ["read"]

PRODUCT = "nginx-kubernetes-ingress"
PROGRAM = Program(re.compile(r"nginx-(?:plus-)?ingress"), frozenset({"nginx-ingress"}))
_UPSTREAM = {
    "connect-timeout": "proxy-connect-timeout",
    "read-timeout": "proxy-read-timeout",
    "send-timeout": "proxy-send-timeout",
    **{name: name for name in ("keepalive", "next-upstream", "next-upstream-timeout", "next-upstream-tries")},
    **{name: name for name in ("max-fails", "fail-timeout", "slow-start")},
}
_STREAM = ("connectTimeout", "nextUpstreamTries", "nextUpstreamTimeout")
_MAPS = ("nginx-config", "nginx-ingress", "nginx-ingress-nginx-ingress")


def read(ctx: Context) -> Extract:
    """A component for each cluster with its Ingresses or VirtualServers, and one for each TransportServer."""
    ingresses = by_world(mine(ctx, f5=True))
    servers = by_world(o for o in objects(ctx, "VirtualServer", "VirtualServerRoute") if "nginx.org" in o.group)
    maps = by_world(objects(ctx, "ConfigMap"))
    found: list[Component] = []
    for world in dict.fromkeys((*ingresses, *servers)):
        running = PROGRAM.of(in_world(ctx.workloads, world))
        controller = running[0] if len(running) == 1 else None
        base: Settings = {}
        for thing in maps.get(world, ()):
            base |= from_map(thing) if _is_config(thing, controller) else {}
        found.append(_component(ingresses.get(world, []), servers.get(world, []), base, controller))
    for thing in objects(ctx, "TransportServer"):
        found += _transport(thing) if "nginx.org" in thing.group else ()
    return Extract(found)


def _is_config(thing: KubeObject, controller: Workload | None) -> bool:
    option = flags(controller.command).get("-nginx-configmaps") if controller is not None else None
    return thing.name in _MAPS or (option is not None and option.text == f"{thing.home}/{thing.name}")


def _component(
    ingresses: list[KubeObject], servers: list[KubeObject], base: Settings, controller: Workload | None
) -> Component:
    inherited: Settings = {name: tuple(s.inherited() for s in group) for name, group in base.items()}
    masters = {_host(thing): thing for thing in ingresses if _kind(thing) == "master"}
    links = [link for thing in ingresses for link in _ingress(thing, inherited, masters)]
    links += [link for thing in servers for link in _server(thing, inherited)]
    hosts = [rule.value("host") for thing in ingresses for rule in thing.node.each("spec", "rules")]
    hosts += [thing.node.value("spec", "host") for thing in servers if thing.kind == "VirtualServer"]
    return controller_component(PRODUCT, (*ingresses, *servers), hosts, base, links, controller)


def _host(thing: KubeObject) -> str:
    return next((rule.value("host") for rule in thing.node.each("spec", "rules")), "")


def _kind(thing: KubeObject) -> str:
    node = notes(thing).get("nginx.org/mergeable-ingress-type")
    return node.text if node is not None else ""


def _ingress(thing: KubeObject, base: Settings, masters: dict[str, KubeObject]) -> list[Link]:
    """The backends of an Ingress; a minion takes over what its master says and it does not."""
    settings = dict(base)
    master = masters.get(_host(thing)) if _kind(thing) == "minion" else None
    for source in (master, thing):
        if source is not None:
            settings |= _annotated(source)
    words = notes(thing)
    protocols = dict.fromkeys(_listed(words.get("nginx.org/websocket-services")), "websocket")
    protocols |= dict.fromkeys(_listed(words.get("nginx.org/grpc-services")), "grpc")
    return [Link(b.target, b.node.span, settings, protocols.get(b.node.text, "http"), b.label) for b in backends(thing)]


def _annotated(thing: KubeObject) -> Settings:
    return {
        name.removeprefix("proxy-") if name.startswith("proxy-next-upstream") else name: group
        for name, group in from_notes(thing, *F5).items()
    }


def _listed(node: Node | None) -> set[str]:
    return {word.strip() for word in node.text.split(",")} if node is not None else set()


def _server(thing: KubeObject, base: Settings) -> Iterator[Link]:
    """The upstreams of a VirtualServer or VirtualServerRoute."""
    for upstream in thing.node.each("spec", "upstreams"):
        service, port = upstream.get("service"), upstream.value("port")
        if service is None or service.kind != "scalar":
            continue
        settings = dict(base)
        where = f"upstream {upstream.value('name')}"
        for path, name in _UPSTREAM.items():
            node = upstream.get(path)
            if node is not None and node.kind == "scalar":
                settings[name] = (Setting(name, node.text, node.span, scope=where),)
        wait = upstream.get("queue", "timeout")
        if wait is not None and wait.kind == "scalar":
            settings["queue.timeout"] = (Setting("queue.timeout", wait.text, wait.span, scope=where),)
        space, slash, name = service.text.rpartition("/")
        home = thing.beside(space) if slash else thing.namespace
        protocol = "grpc" if upstream.value("type") == "grpc" else "http"
        yield Link(Address(f"{name}.{home}", _port(port)), service.span, settings, protocol, where)


def _transport(thing: KubeObject) -> Iterator[Component]:
    settings: Settings = {}
    session = thing.node.get("spec", "sessionParameters", "timeout")
    if session is not None and session.kind == "scalar":
        settings["sessionParameters.timeout"] = (Setting("sessionParameters.timeout", session.text, session.span),)
    for key in _STREAM:
        node = thing.node.get("spec", "upstreamParameters", key)
        if node is not None and node.kind == "scalar":
            name = f"upstreamParameters.{key}"
            settings[name] = (Setting(name, node.text, node.span),)
    links = []
    for upstream in thing.node.each("spec", "upstreams"):
        service = upstream.get("service")
        if service is not None and service.kind == "scalar":
            target = Address(f"{service.text}.{thing.namespace}", _port(upstream.value("port")))
            links.append(Link(target, service.span, settings, "tcp", f"upstream {upstream.value('name')}"))
    yield Component(
        f"{PRODUCT}:{thing.source.path}#TransportServer {thing.namespace}/{thing.name}",
        thing.name,
        PRODUCT,
        thing.span,
        "proxy",
        variant="stream",
        scope=scope(thing.namespace),
        settings=settings,
        links=tuple(links),
        protocol="tcp",
        files=(thing.source.path,),
    )


def _port(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None
