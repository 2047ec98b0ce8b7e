"""Source code: servers and clients with the timers written beside them, by the patterns of each code.yaml.

One stage for all languages: a file is looked at by plain words first, and parsed only when something is in it.
What belongs together becomes one component: a product's clients in one program, each server.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import translate
from functools import partial
from pathlib import PurePosixPath

from tochain.formats import code as source_code
from tochain.formats.languages import family, language_of
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.codedoubts import doubtful, with_doubts
from tochain.products.codefile import scan, wanted_patterns
from tochain.products.codefound import Found, mentions
from tochain.products.codemodules import Modules
from tochain.products.codestart import with_start
from tochain.products.codevalue import Reach
from tochain.products.facts import TEMPLATE
from tochain.products.patterns import Pattern, Patterns, load_all
from tochain.products.pins import Pins
from tochain.products.programs import built_from
from tochain.products.springvalues import Properties

__all__ = ["read", "readable", "wants"]

_VENDORED = re.compile(
    r"(^|/)(node_modules|vendor|vendors|third_party|thirdparty|bower_components|dist|build|out|target|\.venv|venv|env|virtualenv|"
    r"site-packages|__pycache__|\.git|\.next|\.nuxt|coverage|static|assets|public|wwwroot|migrations|deps|_build)/"
)
_TESTS = re.compile(
    r"(^|/)(([\w.-]*[-_])?tests?|__tests__|__mocks__|spec|specs|e2e|testing|testdata|fixtures|mocks?|benchmarks?|examples?_test|cypress)/"
    r"|[-_]test\.(go|py|exs?|rb|[cm]?[jt]sx?)$|_spec\.rb$|(^|/)(test_[^/]*|conftest)\.py$|\.(spec|test|stories|e2e)\.[cm]?[jt]sx?$"
    r"|Tests?\.(java|kt|cs|php|swift)$|IT\.(java|kt)$"
)
_MAX_LINKS = 200
_MAX_SAME = 200
_PACKAGES = (".go", ".java", ".kt", ".cs")
"""Languages whose files share names, so that what one file makes another may use."""
_NONE: Settings = {"": ()}
"""Settings of a link that sets nothing itself: the product's defaults hold there, whatever other calls say."""


@dataclass(slots=True)
class _Group:
    """What one program has of one product."""

    product: str
    base: str
    workload: Workload | None
    scope: str
    found: list[tuple[SourceFile, Found]] = field(default_factory=list)


def wants(path: str, top: str = "") -> bool:
    """Whether a path is source code of our own: no test, nothing vendored or built, as seen from the top folder."""
    inside = path.removeprefix(top)
    return readable(path) and not _VENDORED.search(inside) and not _TESTS.search(inside)


def readable(path: str) -> bool:
    """Whether a path is source code of a language that is read."""
    return language_of(path) is not None


def read(ctx: Context) -> Extract:
    """Components for the servers and clients that source code makes."""
    stage = _Stage(ctx)
    for source in ctx.files:
        stage.take(source)
    return Extract(components=stage.components())


