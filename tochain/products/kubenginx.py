"""The two controllers called nginx: whose an Ingress is, and settings taken from ConfigMaps and annotations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tochain.model.component import KNOWS_PODS, Address, Component, Link, Workload
from tochain.model.fact import Facts, Setting, Settings
from tochain.model.issue import Issue
from tochain.model.version import ANY
from tochain.products.base import Context
from tochain.products.kubeingress import ingress_class
from tochain.products.kubeobjects import KubeObject, notes, objects, scope
from tochain.products.programs import Program, image_version

__all__ = [
    "COMMUNITY",
    "F5",
    "by_world",
    "controller_component",
    "from_map",
    "from_notes",
    "in_world",
    "mine",
    "of_stream",
]

COMMUNITY = "nginx.ingress.kubernetes.io/"
F5 = ("nginx.org/", "nginx.com/")
_COMMUNITY_CLASS, _F5_CLASS = "k8s.io/ingress-nginx", "nginx.org/ingress-controller"
_DEFAULT = "ingressclass.kubernetes.io/is-default-class"
_STREAM = frozenset(
    {"accept.stream_idle", "accept.drain", "connect.connect", "connect.attempts", "connect.retry_total", "connect.sni"}
)
_F5_RUNS = Program(re.compile(r"nginx-(?:plus-)?ingress"), frozenset({"/nginx-ingress"}))


def controller_component(
    product: str,
    read: Sequence[KubeObject],
    hosts: Iterable[str],
    settings: Settings,
    links: Iterable[Link],
    controller: Workload | None,
    issues: Iterable[Issue] = (),
) -> Component:
    """One controller as a component: placed at the first of the objects it reads, named by its product."""
    owner = read[0]
    return Component(
        f"{product}:{owner.source.path}" + (f"#{owner.world}" if owner.world else ""),
        product,
        product,
        owner.span,
        "proxy",
        image_version(controller.image) if controller is not None else ANY,
        scope=scope(owner.namespace),
        settings=settings,
        listens=(Address(port=80), Address(port=443)),
        names=tuple(dict.fromkeys(host for host in hosts if host and "*" not in host)),
        links=tuple(links),
        protocol="http",
        workload=controller.key if controller is not None else "",
        traits=KNOWS_PODS,
        files=tuple(dict.fromkeys(thing.source.path for thing in read)),
        issues=tuple(dict.fromkeys(issues)),
    )


def mine(ctx: Context, *, f5: bool) -> list[KubeObject]:
    """The Ingresses of one of the two: by their class's controller, else by their annotations, else by its name."""
    classes = {(o.world, o.name): o.node.value("spec", "controller") for o in objects(ctx, "IngressClass")}
    default = {o.world: o.node.value("spec", "controller") for o in objects(ctx, "IngressClass") if _is_default(o)}
    only_f5 = bool(_F5_RUNS.of(ctx.workloads)) and not any(_runs_community(w) for w in ctx.workloads)
    found = []
    for thing in objects(ctx, "Ingress"):
        asked = ingress_class(thing)
        controller = classes.get((thing.world, asked)) if asked else default.get(thing.world)
        if controller is None:
            controller = _guessed(thing, asked, only_f5=only_f5)
        if controller == (_F5_CLASS if f5 else _COMMUNITY_CLASS):
            found.append(thing)
    return found


def _is_default(thing: KubeObject) -> bool:
    node = notes(thing).get(_DEFAULT)
    return node is not None and node.text == "true"


def _runs_community(workload: Workload) -> bool:
    image = workload.image.text if workload.image else ""
    return "ingress-nginx/controller" in image or "nginx-ingress-controller" in image


def _guessed(thing: KubeObject, asked: str, *, only_f5: bool) -> str:
    """The controller of a class nobody defines."""
    community = any(name.startswith(COMMUNITY) for name in notes(thing))
    f5 = any(name.startswith(F5) for name in notes(thing))
    if asked and "nginx" not in asked:
        return ""
    if community or f5:
        return _COMMUNITY_CLASS if community else _F5_CLASS
    if not asked:
        return ""
    return _F5_CLASS if only_f5 else _COMMUNITY_CLASS


def by_world(things: Iterable[KubeObject]) -> dict[str, list[KubeObject]]:
    """Objects by the copy of the cluster they belong to."""
    found: dict[str, list[KubeObject]] = {}
    for thing in things:
        found.setdefault(thing.world, []).append(thing)
    return found


def of_stream(facts: Facts) -> Facts:
    """The timers that hold for a TCP service: HTTP's keep-alive and heads have no part in it."""
    return {timer: found for timer, found in facts.items() if timer in _STREAM or timer.startswith("lifecycle.")}


def in_world(workloads: Iterable[Workload], world: str) -> list[Workload]:
    """The workloads of one copy of the cluster."""
    return [w for w in workloads if w.scope.startswith("k8s:") and w.scope.partition("@")[2] == world]


def from_map(thing: KubeObject) -> Settings:
    """The entries of a ConfigMap as settings."""
    return {
        key.text: (Setting(key.text, value.text, value.span, scope=f"ConfigMap {thing.name}"),)
        for key, value in thing.node.pairs("data")
        if value.kind == "scalar"
    }


def from_notes(thing: KubeObject, *prefixes: str) -> Settings:
    """The annotations that begin with one of the prefixes, without it, as settings."""
    found: Settings = {}
    for name, node in notes(thing).items():
        prefix = next((p for p in prefixes if name.startswith(p)), None)
        if prefix is not None:
            short = name.removeprefix(prefix)
            found[short] = (Setting(short, node.text, node.span, scope=f"{thing.kind} {thing.name}"),)
    return found
