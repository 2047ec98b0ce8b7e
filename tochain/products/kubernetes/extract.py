"""Pods and what makes them: workloads, called by the services that select them, with hooks, probes and grace."""

from __future__ import annotations

from dataclasses import dataclass

from tochain.formats.tree import Node
from tochain.model.component import Workload
from tochain.products.base import Context, Extract
from tochain.products.kubeobjects import KubeObject, objects, scope, selects, word
from tochain.products.kubernetes.container import Maps, config_files, environment, lifecycle, sysctls
from tochain.products.kubernetes.kubeproxy import cilium_keys, service_boxes
from tochain.products.start import command_of

__all__ = ["read"]

PLATFORM = "kubernetes"
CONTROLLERS = (
    *("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob", "Pod"),
    *("DeploymentConfig", "Rollout"),
)
Selecting = dict[tuple[str, str, str], list[tuple[int, KubeObject]]]
_LOCAL = (".svc.cluster.local", ".svc")
MOST_REPLICAS = 32
"""How many pods of a StatefulSet are called by name."""


@dataclass(frozen=True, slots=True)
class _Pod:
    """A pod template and the object it stands in."""

    owner: KubeObject
    spec: Node
    labels: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Known:
    """What services call a pod, each service port with the target it means, and the boxes in front of them."""

    names: tuple[str, ...] = ()
    ports: tuple[tuple[str, Node], ...] = ()
    via: tuple[str, ...] = ()


def read(ctx: Context) -> Extract:
    """One workload for each container of each pod template; that with their ports is reached by the services' names."""
    objects(ctx)  # what has no timers (a role, an autoscaler) has been read too
    pods = [pod for thing in objects(ctx, *CONTROLLERS) if (pod := _pod(thing, ctx)) is not None]
    services = objects(ctx, "Service")
    maps: Maps = {(o.kind, o.namespace, o.name): o for o in objects(ctx, "ConfigMap", "Secret")}
    boxes = service_boxes(ctx)
    keys = {**cilium_keys(ctx), **{world: box.key for world, box in boxes.items()}}
    extract = Extract(list(boxes.values()))
    selecting = _selecting(services)
    aliases = _aliases(services)
    for pod in pods:
        known = _known_as(pod, _candidates(pod, selecting), aliases, keys.get(pod.owner.world, ""))
        containers = _containers(pod)
        for container in containers:
            main = container is _main(containers, known)
            extract.workloads.append(_workload(pod, container, known if main else _Known(), maps, main=main))
    return extract


def _pod(thing: KubeObject, ctx: Context) -> _Pod | None:
    path = {"Pod": (), "CronJob": ("spec", "jobTemplate", "spec", "template")}.get(thing.kind, ("spec", "template"))
    spec = thing.node.get(*path, "spec")
    for at in range(1, len(path) + 2):
        node = thing.node.get(*(*path, "spec")[:at])
        if node is not None and node.kind != "mapping" and "{{" not in node.text:
            ctx.problem(node.span, f"{thing.kind} {thing.name}: expected a mapping for {(*path, 'spec')[at - 1]}")
    if spec is None or spec.kind != "mapping":
        return None
    return _Pod(thing, spec, thing.labels(*path, "metadata", "labels"))


def _selecting(services: list[KubeObject]) -> Selecting:
    """The services by namespace and the first label they select by, with their order."""
    found: Selecting = {}
    for at, service in enumerate(services):
        for label in list(service.labels("spec", "selector").items())[:1]:
            found.setdefault((service.namespace, *label), []).append((at, service))
    return found


def _candidates(pod: _Pod, selecting: Selecting) -> list[KubeObject]:
    """The services that may select a pod, in file order."""
    found = [pair for label in pod.labels.items() for pair in selecting.get((pod.owner.namespace, *label), ())]
    return [service for _, service in sorted(found, key=lambda pair: pair[0])]


def _containers(pod: _Pod) -> list[Node]:
    """The containers that run beside one another: those listed, and sidecars among the init containers."""
    sidecars = [node for node in pod.spec.each("initContainers") if node.value("restartPolicy") == "Always"]
    return [node for node in (*pod.spec.each("containers"), *sidecars) if node.kind == "mapping"]


