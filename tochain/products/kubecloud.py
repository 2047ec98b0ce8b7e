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
from tochain.model.limit import OFF, Word
from tochain.products.base import Context
from tochain.products.kubeingress import Backend, backends, ingress_class, ingresses
from tochain.products.kubeobjects import KubeObject, notes, objects, scope

__all__ = ["alb_ingresses", "azure_services", "clb_services", "gce_ingresses", "nlb_services"]

KUBERNETES = frozenset({"kubernetes"})
"""The trait of what a controller makes: some of its defaults are the controller's own."""
ALB = "alb.ingress.kubernetes.io/"
AWS = "service.beta.kubernetes.io/aws-load-balancer-"
AZURE = "service.beta.kubernetes.io/azure-"
_GCE_MARKS = ("networking.gke.io/", "ingress.gcp.kubernetes.io/", "kubernetes.io/ingress.global-static-ip-name")
_BACKEND_CONFIG = ("cloud.google.com/backend-config", "beta.cloud.google.com/backend-config")
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
_CLB = {
    "connection-idle-timeout": "ConnectionSettings.IdleTimeout",
    "healthcheck-interval": "HealthCheck.Interval",
    "healthcheck-timeout": "HealthCheck.Timeout",
}
_BACKEND = {
    "timeoutSec": "timeoutSec",
    "connectionDraining.drainingTimeoutSec": "connectionDraining.drainingTimeoutSec",
    "healthCheck.checkIntervalSec": "checkIntervalSec",
    "healthCheck.timeoutSec": "healthCheck.timeoutSec",
    "healthCheck.healthyThreshold": "healthyThreshold",
    "healthCheck.unhealthyThreshold": "unhealthyThreshold",
}


@dataclass(frozen=True, slots=True)
class _Services:
    """The Service objects by namespace and name."""

    found: dict[tuple[str, str], KubeObject]

    def of(self, thing: KubeObject, backend: Backend) -> KubeObject | None:
        return self.found.get((thing.namespace, backend.node.text))


def _services(ctx: Context) -> _Services:
    return _Services({(o.namespace, o.name): o for o in objects(ctx, "Service")})


def _pairs(thing: KubeObject, node: Node, scope: str) -> Settings:
    """A list `key=value,key=value`, each pair at its own place."""
    start = thing.source.offset(node.span.start)
    raw = thing.source.text[start : thing.source.offset(node.span.end)]
    return {
        found[1]: (
            Setting(found[1], found[2], thing.source.span(start + found.start(), start + found.end()), scope=scope),
        )
        for found in _PAIR.finditer(raw)
    }


def _written(given: dict[str, Node], prefix: str, names: dict[str, str], scope: str) -> Settings:
    return {
        name: (Setting(name, given[prefix + note].text, given[prefix + note].span, scope=scope),)
        for note, name in names.items()
        if prefix + note in given
    }


def _component(product: str, kind: Kind, thing: KubeObject, **more: Any) -> Component:
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


def _at(ports: Iterable[int]) -> tuple[Address, ...]:
    return tuple(Address(port=port) for port in ports)


def alb_ingresses(ctx: Context) -> Iterator[Component]:
    """One balancer for each Ingress of class alb, or for each group of them."""
    services = _services(ctx)
    groups: dict[tuple[str, str], list[KubeObject]] = {}
    for thing in ingresses(ctx, {"alb"}, ALB):
        group = notes(thing).get(f"{ALB}group.name")
        groups.setdefault(("group", group.text) if group is not None else (thing.namespace, thing.name), []).append(
            thing
        )
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
        yield _component(
            "aws-alb",
            "lb",
            things[0],
            settings=own,
            links=tuple(links),
            listens=_at((80, 443)),
            names=hosts,
            protocol="http",
            traits=KUBERNETES,
        )