class _Stage:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.products = load_all()
        self.by_family: dict[str, list[Pattern]] = defaultdict(list)
        for patterns in self.products:
            for pattern in patterns.patterns:
                for language in pattern.languages:
                    self.by_family[language].append(pattern)
        self.globs = {id(p): _globs(p.files) for known in self.by_family.values() for p in known if p.files}
        self.pins = Pins(ctx)
        self.modules = Modules(ctx.files, ctx.file)
        self.properties = Properties(ctx)
        self.groups: dict[tuple[str, str, str], _Group] = {}

    def take(self, source: SourceFile) -> None:
        """Looks at one file."""
        language = language_of(source.path)
        if language is None:
            return
        known = tuple(
            p for p in self.by_family[family(language)] if not p.files or self.globs[id(p)].match("/" + source.path)
        )
        patterns = wanted_patterns(known, family(language), source.text)
        patterns = tuple(p for p in patterns if self._ours(p, source))
        if not patterns:
            return
        code = source_code.parse(source)
        if code is None:
            return
        workload = built_from(self.ctx.workloads, source.path)
        environment = (
            {name: word.text for name, word in workload.env.items() if not TEMPLATE.search(word.text)}
            if workload
            else {}
        )
        evaluator = self.modules.evaluator(code, environment, partial(self.properties.value, workload=workload))
        for found in scan(evaluator, patterns):
            self.ctx.understood(source.path, found.pattern.product)
            self._put(source, found, workload)

    def _ours(self, pattern: Pattern, source: SourceFile) -> bool:
        """Whether code that looks the same with another product's package is this one's, by what the project depends on."""
        if pattern.in_browsers and self.pins.for_browsers(source.path, source.text):
            return False
        if not pattern.gives_way and not pattern.takes_over:
            return True
        packages = next(known.packages for known in self.products if known.product == pattern.product)
        others = dict.fromkeys(packages, pattern.gives_way or pattern.takes_over)
        own = self.pins.names(packages, source.path)
        other = self.pins.names(others, source.path)
        return own and not other if pattern.takes_over else own or not other

    def _put(self, source: SourceFile, found: Found, workload: Workload | None) -> None:
        product = found.pattern.product
        base = self.pins.project(source.path)
        key = (product, found.pattern.variant or "", workload.key if workload else base)
        if key not in self.groups:
            scope = workload.scope if workload else f"dir:{base}"
            self.groups[key] = _Group(product, base, workload, scope)
        self.groups[key].found.append((source, found))

    def components(self) -> list[Component]:
        """One component for each server, and one for all clients of a product in one program."""
        out: list[Component] = []
        for key in sorted(self.groups):
            group = self.groups[key]
            patterns = next(p for p in self.products if p.product == group.product)
            for part in _apart(group, _whole(group.found), self.ctx.declared):
                found = [one for _, one in part.found]
                if doubtful(found):
                    with_doubts(found, self._program(group))
                out += _components(part, patterns, self.pins)
        return out

    def _program(self, group: _Group) -> Iterator[SourceFile]:
        """The source files of the program a group belongs to."""
        for source in self.ctx.files:
            workload = built_from(self.ctx.workloads, source.path)
            if group.workload is not None and workload is not None:
                if workload.key == group.workload.key:
                    yield source
            elif self.pins.project(source.path) == group.base:
                yield source


def _apart(group: _Group, found: list[tuple[SourceFile, Found]], declared: Mapping[str, str]) -> list[_Group]:
    """What one program has, by the components tochain.yaml tells apart; files it does not name go with the first."""
    names = dict.fromkeys(declared[source.path] for source, _ in found if source.path in declared)
    first = next(iter(names), "")
    return [
        replace(group, found=[pair for pair in found if declared.get(pair[0].path, first) == name])
        for name in names or ("",)
    ]


def _globs(files: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(translate("*/" + glob) for glob in files))


def _components(group: _Group, patterns: Patterns, pins: Pins) -> list[Component]:
    found = group.found
    servers = _servers([pair for pair in found if pair[1].pattern.role == "server"])
    schedules = [pair for pair in found if pair[1].pattern.role == "schedule"]
    others = [pair for pair in found if pair[1].pattern.role not in ("server", "schedule")]
    path = group.found[0][0].path
    versions = pins.versions(patterns, path, group.workload)
    runtime = next((p for p in load_all() if p.product == patterns.runtime), None)
    if runtime is not None:
        _with_runtime(found, str(pins.versions(runtime, path, group.workload)))
    made = [_server(group, members, several=len(servers) > 1) for members in servers]
    made += [_schedule(group, schedules)] if schedules else []
    if others:
        made = [_with_clients(made[0], others), *made[1:]] if made else [_with_clients(_clients(group, others), others)]
    made = [replace(c, versions=versions) for c in made if c.kind != "client" or c.links or c.settings]
    return [with_start(c, patterns, group.workload) for c in made]


