"""Load balancers that Kubernetes controllers make in a cloud: from Ingresses and Services with their annotations."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from tochain.formats.tree import Node
from tochain.model.component import Address, Component, Kind, Link
from tochain.model.fact import Setting, Settings
from tochain.model.issue import Issue
from tochain.model.limit import OFF
from tochain.products.base import Context
from tochain.products.kubeingress import Backend, backends, ingress_class, ingresses
from tochain.products.kubeobjects import KubeObject, notes, objects, scope

__all__ = [
    "KUBERNETES",
    "Services",
    "alb_ingresses",
    "all_services",
    "at",
    "balanced",
    "clb_services",
    "component",
    "nlb_services",
    "ports_of",
    "to_service",
    "written",
]

KUBERNETES = frozenset({"kubernetes"})
"""The trait of what a controller makes: some of its defaults are the controller's own."""
ALB = "alb.ingress.kubernetes.io/"
AWS = "service.beta.kubernetes.io/aws-load-balancer-"
_PAIR = re.compile(r"([\w.-]+)\s*=\s*([^,\s\"']*)")
_HEALTH = {
    "healthcheck-interval-seconds": "HealthCheckIntervalSeconds",
    "healthcheck-timeout-seconds": "HealthCheckTimeoutSeconds",
    "healthy-threshold-count": "HealthyThresholdCount",
    "unhealthy-threshold-count": "UnhealthyThresholdCount",
}
_NLB_HEALTH = {
    "healthcheck-interval": "HealthCheckIntervalSeconds",
    "healthcheck-timeout": "HealthCheckTimeoutSeconds",
    "healthcheck-healthy-threshold": "HealthyThresholdCount",
    "healthcheck-unhealthy-threshold": "UnhealthyThresholdCount",
}
_NLB_NOTES = "https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/"
_CLB = {
    "connection-idle-timeout": "ConnectionSettings.IdleTimeout",
    "healthcheck-interval": "HealthCheck.Interval",
    "healthcheck-timeout": "HealthCheck.Timeout",
}


@dataclass(frozen=True, slots=True)
class Services:
    """The Service objects by namespace and name."""

    found: dict[tuple[str, str], KubeObject]

    def of(self, thing: KubeObject, backend: Backend) -> KubeObject | None:
        """The Service a backend of an Ingress names."""
        return self.found.get((thing.namespace, backend.node.text))


def all_services(ctx: Context) -> Services:
    """The Service objects of a run."""
    return Services({(o.namespace, o.name): o for o in objects(ctx, "Service")})


def _pairs(thing: KubeObject, node: Node, scope: str) -> Settings:
    """A list `key=value,key=value`, each pair at its own place; at that of the whole where a chart's value holds it."""
    if node.span.path != thing.source.path:
        return {f[1]: (Setting(f[1], f[2], node.span, scope=scope),) for f in _PAIR.finditer(node.text)}
    start = thing.source.offset(node.span.start)
    raw = thing.source.text[start : thing.source.offset(node.span.end)]
    return {
        found[1]: (
            Setting(found[1], found[2], thing.source.span(start + found.start(), start + found.end()), scope=scope),
        )
        for found in _PAIR.finditer(raw)
    }


def written(given: dict[str, Node], prefix: str, names: dict[str, str], scope: str) -> Settings:
    """Annotations as settings, by what follows the prefix."""
    return {
        name: (Setting(name, given[prefix + note].text, given[prefix + note].span, scope=scope),)
        for note, name in names.items()
        if prefix + note in given
    }


def component(product: str, kind: Kind, thing: KubeObject, **more: Any) -> Component:
    """The component a controller makes of an object, called by its product; `more` are the component's own fields."""
    return Component(
        f"{product}:k8s/{thing.kind}/{thing.namespace}/{thing.name}",
        product,
        product,
        thing.span,
        kind,
        scope=scope(thing.namespace),
        files=(thing.source.path,),
        **more,
    )


def at(ports: Iterable[int]) -> tuple[Address, ...]:
    """Listening at ports, whatever the address."""
    return tuple(Address(port=port) for port in ports)


