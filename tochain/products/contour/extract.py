"""Contour: HTTPProxy routes, Ingress annotations, and the timeouts of its ConfigMap or ContourConfiguration."""

from __future__ import annotations

import re
from dataclasses import replace

from tochain.formats import yamlfile
from tochain.formats.embed import embedded
from tochain.formats.tree import Node
from tochain.model.component import Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.products.base import Context, Extract
from tochain.products.kubeingress import backends, ingresses
from tochain.products.kubeobjects import KubeObject, notes, objects
from tochain.products.kubeproxies import controller, proxy, service
from tochain.products.programs import Program
from tochain.products.trees import take

__all__ = ["read"]

ENVOY = Program(re.compile(r"envoy"), frozenset({"envoy"}))
CONTOUR = Program(re.compile(r"contour"), frozenset({"contour"}))
_FILE = (
    "timeouts.connection-idle-timeout", "timeouts.request-timeout", "timeouts.stream-idle-timeout",
    "timeouts.max-connection-duration", "timeouts.delayed-close-timeout", "timeouts.connection-shutdown-grace-period",
    "timeouts.connect-timeout", "listener.max-requests-per-connection", "cluster.max-requests-per-connection",
)  # fmt: skip
_ROUTE = (
    "timeoutPolicy.response", "timeoutPolicy.idle", "timeoutPolicy.idleConnection", "retryPolicy.count",
    "retryPolicy.perTryTimeout", "retryPolicy.retryOn",
)  # fmt: skip
_HEALTH = (
    "healthCheckPolicy.intervalSeconds", "healthCheckPolicy.timeoutSeconds",
    "healthCheckPolicy.unhealthyThresholdCount",
    "healthCheckPolicy.healthyThresholdCount",
)  # fmt: skip
_NOTES = {
    "projectcontour.io/response-timeout": "timeoutPolicy.response",
    "projectcontour.io/num-retries": "retryPolicy.count",
    "projectcontour.io/per-try-timeout": "retryPolicy.perTryTimeout",
    "projectcontour.io/retry-on": "retryPolicy.retryOn",
}


def read(ctx: Context) -> Extract:
    """One component for the gateway, with a link for each service of each route."""
    proxies = [thing for thing in objects(ctx, "HTTPProxy") if "projectcontour" in thing.api]
    plain = ingresses(ctx, {"contour"}, "projectcontour.io/")
    base, where = _settings(ctx)
    mine = [*proxies, *plain, *where]
    if not mine:
        return Extract()
    health: dict[str, tuple[Setting, ...]] = {}
    links: list[Link] = []
    for thing in proxies:
        for route in thing.node.each("spec", "routes"):
            links += _route(thing, route, base)
            for name, found in take(route, _HEALTH, f"HTTPProxy {thing.name}").items():
                health[name] = (*health.get(name, ()), *found)
    links += [link for thing in plain for link in _ingress(thing, base)]
    names = [thing.node.value("spec", "virtualhost", "fqdn") for thing in proxies]
    names += [rule.value("host") for thing in plain for rule in thing.node.each("spec", "rules")]
    paths = (thing.source.path for thing in mine)
    running = controller(ctx, CONTOUR)
    made = proxy("contour", mine[0], links, {**base, **health}, running, names=names, files=paths)
    gateway = _gateway(ctx, running)
    return Extract(
        [made if gateway is None else replace(made, workload=gateway.key, names=(*made.names, *gateway.names))]
    )


def _gateway(ctx: Context, running: Workload | None) -> Workload | None:
    """The Envoy that Contour steers: requests come to its pods, and all it does is Contour's configuration."""
    beside = [w for w in ENVOY.of(ctx.workloads) if running is not None and w.scope == running.scope]
    return beside[0] if len(beside) == 1 else None


def _settings(ctx: Context) -> tuple[Settings, list[KubeObject]]:
    """The timeouts for every listener, from the object or from the file in the ConfigMap, and what says them."""
    found: Settings = {}
    where = []
    for thing in objects(ctx, "ContourConfiguration", "ContourDeployment"):
        envoy = thing.node.get("spec", "envoy") or thing.node.get("spec", "runtimeSettings", "envoy")
        camel = {_camel(name): name for name in _FILE}
        found |= take(envoy, camel, f"{thing.kind} {thing.name}")
        where.append(thing)
    for thing in objects(ctx, "ConfigMap"):
        for key, value in thing.node.pairs("data"):
            if not key.text.startswith("contour.y"):
                continue
            inner = embedded(thing.source, value)
            if inner is None:
                ctx.problem(value.span, f"{key.text} could not be read inside the ConfigMap")
                continue
            for root in yamlfile.parse(inner).roots:
                found |= take(root, _FILE, f"ConfigMap {thing.name}")
            where.append(thing)
    return found, where


def _camel(name: str) -> str:
    return re.sub(r"-([a-z])", lambda letter: letter[1].upper(), name)


def _route(thing: KubeObject, route: Node, base: Settings) -> list[Link]:
    prefix = next((c.value("prefix") for c in route.each("conditions") if c.value("prefix")), "/")
    host = thing.node.value("spec", "virtualhost", "fqdn") or thing.name
    settings = {**base, **take(route, _ROUTE, f"HTTPProxy {thing.name}"), **_retries(route)}
    links = []
    for target in route.each("services"):
        name = target.get("name")
        if name is None or target.value("mirror") == "true":
            continue
        protocol = "http2" if target.value("protocol") in ("h2", "h2c") else "http"
        goal = service(name.text, thing.namespace, target.value("port"))
        links.append(Link(goal, name.span, settings, protocol, f"{host}{prefix}"))
    return links


def _retries(route: Node) -> Settings:
    """A retry policy without a count still retries."""
    policy = route.get("retryPolicy")
    return {} if policy is None else {"retryPolicy": (Setting("retryPolicy", "on", policy.span),)}


def _ingress(thing: KubeObject, base: Settings) -> list[Link]:
    written = notes(thing)
    own = {
        name: (Setting(name, written[note].text, written[note].span, scope=f"Ingress {thing.name}"),)
        for note, name in _NOTES.items()
        if note in written
    }
    settings = {**base, **own}
    return [Link(backend.target, backend.node.span, settings, "http", backend.label) for backend in backends(thing)]