def _class_params(ctx: Context, thing: KubeObject) -> Settings:
    """The attributes of the class's parameters, which win over the annotation."""
    kinds = {o.name: o.node.value("spec", "parameters", "name") for o in objects(ctx, "IngressClass")}
    found: Settings = {}
    for params in objects(ctx, "IngressClassParams"):
        if params.name == kinds.get(ingress_class(thing)):
            for pair in params.node.each("spec", "loadBalancerAttributes"):
                value = pair.get("value")
                if value is not None:
                    found[pair.value("key")] = (
                        Setting(pair.value("key"), value.text, value.span, scope=f"IngressClassParams {params.name}"),
                    )
    return found


def _alb_links(thing: KubeObject, services: _Services, own: Settings) -> Iterator[Link]:
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
            yield name, int(port) if port.isdigit() else None


def _group(thing: KubeObject) -> Settings:
    """The target group's settings on an Ingress or a Service."""
    given, where = notes(thing), f"{thing.kind} {thing.name}"
    node = given.get(f"{ALB}target-group-attributes")
    return {**_written(given, ALB, _HEALTH, where), **(_pairs(thing, node, where) if node is not None else {})}


def _balanced(ctx: Context) -> Iterator[tuple[KubeObject, dict[str, Node]]]:
    for thing in objects(ctx, "Service"):
        if thing.node.value("spec", "type") == "LoadBalancer":
            yield thing, notes(thing)


def _to_service(thing: KubeObject, own: Settings, protocol: str) -> Iterator[Link]:
    """The way on to the Service itself, for each of its ports."""
    for port in thing.node.each("spec", "ports"):
        number = port.get("port")
        if number is not None and number.text.isdigit():
            yield Link(
                Address(f"{thing.name}.{thing.namespace}", int(number.text)),
                number.span,
                own,
                protocol,
                f"Service {thing.name}",
            )


def _ports(thing: KubeObject) -> tuple[int, ...]:
    return tuple(int(text) for port in thing.node.each("spec", "ports") if (text := port.value("port")).isdigit())


def _is_nlb(thing: KubeObject, given: dict[str, Node]) -> bool:
    kind = given.get(f"{AWS}type")
    return (kind is not None and kind.text in ("nlb", "nlb-ip", "external")) or thing.node.value(
        "spec", "loadBalancerClass"
    ) == "service.k8s.aws/nlb"


def nlb_services(ctx: Context) -> Iterator[Component]:
    """One box for each Service that asks for a network load balancer."""
    for thing, given in _balanced(ctx):
        if not _is_nlb(thing, given):
            continue
        where = f"Service {thing.name}"
        own = _written(given, AWS, _NLB_HEALTH, where)
        for name, node in given.items():
            if name == f"{AWS}target-group-attributes" or name.startswith(f"{AWS}listener-attributes."):
                own |= _pairs(thing, node, where)
        tls = f"{AWS}ssl-cert" in given and f"{AWS}ssl-ports" not in given
        links = tuple(_to_service(thing, {}, "tcp"))
        variant = "tls" if tls else None
        yield _component(
            "aws-nlb",
            "box",
            thing,
            settings=own,
            links=links,
            listens=_at(_ports(thing)),
            protocol="tcp",
            variant=variant,
            traits=KUBERNETES,
        )


def clb_services(ctx: Context) -> Iterator[Component]:
    """One classic balancer for each Service with annotations for AWS that asks for no other type."""
    for thing, given in _balanced(ctx):
        if (
            _is_nlb(thing, given)
            or not any(name.startswith(AWS) for name in given)
            or thing.node.get("spec", "loadBalancerClass")
        ):
            continue
        own = {**_written(given, AWS, _CLB, f"Service {thing.name}"), **_clb_draining(given)}
        backend = given.get(f"{AWS}backend-protocol")
        protocol = "http" if backend is not None and backend.text.lower().startswith("http") else "tcp"
        links = tuple(_to_service(thing, own, protocol))
        yield _component(
            "aws-clb", "lb", thing, settings=own, links=links, listens=_at(_ports(thing)), protocol=protocol
        )


def _clb_draining(given: dict[str, Node]) -> Settings:
    name = "ConnectionDraining.Timeout"
    enabled, timeout = given.get(f"{AWS}connection-draining-enabled"), given.get(f"{AWS}connection-draining-timeout")
    if enabled is None or enabled.text != "true":
        return {name: (Setting(name, enabled.text, enabled.span, limit=OFF),)} if enabled is not None else {}
    node = timeout or enabled
    return {name: (Setting(name, timeout.text if timeout is not None else "300", node.span),)}


