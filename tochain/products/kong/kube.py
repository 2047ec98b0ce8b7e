"""Kong's ingress controller: Ingress objects of its class, and the konghq.com annotations of the Services behind."""

from __future__ import annotations

from tochain.model.component import Link
from tochain.model.fact import Setting, Settings
from tochain.model.span import Span
from tochain.products.base import Context
from tochain.products.kubeingress import backends, ingresses
from tochain.products.kubeobjects import KubeObject, notes, objects, scope

__all__ = ["kube_links"]

_NAMES = {
    "konghq.com/connect-timeout": "connect_timeout",
    "konghq.com/read-timeout": "read_timeout",
    "konghq.com/write-timeout": "write_timeout",
    "konghq.com/retries": "retries",
}


def kube_links(ctx: Context) -> tuple[list[Link], list[str], str, Span | None, list[str]]:
    """Links, host names, the scope and place of the first Ingress, and the files; the place is None without one."""
    mine = ingresses(ctx, {"kong"}, "konghq.com/")
    services = {(thing.namespace, thing.name): thing for thing in objects(ctx, "Service")}
    links, names = [], []
    for thing in mine:
        names += [
            rule.value("host")
            for rule in thing.node.each("spec", "rules")
            if "*" not in rule.value("host", default="*")
        ]
        for backend in backends(thing):
            settings = _settings(services.get((thing.namespace, backend.node.text)))
            links.append(Link(backend.target, backend.node.span, settings, "http", backend.label))
    first = mine[0] if mine else None
    paths = [thing.source.path for thing in mine]
    return links, names, scope(first.namespace) if first else "", first.span if first else None, paths


def _settings(service: KubeObject | None) -> Settings:
    if service is None:
        return {}
    written = notes(service)
    return {
        name: (Setting(name, written[note].text, written[note].span, scope=f"Service {service.name}"),)
        for note, name in _NAMES.items()
        if note in written
    }
