"""Pods and what makes them become workloads, called by the services that select them, with hooks, probes and grace periods."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tochain.formats.tree import Node
from tochain.model.component import Word, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.limit import Unknown
from tochain.products.base import Context, Extract
from tochain.products.configmaps import embedded_path, mounted
from tochain.products.cron import cron_period
from tochain.products.kubeobjects import KubeObject, objects, scope, selects, setting, word
from tochain.products.start import command_of

__all__ = ["read"]

PLATFORM = "kubernetes"
CONTROLLERS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob", "Pod", "DeploymentConfig", "Rollout")
_SLEEP = re.compile(r"\bsleep\s+(\d+(?:\.\d+)?)(s|m|h)?\b")


@dataclass(frozen=True, slots=True)
class _Pod:
    """A pod template and the object it stands in."""

    owner: KubeObject
    spec: Node
    labels: dict[str, str]


def read(ctx: Context) -> Extract:
    """One workload for each container of each pod template; the first one is reached by the services' names."""
    found = objects(ctx, *CONTROLLERS, "Service", "Endpoints")
    pods = [pod for thing in found if (pod := _pod(thing)) is not None]
    services = [thing for thing in found if thing.kind == "Service"]
    maps = {(o.namespace, o.name): o for o in objects(ctx, "ConfigMap")}
    extract = Extract()
    for pod in pods:
        names, ports = _known_as(pod, services)
        containers = pod.spec.each("containers")
        for container in containers:
            extract.workloads.append(_workload(pod, container, names, ports, maps, main=_is_main(container, containers, ports)))
    return extract


def _pod(thing: KubeObject) -> _Pod | None:
    if thing.kind not in CONTROLLERS:
        return None
    path = {"Pod": (), "CronJob": ("spec", "jobTemplate", "spec", "template")}.get(thing.kind, ("spec", "template"))
    spec = thing.node.get(*path, "spec")
    if spec is None or spec.kind != "mapping":
        return None
    return _Pod(thing, spec, thing.labels(*path, "metadata", "labels"))


def _known_as(pod: _Pod, services: list[KubeObject]) -> tuple[tuple[str, ...], dict[str, Node]]:
    """The names of the services that select a pod, and each service port with the target it names."""
    names: list[str] = []
    ports: dict[str, Node] = {}
    for service in services:
        if service.namespace != pod.owner.namespace or not selects(service.labels("spec", "selector"), pod.labels):
            continue
        base = f"{service.name}.{service.namespace}"
        home = f"{service.name}.{service.home}"
        names += [service.name, home, f"{home}.svc", f"{home}.svc.cluster.local", base]
        for port in service.node.each("spec", "ports"):
            target = port.get("targetPort") or port.get("port")
            if target is not None and port.value("port"):
                ports[port.value("port")] = target
    if pod.owner.kind == "StatefulSet":
        service_name = pod.owner.node.value("spec", "serviceName")
        names += [f"{pod.owner.name}-0.{service_name}"] if service_name else []
    return tuple(dict.fromkeys(names)), ports


def _is_main(container: Node, containers: list[Node], ports: dict[str, Node]) -> bool:
    """Whether the services reach this container: it has the port they mean, or it is the first and none has."""
    targets = {node.text for node in ports.values()}
    mine = [c for c in containers if targets & _port_words(c)]
    return container in mine if mine else container is containers[0]


def _port_words(container: Node) -> set[str]:
    return {text for port in container.each("ports") for text in (port.value("containerPort"), port.value("name")) if text}


def _workload(
    pod: _Pod, container: Node, names: tuple[str, ...], ports: dict[str, Node], maps: dict[tuple[str, str], KubeObject], *, main: bool
) -> Workload:
    owner = pod.owner
    title = container.value("name")
    name = owner.name if main else f"{owner.name}/{title}"
    image = container.get("image")
    own = {port.value("name"): port.value("containerPort") for port in container.each("ports")}
    mapped = {int(outer): int(inner) for outer, node in ports.items() if outer.isdigit() and (inner := own.get(node.text, node.text)).isdigit()}
    listed = {int(p): int(p) for p in own.values() if p.isdigit()}
    return Workload(
        f"k8s:{owner.namespace}/{owner.kind}/{owner.name}#{title}",
        name,
        scope(owner.namespace),
        owner.span,
        word(image) if image is not None and image.kind == "scalar" else None,
        command_of(owner.source, container.get("command"), container.get("args")),
        _environment(container, owner, maps),
        tuple(dict.fromkeys((*names, owner.name))) if main else (),
        {**listed, **(mapped if main else {})},
        _config_files(pod, container, maps),
        settings=_lifecycle(pod, container),
        sysctls=_sysctls(pod),
        platform=PLATFORM,
    )


