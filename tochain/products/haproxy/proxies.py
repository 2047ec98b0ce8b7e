"""Sections to proxies: what each starts from, what it sets itself, where it listens and which servers it has."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tochain.formats.haproxy import Haproxy, Line, Section, Word
from tochain.model.component import Address
from tochain.model.fact import Setting, Settings
from tochain.model.span import Span
from tochain.products.haproxy.lines import applies, merged, settings_of, text_of
from tochain.products.haproxy.servers import Server, addresses, bind_settings, options, read_server

__all__ = ["Choice", "Configuration", "Proxy", "assemble"]


@dataclass(frozen=True, slots=True)
class Choice:
    """A backend a frontend hands requests to; `unknown` says why its name cannot be known."""

    backend: str
    span: Span
    unknown: str = ""


@dataclass(slots=True)
class Proxy:
    """A frontend, backend or listen section with the settings in force in it."""

    kind: str
    name: str
    span: Span
    settings: Settings
    own: Settings
    listens: list[Address] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)

    @property
    def mode(self) -> str:
        """tcp or http; tcp is what HAProxy takes when nothing is said."""
        found = self.settings.get("mode")
        return found[0].text if found else "tcp"


@dataclass(slots=True)
class Configuration:
    """All proxies of one configuration, in order; `problems` are (message, place)."""

    fronts: list[Proxy] = field(default_factory=list)
    backs: dict[str, Proxy] = field(default_factory=dict)
    problems: list[tuple[str, Span]] = field(default_factory=list)


def assemble(files: Iterable[Haproxy], env: dict[str, str]) -> Configuration:
    """The proxies of the files of one configuration, which HAProxy reads one after the other.

    `env` are variables known from outside; `setenv` lines add to them.
    """
    sections = [section for file in files for section in file.sections]
    env = {**env, **_environment(sections)}
    reader = _Reader(env, _shared(sections, env))
    for section in sections:
        reader.take(section)
    return reader.out


def _environment(sections: list[Section]) -> dict[str, str]:
    lines = [line for section in sections if section.kind == "global" for line in section.lines]
    return {
        line.words[1].text: line.words[2].text
        for line in lines
        if line.name == "setenv" and len(line.words) == 3 and not line.words[2].expands and applies(line)
    }


def _shared(sections: list[Section], env: dict[str, str]) -> Settings:
    """What global sections say, which holds for every proxy."""
    found: Settings = {}
    for section in sections:
        if section.kind == "global":
            found.update(settings_of(section.lines, "global", env))
    return found


@dataclass(slots=True)
class _Start:
    """A defaults section: what later sections start from."""

    settings: Settings
    presets: Settings


class _Reader:
    def __init__(self, env: dict[str, str], shared: Settings) -> None:
        self.out = Configuration()
        self._env = env
        self._shared = shared
        self._latest = _Start({}, {})
        self._named: dict[str, _Start] = {}
        self._resolvers: dict[str, Settings] = {}

    def take(self, section: Section) -> None:
        """Reads one section; defaults and resolvers count for those that follow."""
        if section.kind == "defaults":
            self._defaults(section)
        elif section.kind == "resolvers":
            self._resolvers[section.name] = _resolver(section, self._env)
        elif section.kind in ("frontend", "listen", "backend"):
            self._proxy(section)

    def _base(self, section: Section, otherwise: _Start) -> _Start:
        word = section.base
        if word is None:
            return otherwise
        if word.text not in self._named:
            self.out.problems.append((f"there is no defaults section called {word.text!r} above", word.span))
        return self._named.get(word.text, otherwise)

    def _defaults(self, section: Section) -> None:
        base = self._base(section, _Start({}, {}))
        scope = f"defaults {section.name}".strip()
        own = settings_of(section.lines, scope, self._env)
        start = _Start(merged(base.settings, own), self._presets(section, base.presets, scope))
        self._latest = start
        if section.name:
            self._named[section.name] = start

    def _presets(self, section: Section, base: Settings, scope: str) -> Settings:
        found = base
        for line in section.lines:
            if line.name == "default-server" and applies(line) is not False:
                found = {**found, **options(line.args, f"{scope}, default-server", self._env)}
        return found

    def _proxy(self, section: Section) -> None:
        base = self._base(section, self._latest)
        scope = f"{section.kind} {section.name}".strip()
        own = settings_of(section.lines, scope, self._env)
        settings = merged(merged(self._shared, base.settings), own)
        if "mode" not in settings:
            settings["mode"] = (Setting("mode", "tcp", section.header.span, "default", scope=scope),)
        proxy = Proxy(section.kind, section.name, section.header.span, settings, own)
        self._lines(section, proxy, base.presets)
        if proxy.kind == "backend":
            first = self.out.backs.setdefault(proxy.name, proxy)
            if first is not proxy and first.span.path == proxy.span.path and "{" not in proxy.name:
                text = f"there is a backend called {proxy.name!r} in line {first.span.start.line} already"
                self.out.problems.append((text, proxy.span))
        else:
            self.out.fronts.append(proxy)

    def _lines(self, section: Section, proxy: Proxy, presets: Settings) -> None:
        scope = f"{section.kind} {section.name}".strip()
        if section.kind != "backend" and len(section.header.words) > 2 and ":" in section.header.words[2].text:
            proxy.listens += addresses(text_of(section.header.words[2], self._env))
        for line in section.lines:
            if applies(line) is False:
                continue
            match line.name:
                case "default-server":
                    presets = {**presets, **options(line.args, f"{scope}, default-server", self._env)}
                case "server" | "server-template":
                    self._server(line, proxy, presets)
                case "dispatch" if line.args:
                    proxy.servers.append(_dispatch(line, self._env))
                case "bind" if line.args:
                    proxy.listens += addresses(text_of(line.args[0], self._env))
                    proxy.settings.update(bind_settings(line, scope, self._env))
                case "use_backend" | "default_backend" if line.args:
                    proxy.choices.append(_choice(line.args[0], line.span, self._env))

    def _server(self, line: Line, proxy: Proxy, presets: Settings) -> None:
        server = read_server(line, proxy.name, presets, self._env)
        if server is None:
            self.out.problems.append((f"expected a name and an address behind {line.name}", line.span))
            return
        resolver = server.settings.get("resolvers")
        if resolver:
            server.settings.update(self._resolvers.get(resolver[0].text, {}))
        proxy.servers.append(server)


def _resolver(section: Section, env: dict[str, str]) -> Settings:
    found: Settings = {}
    for line in section.lines:
        words = [text_of(word, env) for word in line.words]
        name = " ".join(words[:2])
        if len(words) == 3 and name in ("timeout retry", "timeout resolve", "hold valid"):
            found[name] = (Setting(name, words[2], line.span, scope=f"resolvers {section.name}"),)
    return found


def _dispatch(line: Line, env: dict[str, str]) -> Server:
    text = text_of(line.args[0], env)
    found = addresses(text)
    unknown = "" if found and "$" not in text else f"the address is filled in from {text}"
    return Server("dispatch", found[0] if found else Address(text), line.span, {}, unknown)


def _choice(word: Word, span: Span, env: dict[str, str]) -> Choice:
    text = text_of(word, env)
    unknown = "the request chooses the backend" if "%[" in text else ""
    if "$" in text or "{{" in text or "{%" in text:
        unknown = f"the backend's name is filled in from {text}"
    return Choice(text, span, unknown)
