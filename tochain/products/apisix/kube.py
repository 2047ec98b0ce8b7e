"""APISIX's objects in Kubernetes: ApisixRoute with ApisixUpstream, and Ingress of its class."""

from __future__ import annotations

from tochain.model.component import Address, Link
from tochain.model.fact import Setting, Settings
from tochain.products.base import Context
from tochain.products.kubeingress import backends, ingresses
from tochain.products.kubeobjects import KubeObject, objects
from tochain.products.trees import take

__all__ = ["kube_links"]

_TIMEOUT = ("timeout.connect", "timeout.send", "timeout.read")


def kube_links(ctx: Context) -> tuple[list[KubeObject], list[Link]]:
    """The ApisixRoutes and the Ingresses of the class, and a link for each of their backends."""
    things = [thing for thing in objects(ctx, "ApisixRoute", "ApisixUpstream") if "apisix" in thing.api]
    upstreams = {(thing.namespace, thing.name): thing for thing in things if thing.kind == "ApisixUpstream"}
    routes = [thing for thing in things if thing.kind == "ApisixRoute"]
    links = [link for thing in routes for link in _route(thing, upstreams)]
    plain = ingresses(ctx, {"apisix"}, "k8s.apisix.apache.org/")
    for thing in plain:
        for backend in backends(thing):
            settings = _upstream(upstreams.get((thing.namespace, backend.node.text)))
            links.append(Link(backend.target, backend.node.span, settings, "http", backend.label))
    return [*routes, *plain], links


def _route(thing: KubeObject, upstreams: dict[tuple[str, str], KubeObject]) -> list[Link]:
    links = []
    for kind, group in (("http", "http"), ("tcp", "stream")):
        for rule in thing.node.each("spec", group):
            label = f"route {rule.value('name') or thing.name}"
            own = take(rule, _TIMEOUT, label)
            backs = [*rule.each("backends"), *rule.each("backend")]
            for back in backs:
                name = back.get("serviceName")
                if name is None:
                    continue
                port = back.value("servicePort")
                settings = {**_upstream(upstreams.get((thing.namespace, name.text))), **own}
                target = Address(f"{name.text}.{thing.namespace}", int(port) if port.isdecimal() else None)
                links.append(Link(target, name.span, settings, kind, label))
    return links


def _upstream(thing: KubeObject | None) -> Settings:
    """The settings of an ApisixUpstream; a Service is one node, so it is tried once unless told otherwise."""
    if thing is None:
        return {}
    spec = thing.node.get("spec")
    found = take(spec, (*_TIMEOUT, "retries"), f"ApisixUpstream {thing.name}")
    return {**found, "nodes": (Setting("nodes", "1", thing.span),)}