def _with_runtime(found: list[tuple[SourceFile, Found]], version: str) -> None:
    for _, one in found:
        if one.pattern.role != "part":
            one.settings.append(Setting("runtime version", version, one.span))


def _whole(found: list[tuple[SourceFile, Found]]) -> list[tuple[SourceFile, Found]]:
    """Servers and clients, clients joined to the requests they send; parts only where there is nothing else."""
    whole = [pair for pair in found if pair[1].pattern.role != "part"]
    if not whole:
        return found
    parts = [part for _, part in found if part.pattern.role == "part" and _shared(part)]
    for source, one in whole:
        if not one.pattern.uses:
            continue
        makers = [f for _, f in whole if f.pattern.name in one.pattern.uses and f is not one]
        if makers and not one.parts and _agree(makers):
            one.parts.append(makers[0])
        if not one.parts:
            one.parts += _of_package(one, source.path, parts)
    return whole


def _shared(part: Found) -> bool:
    """Whether a part holds beyond its file: in languages whose files share names, and what a library keeps for everyone."""
    return bool(part.pattern.files) or PurePosixPath(part.span.path).suffix in _PACKAGES


def _of_package(one: Found, path: str, parts: list[Found]) -> list[Found]:
    """Parts from other files: of the same package in Go, else of the whole program where there is only one way."""
    fitting = [part for part in parts if part.pattern.name in one.pattern.uses]
    called = [part for part in fitting if part.local is not None and mentions(one.mentions, part.local[2])]
    fitting = called or fitting
    if path.endswith(".go"):
        fitting = [part for part in fitting if PurePosixPath(part.span.path).parent == PurePosixPath(path).parent]
    by_name: dict[str, list[Found]] = defaultdict(list)
    for part in fitting:
        by_name[part.pattern.name].append(part)
    return [same[0] for same in by_name.values() if _agree(same)]


def _agree(found: list[Found]) -> bool:
    return len({_shape(_by_name(one.everything())) for one in found}) == 1


def _servers(found: list[tuple[SourceFile, Found]]) -> list[list[tuple[SourceFile, Found]]]:
    """Server places that are one server: what listens apart stays apart, the rest joins the first."""
    files = [[pair] for pair in found if pair[1].pattern.files]
    heads = [pair for pair in found if pair[1].listens and not pair[1].pattern.files]
    rest = [pair for pair in found if not pair[1].listens and not pair[1].pattern.files]
    if not heads:
        return [*files, rest] if rest else files
    groups: dict[str, list[tuple[SourceFile, Found]]] = {}
    for pair in heads:
        groups.setdefault(str(pair[1].listens[0]), []).append(pair)
    listed = list(groups.values())
    for pair in rest:
        home = next((members for members in listed if members[0][0].path == pair[0].path), listed[0])
        home.append(pair)
    return [*files, *listed]


def _base(group: _Group, found: Found, name: str, mark: str) -> Component:
    variant = f"/{found.pattern.variant}" if found.pattern.variant else ""
    return Component(
        key=f"{group.product}:{found.span.path}#{mark}{variant}", name=name, product=group.product, span=found.span,
        scope=group.scope, workload=group.workload.key if group.workload else "",
        variant=found.pattern.variant, protocol=found.pattern.protocol,
        part_of="" if group.workload else f"code:{group.base}",
    )  # fmt: skip


def _server(group: _Group, members: list[tuple[SourceFile, Found]], *, several: bool) -> Component:
    first = members[0][1]
    listens = tuple(dict.fromkeys(address for _, found in members for address in found.listens))
    name = group.workload.name if group.workload else group.product
    mark = "server"
    if several and listens and not first.pattern.files:
        mark = str(listens[0])
        name = name if group.workload else f"{name}:{listens[0].port or listens[0].socket}"
    settings = _by_name(setting for _, found in members for setting in found.everything())
    base = _base(group, first, name, mark)
    links = _links(members)
    return replace(base, settings=settings, listens=listens, links=links, files=_files(members))