def alb_ingresses(ctx: Context) -> Iterator[Component]:
    """One balancer for each Ingress of class alb, or for each group of them."""
    services = all_services(ctx)
    groups: dict[tuple[str, str, str], list[KubeObject]] = {}
    for thing in ingresses(ctx, {"alb"}, ALB):
        name = _group_name(ctx, thing)
        groups.setdefault(("", thing.world, name) if name else ("alone", thing.namespace, thing.name), []).append(thing)
    for things in groups.values():
        own: Settings = {}
        for thing in things:
            node = notes(thing).get(f"{ALB}load-balancer-attributes")
            own |= _pairs(thing, node, f"Ingress {thing.name}") if node is not None else {}
            own |= _class_params(ctx, thing)
        links = [link for thing in things for link in _alb_links(thing, services, own)]
        hosts = tuple(
            dict.fromkeys(r.value("host") for t in things for r in t.node.each("spec", "rules") if r.value("host"))
        )
        yield component(
            "aws-alb",
            "lb",
            things[0],
            settings=own,
            links=tuple(links),
            listens=at((80, 443)),
            names=hosts,
            protocol="http",
            traits=KUBERNETES,
        )


def _params(ctx: Context, thing: KubeObject) -> KubeObject | None:
    """The parameters of an Ingress's class."""
    kinds = {o.name: o.node.value("spec", "parameters", "name") for o in objects(ctx, "IngressClass")}
    wanted = kinds.get(ingress_class(thing))
    return next((o for o in objects(ctx, "IngressClassParams") if wanted and o.name == wanted), None)


def _group_name(ctx: Context, thing: KubeObject) -> str:
    """The group whose Ingresses share one balancer: that of the class wins over the annotation; "" for none."""
    params = _params(ctx, thing)
    note = notes(thing).get(f"{ALB}group.name")
    shared = params.node.value("spec", "group", "name") if params is not None else ""
    return shared or (note.text if note is not None else "")


def _class_params(ctx: Context, thing: KubeObject) -> Settings:
    """The attributes of the class's parameters, which win over the annotation."""
    params = _params(ctx, thing)
    found: Settings = {}
    for pair in params.node.each("spec", "loadBalancerAttributes") if params is not None else ():
        key, value = pair.value("key"), pair.get("value")
        if params is not None and value is not None:
            found[key] = (Setting(key, value.text, value.span, scope=f"IngressClassParams {params.name}"),)
    return found


def _alb_links(thing: KubeObject, services: Services, own: Settings) -> Iterator[Link]:
    for backend in _forwarded(thing):
        settings = {**own, **_group(thing)}
        service = services.of(thing, backend)
        settings |= _group(service) if service is not None else {}
        version = notes(thing).get(f"{ALB}backend-protocol-version")
        protocol = {"GRPC": "grpc", "HTTP2": "http2"}.get(version.text.upper() if version is not None else "", "http")
        yield Link(backend.target, backend.node.span, settings, protocol, backend.label)


def _forwarded(thing: KubeObject) -> Iterator[Backend]:
    """The backends of an Ingress; a name with an action stands for the services it forwards to, or for none."""
    for backend in backends(thing):
        action = notes(thing).get(f"{ALB}actions.{backend.node.text}")
        if action is None:
            yield backend
            continue
        for name, port in _action(action.text):
            yield Backend(Address(f"{name}.{thing.namespace}", port), backend.label, replace(action, text=name))


def _action(text: str) -> Iterator[tuple[str, int | None]]:
    """The services a forward action names with their ports; a redirect or fixed answer names none."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return
    forward = given.get("forwardConfig") or given.get("ForwardConfig") if isinstance(given, dict) else None
    groups = (forward.get("targetGroups") or forward.get("TargetGroups")) if isinstance(forward, dict) else None
    for group in groups if isinstance(groups, list) else ():
        name = group.get("serviceName") or group.get("ServiceName") if isinstance(group, dict) else None
        if isinstance(name, str):
            port = str(group.get("servicePort") or group.get("ServicePort") or "")
            yield name, int(port) if port.isdecimal() else None


def _group(thing: KubeObject) -> Settings:
    """The target group's settings on an Ingress or a Service."""
    given, where = notes(thing), f"{thing.kind} {thing.name}"
    node = given.get(f"{ALB}target-group-attributes")
    return {**written(given, ALB, _HEALTH, where), **(_pairs(thing, node, where) if node is not None else {})}


