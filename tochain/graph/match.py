"""What a link leads to, and the questions that decide between several that fit."""

from __future__ import annotations

from dataclasses import dataclass

from tochain.graph.scope import private
from tochain.model.component import KNOWS_PODS, Component, Workload

__all__ = ["Match", "another_config", "calls", "describe", "goes_past", "listens", "nearest", "one"]


@dataclass(frozen=True, slots=True)
class Match:
    """What a link leads to: `targets` with the reason `why`, or none with the `reason` and near misses."""

    targets: tuple[Component, ...] = ()
    why: str = ""
    reason: str = ""
    candidates: tuple[str, ...] = ()
    via: tuple[str, ...] = ()


def goes_past(client: Component) -> bool:
    """Whether something calls pods and not their Service: a balancer, a gateway, whatever is in no pod itself."""
    return client.kind == "lb" or bool(client.traits & KNOWS_PODS) or (client.kind == "proxy" and not client.workload)


def listens(component: Component, port: int | None) -> bool:
    """Whether something listens on a port."""
    return any(address.port == port for address in component.listens)


def calls(component: Component, other: Component) -> bool:
    """Whether something calls another by its name, or by an address on a port that it listens on."""
    names = {name.lower() for name in (other.name, *other.names)}
    ports = {address.port for address in other.listens}
    return any(
        link.target.ref == other.key
        or (link.target.port in ports and (link.target.host.lower() in names or private(link.target.host)))
        for link in component.links
    )


SHARED_FOLDERS = ("nginx", "openresty", "apache-httpd")
"""Programs whose one instance is usually configured by many files of a folder."""


def another_config(client: Component, other: Component) -> bool:
    """Whether two components are two configurations of one program: variants for choice, not two that run side by side."""
    if client.product != other.product or client.product in SHARED_FOLDERS or client.workload or other.workload:
        return False
    return not {client.span.path, *client.files} & {other.span.path, *other.files}


def describe(workload: Workload) -> str:
    """A workload and where it runs, for people."""
    kind, _, rest = workload.scope.partition(":")
    return f"{workload.name} in {kind} {rest}" if rest else workload.name


def nearest(client: Component, found: list[Component]) -> list[Component]:
    """Those of the client's own file if there are any, else those in its own folder, else all."""
    own = [c for c in found if c.product == client.product and c.span.path == client.span.path]
    home = [c for c in found if c.scope == client.scope]
    return own or home or found


def one(found: list[Component], why: str, reason: str) -> Match:
    """The one found; several of one file are one listener's virtual servers, the first being the default."""
    if not found:
        return Match(reason=reason)
    if len({(c.product, c.span.path, c.workload, c.scope) for c in found}) == 1:
        return Match((found[0],), why)
    return Match(reason="several fit", candidates=tuple(sorted({f"{c.name} ({c.span})" for c in found})))
