"""Load balancers that Kubernetes makes on Azure and Google Cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tochain.model.component import Component, Link
from tochain.model.fact import Setting, Settings
from tochain.model.limit import Word
from tochain.products.base import Context
from tochain.products.kubecloud import (
    KUBERNETES,
    Services,
    all_services,
    at,
    balanced,
    component,
    ports_of,
    to_service,
    written,
)
from tochain.products.kubegateway import PROTOCOLS, Ref, gateways
from tochain.products.kubeingress import Backend, backends, ingress_class
from tochain.products.kubeobjects import KubeObject, notes, objects

__all__ = ["azure_services", "gce_ingresses", "gke_gateways"]

AZURE = "service.beta.kubernetes.io/azure-"
_GCE_MARKS = ("networking.gke.io/", "ingress.gcp.kubernetes.io/", "kubernetes.io/ingress.global-static-ip-name")
_GATEWAY_VARIANTS = {
    "gke-l7-gxlb": "classic",
    "gke-l7-rilb": "regional",
    "gke-l7-regional-external-managed": "regional",
}
"""Which of Google's balancers a class is; the global external one where it is not among these."""
_POLICIES = {"GCPBackendPolicy": "", "HealthCheckPolicy": "healthCheck."}
_BACKEND_CONFIG = ("cloud.google.com/backend-config", "beta.cloud.google.com/backend-config")
_BACKEND = {
    "timeoutSec": "timeoutSec",
    "connectionDraining.drainingTimeoutSec": "connectionDraining.drainingTimeoutSec",
    "healthCheck.checkIntervalSec": "checkIntervalSec",
    "healthCheck.timeoutSec": "healthCheck.timeoutSec",
    "healthCheck.healthyThreshold": "healthyThreshold",
    "healthCheck.unhealthyThreshold": "unhealthyThreshold",
}


def azure_services(ctx: Context) -> Iterator[Component]:
    """One box for each Service with annotations for Azure."""
    for thing, given in balanced(ctx):
        if not any(name.startswith(AZURE) for name in given):
            continue
        names = {
            "load-balancer-tcp-idle-timeout": "idleTimeoutInMinutes",
            "load-balancer-health-probe-interval": "probe.intervalInSeconds",
        }
        names |= {"load-balancer-health-probe-num-of-probe": "probe.numberOfProbes"}
        own = written(given, AZURE, names, f"Service {thing.name}")
        reset = given.get(f"{AZURE}load-balancer-disable-tcp-reset")
        if reset is not None:
            limit = Word("drop") if reset.text == "true" else Word("rst")
            own["enableTcpReset"] = (Setting("enableTcpReset", reset.text, reset.span, limit=limit),)
        links = tuple(to_service(thing, {}, "tcp"))
        yield component(
            "azure-lb",
            "box",
            thing,
            settings=own,
            links=links,
            listens=at(ports_of(thing)),
            protocol="tcp",
            traits=KUBERNETES,
        )


def gce_ingresses(ctx: Context) -> Iterator[Component]:
    """One balancer for each Ingress that GKE's own controller takes."""
    services = all_services(ctx)
    configs = {(o.namespace, o.name): o for o in objects(ctx, "BackendConfig")}
    for thing in objects(ctx, "Ingress"):
        asked = ingress_class(thing)
        if asked not in ("gce", "gce-internal") and (asked or not _is_gce(thing, services)):
            continue
        links = tuple(_gce_link(thing, backend, services, configs) for backend in backends(thing))
        hosts = tuple(dict.fromkeys(r.value("host") for r in thing.node.each("spec", "rules") if r.value("host")))
        variant = "regional" if asked == "gce-internal" else None
        listens = at((80, 443))
        yield component(
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


def _is_gce(thing: KubeObject, services: Services) -> bool:
    if any(name.startswith(_GCE_MARKS) for name in notes(thing)):
        return True
    behind = [service for backend in backends(thing) if (service := services.of(thing, backend)) is not None]
    return any(name in _BACKEND_CONFIG for service in behind for name in notes(service))


def _gce_link(
    thing: KubeObject, backend: Backend, services: Services, configs: dict[tuple[str, str], KubeObject]
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


def gke_gateways(ctx: Context) -> Iterator[Component]:
    """One balancer for each Gateway of a class that GKE provides."""
    policies = [policy for policy in objects(ctx, *_POLICIES) if policy.node.value("spec", "targetRef", "name")]
    for gateway in gateways(ctx):
        if gateway.product != "gcp-lb":
            continue
        named = gateway.thing.node.value("spec", "gatewayClassName").removesuffix("-mc")
        yield component(
            "gcp-lb",
            "lb",
            gateway.thing,
            links=tuple(
                Link(r.target, r.node.span, _policed(r, policies), PROTOCOLS[r.route.kind], r.label)
                for r in gateway.refs
            ),
            listens=gateway.ports,
            names=gateway.hosts,
            protocol="http",
            variant=_GATEWAY_VARIANTS.get(named),
            traits=KUBERNETES,
        )


def _policed(ref: Ref, policies: list[KubeObject]) -> Settings:
    """What the policies of a backend's Service say of it."""
    own: Settings = {}
    for policy in policies:
        target = policy.node.value("spec", "targetRef", "name")
        if f"{target}.{policy.namespace}" != ref.target.host:
            continue
        for path, setting in _BACKEND.items():
            part = path.removeprefix(_POLICIES[policy.kind]) if path.startswith(_POLICIES[policy.kind]) else ""
            node = policy.node.get("spec", "default", *part.split(".")) if part else None
            if node is not None and node.kind == "scalar":
                own[setting] = (Setting(setting, node.text, node.span, scope=f"{policy.kind} {policy.name}"),)
    return own
