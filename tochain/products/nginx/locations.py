"""The locations of one virtual server: whom each connects to, with the settings in force there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from tochain.formats.nginx import Directive
from tochain.model.component import Address, Link
from tochain.model.fact import Setting, Settings
from tochain.model.issue import Issue
from tochain.products.nameless import is_public
from tochain.products.nginx.files import Includes, Segment
from tochain.products.nginx.levels import Level, Reader, fill
from tochain.products.nginx.names import PASSES, RUNTIME, SERVER_SIDE, form, module_of
from tochain.products.nginx.targets import TLS_SCHEMES, Server, Target, Upstream, Variables, parse_target

__all__ = ["Locations", "all_of", "with_chain"]

_INNER: Final = {
    "location": ("http", "location"),
    "if": ("http", "location", "if"),
    "limit_except": ("http", "location", "limit_except"),
}
_SERVER_IF: Final = ("http", "server", "if")
_LONGEST_LABEL: Final = 120
_SNI: Final = "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_ssl_server_name"


def all_of(segments: list[Segment]) -> list[Directive]:
    """The directives of a block, whichever files they come from."""
    return segments[0][0] if len(segments) == 1 else [d for directives, _ in segments for d in directives]


def with_chain(segments: list[Segment]) -> Iterable[tuple[Directive, tuple[str, ...]]]:
    """The directives of a block, each with the files through which it was reached."""
    return ((directive, chain) for directives, chain in segments for directive in directives)


@dataclass(slots=True)
class Locations:
    """Walks the blocks of one server; `links` and what locations say for the server's own side collect here.

    `kind` is http or stream, `groups` the upstream groups of that kind by name in lower case.
    """

    kind: str
    includes: Includes
    reader: Reader
    groups: dict[tuple[str, str], Upstream]
    variables: Variables
    links: list[Link] = field(default_factory=list)
    own_side: dict[str, list[Setting]] = field(default_factory=dict)
    read_timeouts: dict[str, Setting] = field(default_factory=dict)
    default_read_timeout: bool = False
    files: dict[str, None] = field(default_factory=dict)
    _shared: dict[tuple[int, str, str, str, bool], tuple[Settings, Settings]] = field(default_factory=dict)

    def walk(self, segments: list[Segment], level: Level) -> None:
        """Every location below a server, in file order, however deep."""
        work: list[tuple[list[Segment], Level]] = [(segments, level)]
        while work:
            segments, level = work.pop()
            self.files.update(dict.fromkeys(path for _, chain in segments for path in chain))
            inside = all_of(segments)
            self._assignments(inside)
            for directive in inside:
                if directive.name in PASSES:
                    self._pass(directive, level)
            below = [(d, c) for d, c in with_chain(segments) if d.name in _INNER and d.block is not None]
            work.extend(reversed([self._inside(directive, chain, level) for directive, chain in below]))

    def _assignments(self, directives: list[Directive]) -> None:
        for directive in directives:
            if directive.name == "set" and len(directive.texts) == 2:
                self.variables.add(directive.texts[0], [directive.texts[1]])

    def _inside(self, directive: Directive, chain: tuple[str, ...], above: Level) -> tuple[list[Segment], Level]:
        segments = self.includes.flat(directive.block or [], chain)
        context = _INNER[directive.name]
        words = " ".join((directive.name, *directive.texts))
        if directive.name != "location":
            label = words if above.context[-1] == "server" else f"{above.label} {words}"
            context = _SERVER_IF if above.context[-1] == "server" else context
            return segments, above.inside(context, label[:_LONGEST_LABEL], {})
        label = words[:_LONGEST_LABEL]
        inside = all_of(segments)
        own = self.reader.read(inside, context, label)
        for name in SERVER_SIDE:
            self.own_side.setdefault(name, []).extend(own.get(name, ()))
        self._idle_settings(inside, own, label)
        return segments, above.inside(context, label, own)

    def _idle_settings(self, inside: list[Directive], own: Settings, label: str) -> None:
        """Timers of one module in a location that connects by another: proxy_read_timeout beside fastcgi_pass."""
        used = {PASSES[d.name]: d for d in inside if d.name in PASSES}
        if not used or any(d.name in _INNER and d.block is not None for d in inside):
            return
        for name, found in own.items():
            module = module_of(name)
            if module is None or module in used or form(name) not in ("time", "count"):
                continue
            other, passed = next(iter(used.items()))
            instead = name.replace(module, other, 1)
            text = f"{name} has no effect in {label}, which uses {passed.name}"
            text += f"; {instead} is the setting for it" if form(instead) else ""
            setting = found[0]
            others = ((passed.span, f"{passed.name} has settings of its own"),)
            self.reader.issues.append(
                Issue("setting-without-effect", name, setting.text, setting.span, text, others=others)
            )

    def _pass(self, directive: Directive, level: Level) -> None:
        module = PASSES[directive.name]
        if not directive.texts:
            if module != "tunnel":
                self.reader.complain(directive, f"{directive.name} names no target")
            return
        if self.kind == "http" and module == "proxy":
            self._read_timeout(level)
        text = fill(directive.texts[0], self.reader.env)
        if "$" not in text:
            self._nameless_tls(directive, module, level, parse_target(text))
        for one in self.variables.expand(text) if "$" in text else [text]:
            self.links += self._links(directive, module, level, parse_target(one))

    def _nameless_tls(self, directive: Directive, module: str, level: Level, target: Target) -> None:
        """TLS to a public host by name without saying which: servers of several names may refuse it."""
        if target.scheme not in TLS_SCHEMES:
            return
        setting = level.of(module).get(f"{module}_ssl_server_name")
        group = self.groups.get((self.kind, target.host.lower()))
        hosts = [server.address.host for server in group.servers] if group else [target.address.host]
        public = next((host for host in hosts if is_public(host)), "")
        if not public:
            return
        if setting is not None and (setting[0].text != "off" or setting[0].limit is not None):
            if group is not None and setting[0].text == "on":
                self._named_by_group(directive, module, level, group, public)
            return
        name = f"{module}_ssl_server_name"
        text = f"{directive.name} {directive.texts[0]} speaks TLS without naming a host in it; {name} is off"
        text += f", and {public} is only known by its name" if group else ""
        where = ((setting[0].span, f"{name} off"),) if setting else ()
        self.reader.issues.append(
            Issue("sni-not-sent", name, "off", directive.span, text, "connect.sni", where, f"{name} on", _SNI)
        )

    def _named_by_group(self, directive: Directive, module: str, level: Level, group: Upstream, public: str) -> None:
        """A name is sent, but it is what the group is called here."""
        name = f"{module}_ssl_name"
        if name in level.of(module) or is_public(group.name):
            return
        text = f"{directive.name} {directive.texts[0]} names {group.name} in TLS, which is only the group's name;"
        text += f" {public} is not named, {name} is not set"
        self.reader.issues.append(
            Issue("sni-not-sent", name, group.name, directive.span, text, "connect.sni", (), f"{name} {public}", _SNI)
        )

    def _read_timeout(self, level: Level) -> None:
        effective = level.settings.get("proxy_read_timeout")
        if effective is None:
            self.default_read_timeout = True
        else:
            # Seen from the server, what stands in it or below is its own.
            setting = effective[0] if effective[0].scope == "http" else replace(effective[0], origin="written")
            self.read_timeouts.setdefault(str(setting.span), setting)

    def _links(self, directive: Directive, module: str, level: Level, target: Target) -> Iterable[Link]:
        group = self.groups.get((self.kind, target.host.lower())) if not target.address.socket else None
        settings = self._settings(directive, module, level, target, group)
        label = "" if self.kind == "stream" else level.label
        protocol = "tcp" if self.kind == "stream" else "http" if module in ("proxy", "tunnel") else module
        if group is None:
            yield Link(target.address, directive.span, settings, protocol, label, unknown=target.unknown)
        elif why := _nobody(group):
            yield Link(Address(), directive.span, settings, protocol, label, unknown=why)
        else:
            for server in _distinct(group.servers):
                yield _to_server(server, settings, protocol, label)

    def _settings(
        self, directive: Directive, module: str, level: Level, target: Target, group: Upstream | None
    ) -> Settings:
        """The settings in force for a connection, one dictionary for all locations in which they are the same."""
        in_force = level.of(module)
        dynamic = "$" in directive.texts[0]
        key = (id(in_force), module, target.scheme, group.name if group else "", dynamic)
        if key not in self._shared:
            # The scheme only: locations that differ in nothing but the host share these settings.
            passed = Setting(directive.name, target.scheme, directive.span, scope=level.label)
            made = {**in_force, directive.name: (passed,), **(group.settings if group else {})}
            if dynamic:
                made[RUNTIME] = (replace(passed, name=RUNTIME, text=directive.texts[0]),)
            self._shared[key] = (made, in_force)
        return self._shared[key][0]


def _nobody(group: Upstream) -> str:
    """Why a group's servers cannot be known; empty when they can."""
    if "upstream balancer_by_lua" in group.settings:
        return f"Lua chooses the server of upstream {group.name}"
    return "" if group.servers else f"upstream {group.name} names no server here"


def _distinct(servers: list[Server]) -> Iterable[Server]:
    seen: dict[Address, Server] = {}
    for server in servers:
        seen.setdefault(server.address, server)
    return seen.values()


def _to_server(server: Server, settings: Settings, protocol: str, label: str) -> Link:
    words = " ".join(word for word in (label, "(backup)" if server.backup else "") if word)
    unknown = f"the server {server.address} is filled in later" if server.filled else ""
    return Link(server.address, server.span, settings, protocol, words, unknown=unknown)
