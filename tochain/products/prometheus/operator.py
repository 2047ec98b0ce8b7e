"""Jobs the Prometheus operator makes of ServiceMonitor, PodMonitor, Probe and ScrapeConfig objects."""

from __future__ import annotations

from collections.abc import Iterator

from tochain.formats.tree import Node
from tochain.model.component import Address, Component, Link
from tochain.model.fact import Settings
from tochain.products.base import Context
from tochain.products.kubeobjects import KubeObject, objects, scope, selects, setting

__all__ = ["jobs"]

PRODUCT = "prometheus"
_ENDPOINTS = {"ServiceMonitor": ("endpoints",), "PodMonitor": ("podMetricsEndpoints",)}
_TIMES = {"interval": "scrape_interval", "scrapeTimeout": "scrape_timeout", "scrapeInterval": "scrape_interval"}


def jobs(ctx: Context) -> list[Component]:
    """One monitor for each object, with the times of each of its endpoints."""
    services = objects(ctx, "Service")
    found = []
    for thing in objects(ctx, "ServiceMonitor", "PodMonitor", "Probe", "ScrapeConfig"):
        if "monitoring.coreos.com" in thing.api:
            found += [_component(thing, *endpoint) for endpoint in _endpoints(thing, services)]
    return found


def _endpoints(thing: KubeObject, services: list[KubeObject]) -> Iterator[tuple[int, Node, list[Address]]]:
    spec = thing.node.get("spec") or thing.node
    if thing.kind not in _ENDPOINTS:
        prober = spec.get("prober", "url")
        yield 0, spec, [_of_url(prober.text)] if prober is not None and prober.kind == "scalar" else []
        return
    wanted = thing.labels("spec", "selector", "matchLabels")
    mine = [s for s in services if selects(wanted, s.labels("metadata", "labels")) and s.namespace == thing.namespace]
    for at, endpoint in enumerate(spec.each(*_ENDPOINTS[thing.kind])):
        port = endpoint.value("port")
        yield at, endpoint, [a for service in mine if (a := _of_service(service, port)) is not None]


def _of_service(service: KubeObject, name: str) -> Address | None:
    for port in service.node.each("spec", "ports"):
        number = port.value("port")
        if port.value("name") == name and number.isdecimal() and len(number) < 6:
            return Address(f"{service.name}.{service.namespace}", int(number))
    return None


def _of_url(text: str) -> Address:
    host, _, port = text.rpartition("://")[2].partition("/")[0].partition(":")
    return Address(host, int(port) if port.isdecimal() and len(port) < 6 else 80)


def _component(thing: KubeObject, at: int, endpoint: Node, targets: list[Address]) -> Component:
    settings: Settings = {}
    for key, name in _TIMES.items():
        node = endpoint.get(key)
        if node is not None:
            settings |= setting(name, node)
    module = thing.node.value("spec", "module")
    links = tuple(Link(a, endpoint.span, settings, "http", thing.kind, part=_part(module)) for a in targets)
    return Component(
        f"{PRODUCT}:{thing.source.path}#{thing.kind}/{thing.namespace}/{thing.name}/{at}", thing.name, PRODUCT,
        endpoint.span if at else thing.span, "monitor", scope=scope(thing.namespace), settings=settings, links=links,
        protocol="http", files=(thing.source.path,),
    )  # fmt: skip


def _part(module: str) -> str:
    return f"module {module}" if module else ""
