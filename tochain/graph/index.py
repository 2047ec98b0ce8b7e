"""Finding the other side of a link by name and address, with the reason for each answer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from tochain.graph.match import Match, another_config, calls, describe, goes_past, listens, nearest, one
from tochain.graph.scope import LOOPBACK, WILDCARD, folder_of, private, related
from tochain.model.component import INSIDE, MACHINE, TAKES_OVER, Component, Link, Workload
from tochain.model.version import ANY

__all__ = ["Index"]

PROGRAMS = ("server", "proxy", "database", "broker", "pool")

SIDECAR = "sidecar"
"""The trait of a proxy that everything from outside of its pod goes through."""

WAYPOINT = "waypoint"
"""The trait of a proxy that programs of its mesh go through, and what comes in at the edge does not."""


_OWN_NETWORK = (".internal", ".local", ".lan", ".corp", ".intra", ".svc", ".home.arpa")
"""Endings of names that only networks of one's own know."""
HOST_PLATFORMS = ("systemd", "supervisor")


class Index:
    """Components and workloads by everything a link may call them."""

    def __init__(self, components: tuple[Component, ...], workloads: tuple[Workload, ...]) -> None:
        self.by_key = {component.key: component for component in components}
        self.workloads = {workload.key: workload for workload in workloads}
        self.inside: dict[str, list[Component]] = defaultdict(list)
        self._fronts: dict[str, Component] = {}
        self._taking: dict[str, Component] = {}
        self._by_socket: dict[str, list[Component]] = defaultdict(list)
        self._by_port: dict[int, list[Component]] = defaultdict(list)
        self._by_name: dict[str, list[Component]] = defaultdict(list)
        self._named: dict[str, list[Workload]] = defaultdict(list)
        self._dialled: dict[int | None, set[frozenset[str]]] = defaultdict(set)
        for component in components:
            self._add(component)
        for component in components:
            self._add_dialled(component)
        self._containers = [w for w in workloads if w.platform == "docker-compose"]
        for workload in workloads:
            for name in dict.fromkeys((workload.name, *workload.names)):
                self._named[name.lower()].append(workload)

    def _add(self, component: Component) -> None:
        if component.rides:
            return
        if component.traits & TAKES_OVER:
            self._taking.update({name.lower(): component for name in component.names})
        if {SIDECAR, WAYPOINT} & component.traits:
            self._fronts.update({link.target.ref: component for link in component.links if link.target.ref})
        if component.workload:
            self.inside[component.workload].append(component)
        elif component.scope.partition(":")[0] in ("tf", "cfn"):
            # A cloud's own service: it is on nobody's host, and what a configuration calls it is no name of the network.
            for name in component.names:
                if "." in name:
                    self._by_name[name.lower()].append(component)
            return
        for address in component.listens:
            if address.socket:
                self._by_socket[address.socket].append(component)
            elif address.port is not None:
                self._by_port[address.port].append(component)
        if component.kind in ("client", "pool", "schedule") and not component.listens:
            return
        for name in dict.fromkeys((component.name, *component.names, *(a.host for a in component.listens))):
            if name and name not in WILDCARD and name not in LOOPBACK:
                self._by_name[name.lower()].append(component)

    def _add_dialled(self, component: Component) -> None:
        """Which machines are called by their addresses on each port: those of one list are replicas."""
        lists: dict[tuple[int | None, str], set[str]] = defaultdict(set)
        for link in component.links:
            if private(link.target.host) and link.target.host not in self._by_name:
                lists[link.target.port, link.label].add(link.target.host)
        for (port, _), hosts in lists.items():
            self._dialled[port].add(frozenset(hosts))

    def find(self, client: Component, link: Link) -> Match:
        """The other side of one link."""
        target = link.target
        if link.unknown:
            return Match(reason=link.unknown)
        if target.ref == MACHINE:
            return self._machine(client, target.host, target.port)
        if target.ref:
            return self._by_ref(client, target.ref, target.port)
        if target.socket:
            found = [c for c in self._by_socket[target.socket] if self._same_host(client, c)]
            return one(found, f"listens on {target.socket}", f"nothing listens on {target.socket}")
        if target.host in LOOPBACK or target.host in WILDCARD:
            return self._loopback(client, target.port)
        match = self._by_host(client, target.host.lower(), target.port)
        return match if match.targets or match.candidates else self._by_address(client, link) or match

    def _by_address(self, client: Component, link: Link) -> Match | None:
        """Who is behind an address no file gives a name: who serves the name that is asked for, else who listens alone."""
        host, port = link.target.host, link.target.port
        if link.asks:
            serving = [c for c in self._by_name[link.asks.lower()] if c.key != client.key and listens(c, port)]
            if len({(c.product, c.span.path, c.workload) for c in serving}) == 1:
                return Match((serving[0],), f"serves {link.asks}, which is asked for at {host}")
        if not private(host) or len(self._dialled[port]) != 1:
            return None
        free = [c for c in self._by_port[port or 0] if c.kind in PROGRAMS and c.key != client.key]
        free = [c for c in free if not self._placed(c) and not another_config(client, c) and not calls(c, client)]
        found = one(
            free, f"no file says what runs on {host}; the only one in these files that listens on port {port}", ""
        )
        return found if found.targets else None

    def _by_ref(self, client: Component, ref: str, port: int | None) -> Match:
        if ref in self.by_key:
            return Match((self.by_key[ref],), "referred to directly")
        if ref in self.workloads:
            return self._workload(client, self.workloads[ref], port, "referred to directly")
        return Match(reason=f"{ref} was not found")

    def _machine(self, client: Component, name: str, port: int | None) -> Match:
        """The program on a machine or in a group of them: what it starts with, else the only one it can be, or none."""
        own = self._on_machine(client, name, port)
        if own is not None:
            return own
        free = [c for c in self.by_key.values() if c.kind in PROGRAMS and not self._placed(c)]
        free = [c for c in free if c.product != "server" or c.listens]  # of some other image nothing at all is known
        listening = [c for c in free if listens(c, port)]
        if not listening and len(free) == 1 and not free[0].listens:
            return Match((free[0],), "the only server in these files")
        return one(
            listening, f"the only one in these files that listens on port {port}", f"no file says what runs on {name}"
        )

    def _on_machine(self, client: Component, name: str, port: int | None) -> Match | None:
        """What a machine's own files say listens on a port; None where they say nothing of it."""
        named = [c for c in self._by_name[name.lower()] if INSIDE in c.scope and not self._apart(c)]
        there = [c for c in named if listens(c, port)]
        if there:
            return one(there, f"listens on port {port} of {name}", "")
        published = [w for w in self._named[name.lower()] if INSIDE in w.scope and port in w.ports]
        if len(published) == 1:
            return self._workload(client, published[0], port, f"{name} runs {published[0].name}")
        return None

    def _placed(self, component: Component) -> bool:
        """Whether it is known to run elsewhere: in a cluster, a compose project, as a cloud's own service."""
        workload = self.workloads.get(component.workload)
        if workload is not None and workload.platform in ("kubernetes", "docker-compose", "aws-ecs"):
            return True
        return component.scope.partition(":")[0] in ("k8s", "compose", "tf", "cfn") or INSIDE in component.scope

    def _same_host(self, client: Component, other: Component) -> bool:
        if self._apart(client) or self._apart(other):
            return client.workload == other.workload or self._together(client.workload, other.workload)
        return related(client.scope, other.scope)

    def _apart(self, component: Component) -> bool:
        """Whether a component has a network of its own; services of systemd and Supervisor share their host's."""
        workload = self.workloads.get(component.workload)
        return bool(component.workload) and (workload is None or workload.platform not in HOST_PLATFORMS)

    def _together(self, one: str, other: str) -> bool:
        """Whether two containers share their network: those of one pod, or of one task."""
        a, b = self.workloads.get(one), self.workloads.get(other)
        if a is None or b is None or a.platform != b.platform or a.platform not in ("kubernetes", "aws-ecs"):
            return False
        return one.rpartition("#")[0] == other.rpartition("#")[0]

    def _loopback(self, client: Component, port: int | None) -> Match:
        if port is None:
            return Match(reason="no port is given")
        found = [c for c in self._by_port[port] if c.key != client.key and self._same_host(client, c)]
        found = nearest(client, [c for c in found if not another_config(client, c)])
        published = self._published(client, port) if not found else []
        if len(published) == 1:
            why = f"{published[0].name} has port {port} of the same host"
            return self._workload(client, published[0], port, why)
        return one(found, f"listens on port {port} of the same host", f"nothing here listens on port {port}")

    def _published(self, client: Component, port: int) -> list[Workload]:
        """The containers of the same host that have one of its ports."""
        if self._apart(client) or client.scope.partition(":")[0] in ("k8s", "tf", "cfn"):
            return []
        return [w for w in self._containers if port in w.ports and related(client.scope, w.scope)]

    def _taken_over(self, client: Component, host: str) -> Component | None:
        """The proxy that calls to a Service come to; what comes in at the edge knows its pods and goes there."""
        kind, _, space = client.scope.partition(":")
        namespace, _, world = space.partition("@")
        if kind != "k8s" or goes_past(client):
            return None
        whole = host.removesuffix(".svc.cluster.local").removesuffix(".svc")
        name = whole if "." in whole else f"{whole}.{namespace}"
        found = self._taking.get(name)
        return found if found is not None and found.scope.partition("@")[2] == world else None

    def _by_host(self, client: Component, host: str, port: int | None) -> Match:
        taking = self._taken_over(client, host)
        if taking is not None:
            return Match((taking,), f"{taking.name} takes over what calls {host}")
        workloads = [w for w in self._named[host] if self._knows(client, w, host)]
        if len(workloads) == 1:
            return self._workload(client, workloads[0], port, f"{host} is {describe(workloads[0])}")
        if workloads:
            return Match(reason=f"{host} is the name of several", candidates=tuple(sorted(w.key for w in workloads)))
        named = [c for c in self._by_name[host] if c.key != client.key and self._reaches(client, c)]
        listening = [c for c in named if listens(c, port)] or [c for c in named if not c.listens]
        if listening:
            return one(nearest(client, listening), f"{host} is its name", "")
        if "." in host and not host.endswith(".local"):
            everywhere = [c for c in self._by_name[host] if c.key != client.key and listens(c, port)]
            match = one(everywhere, f"serves {host}", f"{host} is served by nothing that was read")
            return replace(match, via=self._way_out(client, host, match.targets))
        # A bare name nobody carries: the only listener on that port in the same folder is it.
        nearby = [c for c in self._by_port[port or 0] if c.key != client.key and self._bare_near(client, c)]
        if len(nearby) == 1:
            return Match(tuple(nearby), f"the only one that listens on port {port} beside it")
        # Code that no manifest starts may run beside the only workload of that name.
        called = self._named[host] if not client.workload and client.scope.startswith("dir:") else []
        if len(called) == 1:
            return self._workload(client, called[0], port, f"the only one called {host} is {describe(called[0])}")
        return Match(reason=f"{host} is not a name that was read", candidates=tuple(sorted(c.name for c in nearby)))

    def _way_out(self, client: Component, host: str, targets: tuple[Component, ...]) -> tuple[str, ...]:
        """The boxes between a client and a host of another network; none to what the same cloud or machine has."""
        workload = self.workloads.get(client.workload)
        near = any(c.scope.partition(":")[0] in ("tf", "cfn") or INSIDE in c.scope for c in targets)
        out = workload.out if workload is not None else client.out
        return () if near or host.endswith(_OWN_NETWORK) else out

    def _bare_near(self, client: Component, other: Component) -> bool:
        folder = folder_of(client.scope)
        beside = not client.workload and not other.workload and folder is not None and folder == folder_of(other.scope)
        # A name nobody carries is hardly another part of the same program.
        return beside and client.product != other.product

    def _knows(self, client: Component, workload: Workload, host: str) -> bool:
        if client.scope == workload.scope:
            return True
        if client.scope.startswith("k8s:") and workload.scope.startswith("k8s:"):
            # A name with its namespace is known everywhere in the cluster, of several copies in the same one; the bare
            # one at home only.
            return "." in host and ("@" in host or client.scope.partition("@")[2] == workload.scope.partition("@")[2])
        return not client.workload and related(client.scope, workload.scope)

    def _reaches(self, client: Component, other: Component) -> bool:
        if client.scope == other.scope:
            return True
        return related(client.scope, other.scope) and not other.scope.startswith("k8s:")

    def _workload(self, client: Component, workload: Workload, port: int | None, why: str) -> Match:
        front = self._fronts.get(workload.key)
        past = front is not None and WAYPOINT in front.traits and goes_past(client)
        if front is not None and front.key != client.key and not past:
            return Match((front,), why, via=workload.via)
        inside = workload.ports.get(port, port) if port is not None else None
        there = [c for c in self.inside[workload.key] if c.kind not in ("client", "kernel", "pool", "schedule")]
        listening = [c for c in there if inside is not None and listens(c, inside)] or [
            c for c in there if not c.listens
        ]
        if not listening and len({c.product for c in there}) == 1:
            listening = there
        program = self._only_program(workload, inside) if all(c.product == "server" for c in listening) else None
        if program is not None:
            why = f"{why}; {program.name} is the only program that was read for port {inside}"
            return Match((program,), why, via=workload.via)
        if listening:
            return Match((listening[0],), why, via=workload.via)
        return Match((self._unknown_program(workload),), why, via=workload.via)

    def _only_program(self, workload: Workload, port: int | None) -> Component | None:
        """The program of a workload whose image says nothing: the only one read that listens there, if nobody else can be it."""
        if port is None or not workload.scope.startswith(("tf:", "cfn:", "k8s:")):
            return None
        found = [c for c in self._by_port[port] if not c.workload and c.kind == "server" and c.product != "server"]
        rivals = [
            w
            for w in self.workloads.values()
            if port in w.ports.values() and all(c.product == "server" for c in self.inside.get(w.key, ()))
        ]
        return found[0] if len(found) == 1 and len(rivals) == 1 else None

    def _unknown_program(self, workload: Workload) -> Component:
        key = f"server:{workload.key}"
        if key not in self.by_key:
            self.by_key[key] = Component(
                key, workload.name, "server", workload.span, versions=ANY, scope=workload.scope, workload=workload.key
            )
        return self.by_key[key]