def _config_files(pod: _Pod, container: Node, maps: dict[tuple[str, str], KubeObject]) -> dict[str, str]:
    """The files of ConfigMaps the container mounts, with their paths inside."""
    found: dict[str, str] = {}
    for name, key, target in mounted(pod.spec, container):
        thing = maps.get((pod.owner.namespace, name))
        if thing is not None and key:
            found[embedded_path(thing.source.path, name, key)] = target
        elif thing is not None:
            keys = [entry.text for entry, _ in thing.node.pairs("data")]
            found.update({embedded_path(thing.source.path, name, one): f"{target}/{one}" for one in keys})
    return found


def _environment(container: Node, owner: KubeObject, maps: dict[tuple[str, str], KubeObject]) -> dict[str, Word]:
    found: dict[str, Word] = {}
    for source in container.each("envFrom"):
        whole = maps.get((owner.namespace, source.value("configMapRef", "name")))
        for key, value in whole.node.pairs("data") if whole else []:
            found[key.text] = word(value)
    for item in container.each("env"):
        given = item.get("value") or _from_map(item, owner, maps)
        if given is not None and given.kind == "scalar":
            found[item.value("name")] = word(given)
    return found


def _from_map(item: Node, owner: KubeObject, maps: dict[tuple[str, str], KubeObject]) -> Node | None:
    thing = maps.get((owner.namespace, item.value("valueFrom", "configMapKeyRef", "name")))
    return thing.node.get("data", item.value("valueFrom", "configMapKeyRef", "key")) if thing else None


def _lifecycle(pod: _Pod, container: Node) -> Settings:
    found: Settings = {}
    grace = pod.spec.get("terminationGracePeriodSeconds")
    if grace is not None:
        found |= setting("terminationGracePeriodSeconds", grace)
    found |= _pre_stop(container)
    for probe in ("readinessProbe", "livenessProbe", "startupProbe"):
        for key, value in container.pairs(probe):
            if key.text.endswith("Seconds") or key.text.endswith("Threshold"):
                found |= setting(f"{probe}.{key.text}", value)
    for name in ("minReadySeconds", "progressDeadlineSeconds"):
        node = pod.owner.node.get("spec", name)
        if node is not None:
            found |= setting(name, node)
    return found | _schedule(pod)


def _pre_stop(container: Node) -> Settings:
    """The pause before SIGTERM: a sleep action, or the sleeps of a command; any other hook takes an unknown time."""
    hook = container.get("lifecycle", "preStop")
    if hook is None:
        return {}
    sleep = hook.get("sleep", "seconds")
    if sleep is not None:
        return setting("lifecycle.preStop", sleep)
    words = [node for _, node in hook.walk()] if hook.get("exec") is not None else []
    text = " ".join(node.text for node in words)
    pauses = _SLEEP.findall(text)
    place = next((node for node in words if re.search(r"\d", node.text)), words[-1] if words else hook)
    if len(pauses) == 1 and "while" not in text and "until" not in text and "$" not in text:
        return {"lifecycle.preStop": (Setting("lifecycle.preStop", pauses[0][0] + (pauses[0][1] or "s"), place.span),)}
    return {"lifecycle.preStop": (Setting("lifecycle.preStop", text, place.span, limit=Unknown("a hook that is no plain sleep")),)}


def _schedule(pod: _Pod) -> Settings:
    if pod.owner.kind not in ("Job", "CronJob"):
        return {}
    base = pod.owner.node.get("spec")
    job = base.get("jobTemplate", "spec") if base is not None and pod.owner.kind == "CronJob" else base
    found: Settings = {}
    for holder, keys in ((base, ("schedule", "concurrencyPolicy", "startingDeadlineSeconds")), (job, ("activeDeadlineSeconds",))):
        for key in keys:
            node = holder.get(key) if holder is not None else None
            if node is not None and key == "schedule":
                found[key] = (Setting(key, node.text, node.span, limit=cron_period(node.text)),)
            elif node is not None:
                found |= setting(key, node)
    return found


def _sysctls(pod: _Pod) -> Settings:
    found: Settings = {}
    for item in pod.spec.each("securityContext", "sysctls"):
        value = item.get("value")
        if value is not None:
            found[item.value("name")] = (Setting(item.value("name"), value.text, value.span),)
    return found