def _aliases(services: list[KubeObject]) -> dict[tuple[str, str], list[str]]:
    """The names that Services of type ExternalName give to other services, by the other's namespace and name."""
    found: dict[tuple[str, str], list[str]] = {}
    for service in services:
        target = service.node.value("spec", "externalName")
        for ending in _LOCAL:
            target = target.removesuffix(ending)
        name, dot, namespace = target.partition(".")
        if service.node.value("spec", "type") == "ExternalName" and dot and "." not in namespace:
            key = (service.beside(namespace), name)
            found.setdefault(key, []).extend(_called(service)[1:])
    return found


def _called(service: KubeObject) -> tuple[str, ...]:
    home = f"{service.name}.{service.home}"
    return service.name, home, f"{home}.svc", f"{home}.svc.cluster.local", f"{service.name}.{service.namespace}"


def _known_as(pod: _Pod, services: list[KubeObject], aliases: dict[tuple[str, str], list[str]], box: str) -> _Known:
    names: list[str] = []
    ports: dict[str, Node] = {}
    boxed = False
    for service in services:
        if not selects(service.labels("spec", "selector"), pod.labels):
            continue
        names += [*_called(service), *aliases.get((service.namespace, service.name), ())]
        headless = service.node.value("spec", "clusterIP") == "None"
        boxed = boxed or not headless
        for port in service.node.each("spec", "ports"):
            target = (None if headless else port.get("targetPort")) or port.get("port")
            if target is not None and port.value("port"):
                ports[port.value("port")] = target
    names += _pod_names(pod)
    via = (box,) if box and boxed else ()
    return _Known(tuple(dict.fromkeys(names)), tuple(ports.items()), via)


def _pod_names(pod: _Pod) -> list[str]:
    """The names of a StatefulSet's single pods."""
    service = pod.owner.node.value("spec", "serviceName")
    if pod.owner.kind != "StatefulSet" or not service:
        return []
    written = pod.owner.node.value("spec", "replicas")
    count = min(int(written), MOST_REPLICAS) if written.isascii() and written.isdecimal() and len(written) < 7 else 1
    bases = [f"{pod.owner.name}-{at}.{service}" for at in range(max(count, 1))]
    home = pod.owner.home
    return [name for base in bases for name in (base, f"{base}.{home}.svc.cluster.local", f"{base}.{home}.svc")]


def _main(containers: list[Node], known: _Known) -> Node:
    """The container the services reach: the one that has a port they mean, or the first where none has."""
    targets = {node.text for _, node in known.ports}
    return next((c for c in containers if targets & _port_words(c)), containers[0])


def _port_words(container: Node) -> set[str]:
    return {
        text for port in container.each("ports") for text in (port.value("containerPort"), port.value("name")) if text
    }


def _workload(pod: _Pod, container: Node, known: _Known, maps: Maps, *, main: bool) -> Workload:
    owner, title, image = pod.owner, container.value("name"), container.get("image")
    own = {port.value("name"): port.value("containerPort") for port in container.each("ports")}
    listed = {number: number for text in own.values() if (number := _port(text)) is not None}
    mapped = {
        outer: inner
        for text, node in known.ports
        if (outer := _port(text)) is not None and (inner := _port(own.get(node.text, node.text))) is not None
    }
    return Workload(
        f"k8s:{owner.namespace}/{owner.kind}/{owner.name}#{title}",
        owner.name if main else f"{owner.name}/{title}",
        scope(owner.namespace),
        owner.span,
        word(image) if image is not None and image.kind == "scalar" else None,
        command_of(owner.source, container.get("command"), container.get("args")),
        environment(container, owner, maps),
        tuple(dict.fromkeys((*known.names, owner.name))) if main else (),
        {**listed, **mapped},
        config_files(owner, pod.spec, container, maps),
        settings=lifecycle(owner, pod.spec, container),
        sysctls=sysctls(pod.spec),
        via=known.via,
        platform=PLATFORM,
    )


def _port(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None
