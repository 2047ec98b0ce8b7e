"""Kong's ingress controller: Ingress objects of its class, and the konghq.com annotations of the Services behind."""

from __future__ import annotations

from tochain.model.component import Link
from tochain.model.fact import Setting, Settings
from tochain.products.base import Context
from tochain.products.kubeingress import backends, ingresses
from tochain.products.kubeobjects import KubeObject, notes, objects

__all__ = ["kube_links"]

_NAMES = {
    "konghq.com/connect-timeout": "connect_timeout",
    "konghq.com/read-timeout": "read_timeout",
    "konghq.com/write-timeout": "write_timeout",
    "konghq.com/retries": "retries",
}


def kube_links(ctx: Context) -> tuple[list[KubeObject], list[Link]]:
    """The Ingresses of the class, and a link for each of their backends."""
    mine = ingresses(ctx, {"kong"}, "konghq.com/")
    services = {(thing.namespace, thing.name): thing for thing in objects(ctx, "Service")}
    links = []
    for thing in mine:
        for backend in backends(thing):
            settings = _settings(services.get((thing.namespace, backend.node.text)))
            links.append(Link(backend.target, backend.node.span, settings, "http", backend.label))
    return mine, links


def _settings(service: KubeObject | None) -> Settings:
    if service is None:
        return {}
    written = notes(service)
    return {
        name: (Setting(name, written[note].text, written[note].span, scope=f"Service {service.name}"),)
        for note, name in _NAMES.items()
        if note in written
    }
