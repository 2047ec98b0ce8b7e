"""One nginx (a main file with what it includes) to components: a virtual server each, a link for each target."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace

from tochain.formats.nginx import Directive
from tochain.model.component import Address, Component
from tochain.model.fact import Setting, Settings
from tochain.model.issue import Issue
from tochain.model.span import Pos, Span
from tochain.model.version import ANY, Versions
from tochain.products.configmaps import EMBEDDED
from tochain.products.nginx.files import Includes, Segment
from tochain.products.nginx.levels import Level, Reader
from tochain.products.nginx.listen import listening, server_names
from tochain.products.nginx.locations import Locations, all_of, with_chain
from tochain.products.nginx.targets import Upstream, Variables, read_upstream

__all__ = ["Identity", "Nginx"]


@dataclass(frozen=True, slots=True)
class Identity:
    """What is known of the running nginx beside its files: its name, names around it, version."""

    name: str = ""
    scope: str = ""
    workload: str = ""
    versions: Versions = ANY
    traits: frozenset[str] = frozenset()
    env: dict[str, str] = field(default_factory=dict)
    product: str = "nginx"


@dataclass(frozen=True, slots=True)
class _Face:
    """How a virtual server shows: where it stands, what it listens on, how it is called."""

    kind: str
    span: Span
    listens: tuple[Address, ...] = ()
    names: tuple[str, ...] = ()
    traits: frozenset[str] = frozenset()


class Nginx:
    """Reads one nginx. Order inside a block does not matter, so each block is looked through before what is in it.

    `keys` are the component keys of the run that are taken.
    """

    def __init__(self, includes: Includes, identity: Identity, keys: set[str]) -> None:
        self.includes = includes
        self.identity = identity
        self.reader = Reader(self._complain, identity.env)
        self.components: list[Component] = []
        self.groups: dict[tuple[str, str], Upstream] = {}
        self.sockets: dict[tuple[str, Address], Settings] = {}
        self._keys = keys
        self._first: set[str] = set()
        self._upstreams: dict[tuple[str, str, str], Span] = {}

    def _complain(self, directive: Directive, message: str) -> None:
        self.includes.ctx.problem(directive.span, message)

    def main(self, directives: list[Directive], chain: tuple[str, ...]) -> list[Component]:
        """The virtual servers below a main file."""
        segments = self.includes.flat(directives, chain)
        own = self.reader.read(all_of(segments), (), "")
        top = Level((), "", own)
        for directive, around in with_chain(segments):
            if directive.name in ("http", "stream") and directive.block is not None:
                self.servers(directive.name, self.includes.flat(directive.block, around), top, directive.span)
        # A brace too many closed `http` early: what follows is read as if it still stood inside.
        loose: list[Segment] = [
            ([d], c) for d, c in with_chain(segments) if d.name in ("server", "upstream") and d.block is not None
        ]
        if loose:
            self.servers("http", loose, top, None)
        return self.finish()

    def servers(self, kind: str, segments: list[Segment], above: Level, block: Span | None) -> None:
        """The servers of an `http` or `stream` block; settings without a server are a component of their own."""
        inside = all_of(segments)
        variables = Variables()
        for directive in inside:
            if directive.name == "map" and directive.block is not None and len(directive.texts) == 2:
                self._map(directive, variables)
            elif directive.name == "upstream" and directive.block is not None:
                self._upstream(kind, directive)
        own = self.reader.read(inside, (kind,), kind)
        level = above.inside((kind,), kind, own)
        found = [(d, c) for d, c in with_chain(segments) if d.name == "server" and d.block is not None]
        for directive, chain in found:
            inner = self.includes.flat(directive.block or [], chain)
            self.server(kind, inner, level, variables, directive.span)
        if not found and block is not None and own and kind == "http":
            files = dict.fromkeys(path for _, chain in segments for path in chain)
            locations = Locations(kind, self.includes, self.reader, self.groups, variables, files=files)
            self._add(_Face(kind, block), level, locations)

    def _map(self, directive: Directive, variables: Variables) -> None:
        source, variable = directive.texts
        entries = [entry for entry in directive.block or () if entry.texts and entry.name != "include"]
        variables.add(variable, [entry.texts[-1] for entry in entries])
        if source == "$http_upgrade":
            by_name = {entry.name: entry for entry in reversed(entries)}
            plain = by_name.get("") or by_name.get("default")
            if plain is not None:
                self.reader.plain[variable] = Setting(variable, plain.texts[-1], plain.span, scope="map")

    def _upstream(self, kind: str, directive: Directive) -> None:
        block = all_of(self.includes.flat(directive.block or [], (directive.source.path,)))
        name = directive.texts[0] if directive.texts else ""
        settings = self.reader.read(block, (kind, "upstream"), f"upstream {name}", "upstream ")
        group = read_upstream(directive, block, settings, 80 if kind == "http" else None)
        first = self._upstreams.setdefault((kind, name.lower(), directive.span.path), directive.span)
        if first != directive.span:
            self._complain(
                directive, f"upstream {name} stands in line {first.start.line} already, and nginx refuses a second"
            )
        self.groups.setdefault((kind, name.lower()), group)

    def server(
        self, kind: str, segments: list[Segment], above: Level, variables: Variables, span: Span, whole: bool = True
    ) -> None:
        """One virtual server from the directives in its block, or a part of one (`whole` False) others include."""
        inside = all_of(segments)
        level = above.inside((kind, "server"), "server", self.reader.read(inside, (kind, "server"), "server"))
        heard = listening(inside, self.reader, self._complain)
        for address, settings in heard.sockets.items():
            self.sockets.setdefault((kind, address), {}).update(settings)
        if heard.first:
            self._refusing(kind, inside, heard.addresses)
        locations = Locations(kind, self.includes, self.reader, self.groups, Variables(variables))
        locations.walk(segments, level)
        switched = {"http2": "http2", "http3": "quic"}
        on = {word for name, word in switched.items() if any(s.text == "on" for s in level.settings.get(name, ()))}
        listens = tuple(heard.addresses) if whole or any(d.name == "listen" for d in inside) else ()
        face = _Face(kind, span, listens, server_names(inside), frozenset(heard.traits | on))
        self._add(face, level, locations)
        if heard.first:
            self._first.add(self.components[-1].key)

    def _refusing(self, kind: str, inside: list[Directive], addresses: list[Address]) -> None:
        """A default server that refuses handshakes leaves only those that name another server of the address."""
        for directive in inside:
            if directive.name == "ssl_reject_handshake" and directive.texts == ("on",):
                refused = Setting(directive.name, "on", directive.span, scope="the default server")
                for address in addresses:
                    self.sockets.setdefault((kind, address), {})[directive.name] = (refused,)

    def _add(self, face: _Face, level: Level, locations: Locations) -> None:
        identity = self.identity
        settings = dict(level.settings)
        for name, more in locations.own_side.items():
            if more:
                settings[name] = (*settings.get(name, ()), *more)
        traits = face.traits | identity.traits | {"files"}
        if face.kind == "http":
            traits |= _read_timeouts(settings, locations)
        first = face.names[0] if face.names else ""
        component = Component(
            self._key(face, first),
            identity.name or first or identity.product,
            identity.product,
            face.span,
            "proxy",
            identity.versions,
            "stream" if face.kind == "stream" else None,
            identity.scope,
            settings,
            face.listens,
            face.names,
            tuple(locations.links),
            protocol=_spoken(face),
            workload=identity.workload,
            traits=traits,
            files=tuple(dict.fromkeys(path.partition(EMBEDDED)[0] for path in locations.files)) or (face.span.path,),
        )
        self.components.append(component)

    def _key(self, face: _Face, name: str) -> str:
        port = f":{face.listens[0].port}" if face.listens and face.listens[0].port else ""
        wanted = f"nginx:{face.span.path}#{name or 'server'}{port}"
        suffix = f"@{self.identity.workload}" if self.identity.workload else ""
        key, count = wanted + suffix, 1
        while key in self._keys:
            again = f".{count}" if count > 1 else ""
            key = f"{wanted}@{face.span.start.line}:{face.span.start.column}{again}{suffix}"
            count += 1
        self._keys.add(key)
        return key

    def finish(self) -> list[Component]:
        """The components, default servers first, with what belongs to sockets they share, and the issues found."""
        ordered = sorted(self.components, key=lambda component: component.key not in self._first)
        done = [self._with_sockets(component) for component in ordered]
        return _with_issues(done, self.reader.issues) if done else done

    def _with_sockets(self, component: Component) -> Component:
        kind = "stream" if component.variant == "stream" else "http"
        for address in component.listens:
            settings = self.sockets.get((kind, address))
            if settings:
                return replace(component, settings={**component.settings, **settings})
        return component


def _read_timeouts(settings: Settings, locations: Locations) -> set[str]:
    """Puts the read timeouts of all locations that proxy in place of the server's own; says what else is in force."""
    settings.pop("proxy_read_timeout", None)
    if locations.read_timeouts:
        settings["proxy_read_timeout"] = tuple(locations.read_timeouts.values())
        return {"read-timeout-default"} if locations.default_read_timeout else set()
    return set() if locations.default_read_timeout else {"no-proxy"}


def _spoken(face: _Face) -> str:
    if face.kind == "http":
        return "http"
    return "udp" if "udp" in face.traits else "tcp"


def _with_issues(components: list[Component], issues: list[Issue]) -> list[Component]:
    """Each issue goes to the server around it, else to the first component of its file, else to the first of all."""
    starts: dict[str, list[tuple[Pos, int]]] = {}
    for at, component in enumerate(components):
        starts.setdefault(component.span.path, []).append((component.span.start, at))
    for same in starts.values():
        same.sort()
    found: dict[int, list[Issue]] = {}
    for issue in issues:
        same = starts.get(issue.span.path, [(Pos(1, 1), 0)])
        row = bisect_right(same, (issue.span.start, len(components)))
        found.setdefault(same[max(row - 1, 0)][1], []).append(issue)
    for at, more in found.items():
        components[at] = replace(components[at], issues=(*components[at].issues, *more))
    return components