def azure_services(ctx: Context) -> Iterator[Component]:
    """One box for each Service with annotations for Azure."""
    for thing, given in _balanced(ctx):
        if not any(name.startswith(AZURE) for name in given):
            continue
        names = {
            "load-balancer-tcp-idle-timeout": "idleTimeoutInMinutes",
            "load-balancer-health-probe-interval": "probe.intervalInSeconds",
        }
        names |= {"load-balancer-health-probe-num-of-probe": "probe.numberOfProbes"}
        own = _written(given, AZURE, names, f"Service {thing.name}")
        reset = given.get(f"{AZURE}load-balancer-disable-tcp-reset")
        if reset is not None:
            limit = Word("drop") if reset.text == "true" else Word("rst")
            own["enableTcpReset"] = (Setting("enableTcpReset", reset.text, reset.span, limit=limit),)
        links = tuple(_to_service(thing, {}, "tcp"))
        yield _component(
            "azure-lb",
            "box",
            thing,
            settings=own,
            links=links,
            listens=_at(_ports(thing)),
            protocol="tcp",
            traits=KUBERNETES,
        )


def gce_ingresses(ctx: Context) -> Iterator[Component]:
    """One balancer for each Ingress that GKE's own controller takes."""
    services = _services(ctx)
    configs = {(o.namespace, o.name): o for o in objects(ctx, "BackendConfig")}
    for thing in objects(ctx, "Ingress"):
        asked = ingress_class(thing)
        if asked not in ("gce", "gce-internal") and (asked or not _is_gce(thing, services)):
            continue
        links = tuple(_gce_link(thing, backend, services, configs) for backend in backends(thing))
        hosts = tuple(dict.fromkeys(r.value("host") for r in thing.node.each("spec", "rules") if r.value("host")))
        variant = "regional" if asked == "gce-internal" else None
        listens = _at((80, 443))
        yield _component(
            "gcp-lb",
            "lb",
            thing,
            links=links,
            listens=listens,
            names=hosts,
            protocol="http",
            variant=variant,
            traits=KUBERNETES,
        )


def _is_gce(thing: KubeObject, services: _Services) -> bool:
    if any(name.startswith(_GCE_MARKS) for name in notes(thing)):
        return True
    behind = [service for backend in backends(thing) if (service := services.of(thing, backend)) is not None]
    return any(name in _BACKEND_CONFIG for service in behind for name in notes(service))


def _gce_link(
    thing: KubeObject, backend: Backend, services: _Services, configs: dict[tuple[str, str], KubeObject]
) -> Link:
    own: Settings = {}
    service = services.of(thing, backend)
    for name in _config_names(service, backend) if service is not None else ():
        config = configs.get((thing.namespace, name))
        for path, setting in _BACKEND.items() if config is not None else ():
            node = config.node.get("spec", *path.split(".")) if config is not None else None
            if node is not None and node.kind == "scalar":
                own[setting] = (Setting(setting, node.text, node.span, scope=f"BackendConfig {name}"),)
    return Link(backend.target, backend.node.span, own, "http", backend.label)


def _config_names(service: KubeObject, backend: Backend) -> tuple[str, ...]:
    """The BackendConfigs a Service names for a port, or for all of them."""
    node = next((value for name, value in notes(service).items() if name in _BACKEND_CONFIG), None)
    try:
        given = json.loads(node.text) if node is not None else {}
    except (ValueError, RecursionError):
        return ()
    ports = given.get("ports") if isinstance(given, dict) else None
    mine = ports.get(str(backend.target.port)) if isinstance(ports, dict) else None
    name = mine or (given.get("default") if isinstance(given, dict) else None)
    if name is None and isinstance(ports, dict):
        names = {str(value) for value in ports.values()}
        name = next(iter(names)) if len(names) == 1 else None
    return (name,) if isinstance(name, str) else ()
