"""Ingress objects: whose they are, and the services they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tochain.formats.tree import Node
from tochain.model.component import Address
from tochain.products.base import Context
from tochain.products.kubeobjects import KubeObject, notes, objects

__all__ = ["Backend", "backends", "ingress_class", "ingresses"]

_CLASS = "kubernetes.io/ingress.class"


@dataclass(frozen=True, slots=True)
class Backend:
    """One service an Ingress leads to; `label` is the host and path, `node` the place that names it."""

    target: Address
    label: str
    node: Node


def ingress_class(thing: KubeObject) -> str:
    """The class an Ingress asks for; "" when it leaves it to the cluster's default."""
    written = notes(thing).get(_CLASS)
    return thing.node.value("spec", "ingressClassName") or (written.text if written is not None else "")


def ingresses(ctx: Context, classes: set[str], prefix: str, *, default: bool = False) -> list[KubeObject]:
    """The Ingress objects of a controller: of one of its classes (those IngressClass objects give it included).

    Without a class, those with an annotation that begins with `prefix`, or all of them when this is the `default`
    controller and no other controller's annotation stands on them.
    """
    mine = set(classes)
    for thing in objects(ctx, "IngressClass"):
        controller = thing.node.value("spec", "controller")
        if any(word in controller for word in classes) or controller.startswith(prefix):
            mine.add(thing.name)
    found = []
    for thing in objects(ctx, "Ingress"):
        asked = ingress_class(thing)
        marks = [name for name in notes(thing) if "ingress" in name.partition("/")[0] and name != _CLASS]
        marked = any(name.startswith(prefix) for name in marks)
        if asked in mine or (not asked and (marked or (default and not marks))):
            found.append(thing)
    return found


def backends(thing: KubeObject) -> Iterator[Backend]:
    """Every service the rules and the default backend name, in the current and the old form."""
    default = thing.node.get("spec", "defaultBackend") or thing.node.get("spec", "backend")
    if default is not None:
        yield from _backend(thing, default, "default backend")
    for rule in thing.node.each("spec", "rules"):
        for path in rule.each("http", "paths"):
            node = path.get("backend")
            if node is not None:
                yield from _backend(thing, node, f"{rule.value('host', default='*')}{path.value('path', default='/')}")


def _backend(thing: KubeObject, node: Node, label: str) -> Iterator[Backend]:
    name = node.get("service", "name") or node.get("serviceName")
    if name is None or name.kind != "scalar":
        return
    port = node.value("service", "port", "number") or node.value("servicePort")
    number = int(port) if port.isascii() and port.isdecimal() and len(port) < 6 else None
    yield Backend(Address(f"{name.text}.{thing.namespace}", number), label, name)
