"""Sidecars: the proxy in front of each program of a pod that asks for one."""

from __future__ import annotations

from dataclasses import replace

from tochain.formats.tree import Node
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Fact, Settings
from tochain.model.limit import Unknown, seconds
from tochain.model.version import ANY, Versions
from tochain.products.base import Context
from tochain.products.istio.mesh import proxy_config
from tochain.products.istio.rules import Policies, pool
from tochain.products.kubeobjects import KubeObject, objects, scope, selects

__all__ = ["SIDECAR", "inbound"]

_GRACE = "terminationGracePeriodSeconds"
_KILLED = "lifecycle.termination_grace"
_PODS = "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination"
SIDECAR = frozenset({"sidecar"})
"""The trait of a proxy that everything for the program of its pod goes through."""


def inbound(
    ctx: Context, policies: Policies, mesh: dict[str, Settings], versions: dict[str, Versions]
) -> list[Component]:
    """One for each workload with injection; its pool to the program is that of the rule for its service."""
    spaces = objects(ctx, "Namespace")
    injected = {(o.world, o.name) for o in spaces if _asks(o.labels("metadata", "labels"))}
    named = {workload.key.rpartition("#")[0]: workload for workload in ctx.workloads if "/" not in workload.name}
    pools = objects(ctx, "Sidecar")
    found = []
    for thing in objects(ctx, "Deployment", "StatefulSet", "DaemonSet"):
        pod = thing.node.get("spec", "template")
        workload = named.get(f"k8s:{thing.namespace}/{thing.kind}/{thing.name}")
        if pod is None or workload is None or not _injected(thing, pod, (thing.world, thing.home) in injected):
            continue
        settings = {**mesh.get(thing.world, {}), **proxy_config(thing, pod)}
        own = {**_rule(workload, thing, policies), **_pool(thing, pod, pools)}
        component = _component(thing, workload, settings, own, versions.get(thing.world, ANY))
        found.append(replace(component, facts={_KILLED: (_grace(thing, pod),)}))
    return found


def _grace(thing: KubeObject, pod: Node) -> Fact:
    """When the pod is killed, the proxy with it; the setting is the workload's."""
    written = pod.get("spec", _GRACE)
    if written is None:
        return Fact(_KILLED, seconds(30), _GRACE, "default", thing.span, _PODS, owner=thing.name)
    text = written.text.strip() if written.kind == "scalar" else ""
    limit = seconds(int(text)) if text.isdecimal() and len(text) < 10 else Unknown(f"{_GRACE} is no number here")
    return Fact(_KILLED, limit, _GRACE, "written", written.span, owner=thing.name)


def _asks(labels: dict[str, str]) -> bool:
    return labels.get("istio-injection") == "enabled" or bool(labels.get("istio.io/rev"))


def _labels(pod: Node, area: str) -> dict[str, str]:
    return {key.text: value.text for key, value in pod.pairs("metadata", area) if value.kind == "scalar"}


def _injected(thing: KubeObject, pod: Node, everywhere: bool) -> bool:
    asked = {**_labels(pod, "annotations"), **_labels(pod, "labels")}.get("sidecar.istio.io/inject")
    return asked != "false" and (asked == "true" or everywhere)


def _rule(workload: Workload, thing: KubeObject, policies: Policies) -> Settings:
    """The pool of the DestinationRule for the first service of the workload: it counts on this side too."""
    service = next((name.removesuffix(".svc") for name in workload.names if name.endswith(f".{thing.home}.svc")), "")
    return policies.settings(f"{service}.svc.cluster.local", thing.namespace, "", None) if service else {}


def _pool(thing: KubeObject, pod: Node, pools: list[KubeObject]) -> Settings:
    """The pool a Sidecar gives its way in; one with a selector before one for the whole namespace."""
    found: Settings = {}
    labels = _labels(pod, "labels")
    for chosen in (False, True):
        for other in pools:
            wanted = other.labels("spec", "workloadSelector", "labels")
            node = other.node.get("spec", "inboundConnectionPool")
            fits = selects(wanted, labels) if chosen else not wanted
            if node is not None and fits and other.namespace == thing.namespace:
                found = pool(node, f"Sidecar {other.name}")
    return found


def _component(
    thing: KubeObject, workload: Workload, settings: Settings, own: Settings, versions: Versions
) -> Component:
    link = Link(Address(ref=workload.key), thing.span, {**settings, **own}, "http", "inbound")
    return Component(
        f"istio:{thing.source.path}#inbound {thing.namespace}/{thing.name}",
        "istio",
        "istio",
        thing.span,
        "proxy",
        versions,
        variant="inbound",
        scope=scope(thing.namespace),
        settings=settings,
        links=(link,),
        protocol="http",
        traits=SIDECAR,
        files=(thing.source.path,),
    )
