"""API gateways that read mounted files and a cluster's objects: one for each workload, else one for each folder of files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from tochain.model.component import KNOWS_PODS, Address, Component, Link, Workload
from tochain.model.fact import Settings
from tochain.model.span import SourceFile, Span
from tochain.model.version import ANY
from tochain.products.kubeobjects import KubeObject, scope
from tochain.products.programs import Program, image_version
from tochain.products.scopes import folder_scope

__all__ = ["Gateway", "Gateways"]


@dataclass(slots=True)
class Gateway:
    """One gateway: where it is made known, what its files or environment set, and what it routes to.

    `extra` holds settings that upstreams and listeners add; links do not take them over.
    """

    key: str
    scope: str
    span: Span
    workload: Workload | None = None
    settings: Settings = field(default_factory=dict)
    extra: Settings = field(default_factory=dict)
    listens: list[Address] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    files: dict[str, None] = field(default_factory=dict)

    def component(self, product: str, listens: Iterable[Address]) -> Component:
        """The gateway as a component."""
        return Component(
            key=self.key,
            name=self.workload.name if self.workload else product,
            product=product,
            span=self.span,
            kind="proxy",
            versions=image_version(self.workload.image) if self.workload else ANY,
            scope=self.scope,
            settings={**self.settings, **self.extra},
            listens=tuple(dict.fromkeys(listens)),
            names=tuple(dict.fromkeys(self.names)),
            links=tuple(self.links),
            protocol="http",
            workload=self.workload.key if self.workload else "",
            traits=KNOWS_PODS if self.scope.startswith("k8s:") else frozenset(),
            files=tuple(self.files),
        )


class Gateways:
    """The gateways of one product, in the order they are found."""

    def __init__(self, product: str, program: Program, workloads: Iterable[Workload]) -> None:
        self._product = product
        self._program = program
        self._workloads = tuple(workloads)
        self._found = {w.key: Gateway(f"{product}:{w.key}", w.scope, w.span, w) for w in self._workloads}

    def all(self) -> list[Gateway]:
        """Every gateway."""
        return list(self._found.values())

    def reading(self, path: str, source: SourceFile) -> list[Gateway]:
        """The gateways that read a file: those it is mounted into, else one for its folder."""
        mounted = [self._found[w.key] for w in self._program.owners(self._workloads, path) if w.key in self._found]
        if mounted:
            return mounted
        home = folder_scope(path)
        made = Gateway(f"{self._product}:{path}", home, source.whole_line(1))
        return [self._found.setdefault(f"{self._product}:{home}", made)]

    def in_cluster(self, objects: list[KubeObject], links: list[Link], base: Callable[[Settings], Settings]) -> None:
        """Links that objects of a cluster make, through the gateway that runs there, else through one nobody describes.

        `base` picks from the gateway's settings those that every link has unless it says otherwise.
        """
        if not objects:
            return
        key, first = f"{self._product}:kubernetes", objects[0]
        running = next((found for found in self._found.values() if found.scope.startswith("k8s:")), None)
        gateway = running or self._found.setdefault(key, Gateway(key, scope(first.namespace), first.span))
        given = base(gateway.settings)
        gateway.links += [replace(link, settings={**given, **link.settings}) for link in links]
        gateway.names += [host for thing in objects for host in _hosts(thing)]
        gateway.files |= dict.fromkeys(thing.source.path for thing in objects)


def _hosts(ingress: KubeObject) -> list[str]:
    return [host for rule in ingress.node.each("spec", "rules") if (host := rule.value("host")) and "*" not in host]