def _schedule(group: _Group, members: list[tuple[SourceFile, Found]]) -> Component:
    first = members[0][1]
    name = group.workload.name if group.workload else group.product
    settings = _by_name(setting for _, found in members for setting in found.everything())
    return replace(_base(group, first, name, "schedule"), kind="schedule", settings=settings, files=_files(members))


def _clients(group: _Group, members: list[tuple[SourceFile, Found]]) -> Component:
    first = members[0][1]
    name = group.workload.name if group.workload else group.product
    return replace(_base(group, first, name, "client"), kind="client", files=())


def _with_clients(component: Component, members: list[tuple[SourceFile, Found]]) -> Component:
    """The component with what its program connects to; settings of single calls stay with their links."""
    links = _links(members)
    extra = _by_name(setting for _, found in members for setting in _all_settings(found))
    settings = {**extra, **component.settings} if component.kind != "client" else extra
    files = tuple(dict.fromkeys((*component.files, *_files(members))))
    return replace(component, settings=settings, links=(*component.links, *links)[:_MAX_LINKS], files=files)


def _all_settings(found: Found) -> list[Setting]:
    own = found.everything()
    said = [setting for link in found.links for setting in (*link.settings, *_in_address(found, link, own))]
    return [*own, *said]


def _files(members: list[tuple[SourceFile, Found]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(source.path for source, _ in members))


def _by_name(settings: Iterable[Setting]) -> Settings:
    table: dict[str, dict[Setting, None]] = defaultdict(dict)
    for setting in settings:
        table[setting.name][setting] = None
    return {name: tuple(found)[:_MAX_SAME] for name, found in table.items()}


def _links(members: list[tuple[SourceFile, Found]]) -> tuple[Link, ...]:
    """Links without repetition: one for each address with the same settings; unknown addresses count once each way."""
    links: dict[tuple[str, str, str], Link] = {}
    for _, found in members:
        shared = found.everything()
        base = next((place.address for place in found.links if place.address is not None), None)
        for place in found.links or _homeless(found):
            if place.relative and (base is None or not place.settings):
                continue
            if place.address is None and not place.relative and found.pattern.only_known:
                continue
            settings = _overriding(shared, (*place.settings, *_in_address(found, place, shared)))
            known = base if place.relative else place.address
            target = known or Address()
            mark = (str(target), "" if known else "?", _shape(settings))
            if mark not in links:
                protocol = found.pattern.protocol or _protocol(place.protocol)
                links[mark] = Link(
                    target,
                    place.span,
                    settings or dict(_NONE),
                    protocol,
                    place.label,
                    unknown="" if known else place.unknown,
                    made=found.span,
                )
    return tuple(links.values())


def _in_address(found: Found, place: Reach, shared: list[Setting]) -> Iterator[Setting]:
    """The timers of the library in an address, where nothing is said of them beside it."""
    said = {setting.name for setting in (*shared, *place.settings)}
    if place.driver == found.pattern.product:
        yield from (setting for setting in place.params if setting.name not in said)


def _homeless(found: Found) -> list[Reach]:
    """A client that is made but never seen connecting: its address is not in this file."""
    if found.pattern.role != "client" or found.used or any(part.links for part in found.parts):
        return []
    return [Reach(None, found.span, "its address is not said in this file", found.pattern.name)]


def _overriding(shared: list[Setting], own: tuple[Setting, ...]) -> Settings:
    names = {setting.name for setting in own}
    return _by_name([*(setting for setting in shared if setting.name not in names), *own])


def _shape(settings: Settings) -> str:
    return repr(sorted((name, [(s.text, str(s.limit), s.unit) for s in found]) for name, found in settings.items()))


def _protocol(scheme: str) -> str:
    return {
        "https": "http",
        "ws": "websocket",
        "wss": "websocket",
        "postgres": "postgresql",
        "amqps": "amqp",
        "pyamqp": "amqp",
        "rediss": "redis",
    }.get(scheme, scheme)
