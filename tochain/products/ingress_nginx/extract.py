"""ingress-nginx: the controller with a link for each backend, annotation over ConfigMap over built-in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.issue import Issue
from tochain.products.base import Context, Extract
from tochain.products.ingress_nginx.nameless import nameless, outside
from tochain.products.kubeingress import backends
from tochain.products.kubenginx import COMMUNITY, by_world, controller_component, from_map, from_notes, in_world, mine
from tochain.products.kubeobjects import KubeObject, objects, scope
from tochain.products.programs import flags

__all__ = ["read"]

PRODUCT = "ingress-nginx"
_MAPS = frozenset(
    {
        *("ingress-nginx-controller", "nginx-configuration", "ingress-nginx", "nginx-ingress-controller"),
        *("nginx-load-balancer-conf", "nginx-ingress-ingress-nginx-controller"),
    }
)
_NUMBERS = re.compile(
    r"proxy-(?:connect|read|send)-timeout|proxy-(?:stream-)?next-upstream-(?:tries|timeout)|keep-alive(?:-requests)?"
    r"|client-(?:header|body)-timeout|upstream-keepalive-(?:connections|requests|timeout)"
)
"""What the controller reads as a whole number; the other times take a unit."""
_OTHERS = ("proxy-stream-", "proxy-protocol-header-", "auth-")
"""Settings of TCP services, of TLS passthrough and of requests for authentication, none of them a backend's."""
_SILENCE = "proxy-read-timeout"
_STREAM = ("proxy-stream-", "worker-shutdown-")
_PROTOCOLS = {"GRPC": "grpc", "GRPCS": "grpc", "FCGI": "fastcgi", "HTTPS": "https"}
_SERVICE = re.compile(r"(?P<namespace>[\w.-]+)/(?P<name>[\w.-]+):(?P<port>\d{1,5})")


def read(ctx: Context) -> Extract:
    """A component for each cluster with an Ingress of its class or its ConfigMap, and one for its TCP services."""
    ingresses = by_world(mine(ctx, f5=False))
    maps = by_world(objects(ctx, "ConfigMap"))
    found: list[Component] = []
    for world in dict.fromkeys((*ingresses, *maps)):
        controller = _controller(in_world(ctx.workloads, world))
        config = [thing for thing in maps.get(world, ()) if _is_config(thing, controller)]
        streams = [thing for thing in maps.get(world, ()) if thing.name == "tcp-services"]
        if ingresses.get(world) or config:
            found.append(_component(ingresses.get(world, []), config, controller, outside(ctx)))
        if streams and (ingresses.get(world) or config or controller):
            found += _streams(streams, config, controller)
    return Extract(found)


def _controller(workloads: list[Workload]) -> Workload | None:
    def runs(workload: Workload) -> bool:
        image = workload.image.text if workload.image else ""
        return "ingress-nginx/controller" in image or "nginx-ingress-controller" in image

    found = [workload for workload in workloads if runs(workload)]
    return found[0] if len(found) == 1 else None


def _is_config(thing: KubeObject, controller: Workload | None) -> bool:
    """Whether a ConfigMap is the controller's: the one its option names, else one of the usual names."""
    option = flags(controller.command).get("--configmap") if controller is not None else None
    named = option.text.rpartition("/")[2] if option is not None and "$" not in option.text else ""
    own = controller is not None and controller.scope == scope(thing.namespace) and thing.name == named
    return own or thing.name in _MAPS


def _component(
    ingresses: list[KubeObject], maps: list[KubeObject], controller: Workload | None, hosts: dict[str, str]
) -> Component:
    issues: list[Issue] = []
    base: Settings = {}
    for thing in maps:
        base |= _accepted(from_map(thing), issues)
    links = tuple(link for thing in ingresses for link in _links(thing, base, issues))
    issues += [issue for thing in ingresses for issue in nameless(thing, from_notes(thing, COMMUNITY), hosts)]
    served = [rule.value("host") for thing in ingresses for rule in thing.node.each("spec", "rules")]
    settings = base | _seen_by_callers(ingresses, base)
    return controller_component(PRODUCT, (*ingresses, *maps), served, settings, links, controller, issues)


def _seen_by_callers(ingresses: list[KubeObject], base: Settings) -> Settings:
    """How long an upgraded connection may be silent for those in front of the controller: what Ingresses say of it."""
    named = [from_notes(thing, COMMUNITY).get(_SILENCE, ()) for thing in ingresses]
    own = tuple(setting for group in named for setting in group)
    rest = base.get(_SILENCE, ()) if () in named else ()
    return {_SILENCE: (*own, *rest)} if own else {}


def _accepted(settings: Settings, issues: list[Issue]) -> Settings:
    """The settings without those the controller refuses: numbers with a unit, after which it keeps what it had."""
    kept: Settings = {}
    for name, group in settings.items():
        if name.startswith(_OTHERS):
            continue
        setting = group[0]
        text = setting.text.strip()
        if _NUMBERS.fullmatch(name) and text[:1].isdecimal() and not text.isdecimal() and "{" not in text:
            because = "the controller takes a whole number of seconds here and goes on with the value it had"
            issues.append(_without_effect(setting, because))
        else:
            kept[name] = group
    return kept


def _without_effect(setting: Setting, because: str) -> Issue:
    return Issue("setting-without-effect", setting.name, setting.text, setting.span, because)


def _links(thing: KubeObject, base: Settings, issues: list[Issue]) -> list[Link]:
    inherited: Settings = {name: tuple(s.inherited() for s in group) for name, group in base.items()}
    own = _accepted(from_notes(thing, COMMUNITY), issues)
    if "proxy-ssl-server-name" in own and "proxy-ssl-secret" not in own:
        ignored = own.pop("proxy-ssl-server-name")[0]
        issues.append(_without_effect(ignored, "the proxy-ssl annotations count only together with proxy-ssl-secret"))
    settings = inherited | own
    asked = own.get("backend-protocol")
    protocol = _PROTOCOLS.get(asked[0].text.strip().upper(), "http") if asked else "http"
    return [Link(b.target, b.node.span, settings, protocol, b.label) for b in backends(thing)]


def _streams(maps: list[KubeObject], config: list[KubeObject], controller: Workload | None) -> Iterator[Component]:
    """What tcp-services maps from ports to services."""
    owner = maps[0]
    base: Settings = {}
    for thing in config:
        base |= {name: group for name, group in from_map(thing).items() if name.startswith(_STREAM)}
    links, ports = [], []
    for thing in maps:
        for port, value in thing.node.pairs("data"):
            found = _SERVICE.match(value.text) if value.kind == "scalar" else None
            if found is not None and port.text.isascii() and port.text.isdecimal() and len(port.text) < 6:
                target = Address(f"{found['name']}.{thing.beside(found['namespace'])}", int(found["port"]))
                links.append(Link(target, value.span, base, "tcp", f"port {port.text}"))
                ports.append(Address(port=int(port.text)))
    if links:
        made = controller_component(PRODUCT, [owner], (), base, links, controller)
        world = f"@{owner.world}" if owner.world else ""
        yield replace(
            made, key=f"{PRODUCT}:{owner.source.path}#tcp-services{world}", variant="stream", listens=tuple(ports),
            protocol="tcp", workload="",
        )  # fmt: skip