def balanced(ctx: Context) -> Iterator[tuple[KubeObject, dict[str, Node]]]:
    """Each Service of type LoadBalancer with its annotations."""
    for thing in objects(ctx, "Service"):
        if thing.node.value("spec", "type") == "LoadBalancer":
            yield thing, notes(thing)


def to_service(thing: KubeObject, own: Settings, protocol: str) -> Iterator[Link]:
    """The way on to the Service itself, for each of its ports."""
    for port in thing.node.each("spec", "ports"):
        number = port.get("port")
        if number is not None and number.text.isdecimal():
            yield Link(
                Address(f"{thing.name}.{thing.namespace}", int(number.text)),
                number.span,
                own,
                protocol,
                f"Service {thing.name}",
            )


def ports_of(thing: KubeObject) -> tuple[int, ...]:
    """The ports of a Service."""
    return tuple(int(text) for port in thing.node.each("spec", "ports") if (text := port.value("port")).isdecimal())


def _is_nlb(thing: KubeObject, given: dict[str, Node]) -> bool:
    kind = given.get(f"{AWS}type")
    return (kind is not None and kind.text in ("nlb", "nlb-ip", "external")) or thing.node.value(
        "spec", "loadBalancerClass"
    ) == "service.k8s.aws/nlb"


def nlb_services(ctx: Context) -> Iterator[Component]:
    """One box for each Service that asks for a network load balancer."""
    for thing, given in balanced(ctx):
        if not _is_nlb(thing, given):
            continue
        where = f"Service {thing.name}"
        own = written(given, AWS, _NLB_HEALTH, where)
        for name, node in given.items():
            if name == f"{AWS}target-group-attributes" or name.startswith(f"{AWS}listener-attributes."):
                own |= _pairs(thing, node, where)
        tls = f"{AWS}ssl-cert" in given and f"{AWS}ssl-ports" not in given
        links = tuple(to_service(thing, {}, "tcp"))
        variant = "tls" if tls else None
        yield component(
            "aws-nlb",
            "box",
            thing,
            settings=own,
            links=links,
            listens=at(ports_of(thing)),
            protocol="tcp",
            variant=variant,
            traits=KUBERNETES,
            issues=tuple(_of_classic(given)),
        )


def _of_classic(given: dict[str, Node]) -> Iterator[Issue]:
    """The annotation of classic balancers that a network balancer does not read."""
    node = given.get(f"{AWS}connection-idle-timeout")
    if node is not None:
        name = f"{AWS}connection-idle-timeout"
        text = (
            "connection-idle-timeout counts for classic balancers; of a network balancer it is tcp.idle_timeout.seconds"
        )
        yield Issue("setting-without-effect", name, node.text, node.span, text, "flow.idle_tcp", source=_NLB_NOTES)


def clb_services(ctx: Context) -> Iterator[Component]:
    """One classic balancer for each Service with annotations for AWS that asks for no other type."""
    for thing, given in balanced(ctx):
        if (
            _is_nlb(thing, given)
            or not any(name.startswith(AWS) for name in given)
            or thing.node.get("spec", "loadBalancerClass")
        ):
            continue
        own = {**written(given, AWS, _CLB, f"Service {thing.name}"), **_clb_draining(given)}
        backend = given.get(f"{AWS}backend-protocol")
        protocol = "http" if backend is not None and backend.text.lower().startswith("http") else "tcp"
        links = tuple(to_service(thing, own, protocol))
        yield component(
            "aws-clb", "lb", thing, settings=own, links=links, listens=at(ports_of(thing)), protocol=protocol
        )


def _clb_draining(given: dict[str, Node]) -> Settings:
    name = "ConnectionDraining.Timeout"
    enabled, timeout = given.get(f"{AWS}connection-draining-enabled"), given.get(f"{AWS}connection-draining-timeout")
    if enabled is None or enabled.text != "true":
        return {name: (Setting(name, enabled.text, enabled.span, limit=OFF),)} if enabled is not None else {}
    node = timeout or enabled
    return {name: (Setting(name, timeout.text if timeout is not None else "300", node.span),)}
