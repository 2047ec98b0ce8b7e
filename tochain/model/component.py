"""Components, the addresses they listen on, the links they write down, and how things are started."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tochain.model.fact import Facts, Settings
from tochain.model.issue import Issue
from tochain.model.span import Span
from tochain.model.version import ANY, Versions

__all__ = ["INSIDE", "KNOWS_PODS", "MACHINE", "TAKES_OVER", "Address", "Component", "Kind", "Link", "Word", "Workload"]

Kind = Literal[
    "client", "proxy", "server", "lb", "box", "pool", "database", "broker", "monitor", "kernel", "platform", "schedule"
]

INSIDE = "!"
"""Between a file and what it carries for a machine: "infra/main.tf!aws_instance.web/etc/nginx/nginx.conf"."""
MACHINE = "machine"
"""The reference of an address whose host is a machine, or a group of them, of a cloud: no file says what runs there."""

STREAMED = ("websocket", "sse")
"""Protocols that start as a request to an HTTP server, on the port that one listens on."""


TAKES_OVER = frozenset({"takes-over"})
"""The trait of a proxy that calls to the Services it is named after come to, whatever runs behind them."""

KNOWS_PODS = frozenset({"knows-pods"})
"""The trait of a proxy of a cluster that is told who is behind a Service, and calls the pods past the Service itself."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where something listens or where a link points: host and port, a socket path, or a reference by name.

    `host` is "" or "*" for every address of a listener. `ref` is an exact reference to a component or workload
    key (a selector's result, a Terraform address, a target group) and wins over host and port.
    """

    host: str = ""
    port: int | None = None
    socket: str = ""
    ref: str = ""

    def __str__(self) -> str:
        if self.socket:
            return f"unix:{self.socket}"
        if self.host or self.port is not None:
            return f"{self.host or '*'}:{self.port}" if self.port is not None else self.host
        return self.ref


@dataclass(frozen=True, slots=True)
class Link:
    """One place where a component says whom it connects to.

    `settings` are those in force for this link (a location's own and inherited ones); `protocol` as in
    tochain.yaml ("" when not said); `label` names the place for people ("location /api"); `via` are keys of
    boxes known to sit on the hop; `unknown` says why the target cannot be known (a variable). `part` names the inner scope
    of the other side that is asked for, where that has several (a module of an exporter); `asks` is the host name that
    requests ask for, where the target is an address. `made` is where the client that connects is made, which is where its
    defaults are shown; without it they are shown where the component is.
    """

    target: Address
    span: Span
    settings: Settings = field(default_factory=dict)
    protocol: str = ""
    label: str = ""
    via: tuple[str, ...] = ()
    unknown: str = ""
    facts: Facts = field(default_factory=dict)
    part: str = ""
    asks: str = ""
    made: Span | None = None

    def with_facts(self, facts: Facts) -> Link:
        """The link with other timers; spelled out, for there may be thousands."""
        return Link(
            self.target, self.span, self.settings, self.protocol, self.label, self.via, self.unknown, facts, self.part,
            self.asks, self.made,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Component:
    """A running thing with a product and a version, at the granularity of what one can connect to.

    `key` is unique in a run and stable; `name` is for people. `scope` is the set of names it lives in
    (`Scope` strings such as "dir:vm", "compose:docker-compose.yml", "k8s:default"). `settings` is what is written,
    `facts` what it comes to, filled in by the resolve step. `variant` selects among sub-components of one
    product's facts (tomcat or undertow of spring-boot). `files` are the files it was read from.
    `part_of` names the program of source code it belongs to where no workload does. `out` are the keys of the boxes on its
    way to other networks, where its own subnet's routes say so.
    """

    key: str
    name: str
    product: str
    span: Span
    kind: Kind = "server"
    versions: Versions = ANY
    variant: str | None = None
    scope: str = ""
    settings: Settings = field(default_factory=dict)
    listens: tuple[Address, ...] = ()
    names: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    facts: Facts = field(default_factory=dict)
    protocol: str = ""
    workload: str = ""
    host: str = ""
    traits: frozenset[str] = frozenset()
    files: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()
    part_of: str = ""
    out: tuple[str, ...] = ()

    def with_facts(
        self, facts: Facts, links: tuple[Link, ...], issues: tuple[Issue, ...] | None = None, kind: Kind | None = None
    ) -> Component:
        """The component with other timers of its own and of its links; spelled out, for there may be thousands."""
        return Component(
            self.key, self.name, self.product, self.span, kind or self.kind, self.versions, self.variant, self.scope,
            self.settings, self.listens, self.names, links, facts, self.protocol, self.workload, self.host, self.traits,
            self.files, self.issues if issues is None else issues, self.part_of,
            self.out,
        )  # fmt: skip

    @property
    def program(self) -> str:
        """What requests pass through: a program's server and the clients it calls others with are one; else itself."""
        together = self.workload or self.part_of
        return together if together and self.kind in ("server", "client", "pool") else self.key

    @property
    def rides(self) -> bool:
        """Whether it streams over the connections of its program's own HTTP server, listening nowhere itself."""
        return self.kind == "server" and self.protocol in STREAMED and not self.listens


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of text with its place: one argument of a command, one value of an environment."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Workload:
    """How something is started: the compose service, Deployment, systemd unit, Procfile line or task definition.

    Platforms hand these on, programs look for themselves in `command` (argv, entrypoint first) and `image`.
    `names` are the names others reach it by within `scope`; `ports` maps a port others use to the one inside.
    `mounts` maps a path in the repository to its path inside; `root` is the folder its own source stands in.
    `settings` are the platform's own (lifecycle, "label:<key>"), by the facts of the product `platform`. `via` are boxes in
    front of it, `out` those on its way to other networks.
    """

    key: str
    name: str
    scope: str
    span: Span
    image: Word | None = None
    command: tuple[Word, ...] = ()
    env: dict[str, Word] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    ports: dict[int, int] = field(default_factory=dict)
    mounts: dict[str, str] = field(default_factory=dict)
    root: str | None = None
    settings: Settings = field(default_factory=dict)
    sysctls: Settings = field(default_factory=dict)
    via: tuple[str, ...] = ()
    platform: str = ""
    out: tuple[str, ...] = ()
