"""Google Cloud Run: the containers of a service to workloads; the service itself stands in front of the first with a port."""

from __future__ import annotations

from collections.abc import Iterator

from tochain.model.component import Word, Workload
from tochain.products.cloud import Resource, Value, View, number, word
from tochain.products.ecs import words

__all__ = ["SERVICES", "behind", "workloads"]

SERVICES = ("google_cloud_run_v2_service", "google_cloud_run_service")
PLATFORM = "gcp-cloud-run"
_PORT = 8080


def workloads(found: View) -> list[Workload]:
    """A workload for each container of the services."""
    return [
        _workload(service, container, key) for service in found.of(*SERVICES) for key, container in _containers(service)
    ]


def behind(service: Resource) -> tuple[str, int, Value] | None:
    """Whom a service hands its requests to: the workload's key, its port and its place."""
    containers = list(_containers(service))
    chosen = next((pair for pair in containers if _port(pair[1]) is not None), containers[0] if containers else None)
    return (chosen[0], _port(chosen[1]) or _PORT, chosen[1]) if chosen is not None else None


def _containers(service: Resource) -> Iterator[tuple[str, Value]]:
    template = service.value
    containers = template.each("template", "containers") or template.each("template", "spec", "containers")
    for at, container in enumerate(containers):
        yield f"{service.where}#{service.address}/{container.known('name') or at}", container


def _port(container: Value) -> int | None:
    return number(container.get("ports", "container_port"))


def _workload(service: Resource, container: Value, key: str) -> Workload:
    image, name = container.get("image"), container.known("name")
    port = _port(container) or _PORT
    env = {
        pair.known("name"): Word(value.text, value.span)
        for pair in container.each("env")
        if pair.known("name") and (value := pair.get("value")) is not None
    }
    return Workload(
        key, name or service.address, service.where, container.span, word(image) if image is not None else None,
        words(container.get("command")) + words(container.get("args")), env, (), {port: port}, platform=PLATFORM,
    )  # fmt: skip
