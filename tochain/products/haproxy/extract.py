"""HAProxy: a component for each frontend and listen section, links to the servers of its backends."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from tochain.formats import haproxy as syntax
from tochain.formats.haproxy import Haproxy
from tochain.formats.template import NOTE
from tochain.model.component import Address, Component, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.issue import Issue
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.configmaps import EMBEDDED, inputs
from tochain.products.haproxy.lines import BACK, FRONT
from tochain.products.haproxy.proxies import Configuration, Proxy, assemble
from tochain.products.haproxy.servers import Server
from tochain.products.programs import Program
from tochain.products.scopes import folder_scope

__all__ = ["read"]

HAPROXY = Program(
    re.compile(r"haproxy(-(alpine|debian|ubuntu|ubi|ee))?|hapee.*"), frozenset({"haproxy", "haproxy-systemd-wrapper"})
)
_CLIENT_SIDE = ("option httpclose", "option http-server-close")
_KEYWORDS = frozenset({
    "bind", "server", "server-template", "timeout", "mode", "option", "balance", "default_backend", "use_backend",
    "daemon", "chroot", "nbthread", "retries", "http-request", "default-server", "stats", "maxconn", "hard-stop-after",
    "nameserver",
})  # fmt: skip
_HTTP_ONLY = frozenset({"timeout http-keep-alive", "timeout http-request", "http-reuse", "retry-on"})


def read(ctx: Context) -> Extract:
    """One component for each frontend and listen section, for every workload that starts with the file."""
    out = Extract()
    ours = []
    for path, source in inputs(ctx, HAPROXY.of(ctx.workloads)):
        # Places in a ConfigMap are those of the manifest, so the tree must not be kept under its path.
        file = ctx.parsed(source, syntax.parse) if EMBEDDED not in path else syntax.parse(source)
        if _is_haproxy(file):
            ours.append(_Given(path, source, file))
    for group in _groups(ours):
        files = [given.file for given in group]
        for given in group:
            _report(ctx, given.source, given.file)
        for owner in HAPROXY.owners(ctx.workloads, group[0].path) or (None,):
            env = {name: word.text for name, word in owner.env.items() if "$" not in word.text} if owner else {}
            found = assemble(files, env)
            for message, span in found.problems:
                ctx.problem(span, message)
            out.components += _components(ctx, found, tuple(given.source.path for given in group), owner)
    return out


@dataclass(frozen=True, slots=True)
class _Given:
    """One file of HAProxy's, by the path its owners know it by."""

    path: str
    source: SourceFile
    file: Haproxy


def _groups(files: list[_Given]) -> list[list[_Given]]:
    """Files that make one configuration: those of one folder called something.d, behind the main file above it."""
    folders: dict[str, list[_Given]] = defaultdict(list)
    for given in files:
        folder = str(PurePosixPath(given.path).parent)
        folders[folder if folder.endswith(".d") else given.path].append(given)
    groups = []
    for folder, group in folders.items():
        group.sort(key=lambda given: given.path)
        if folder.endswith(".d"):
            above = str(PurePosixPath(folder).parent / "haproxy.cfg").removeprefix("./")
            group[:0] = folders.get(above, [])[:1]
        groups.append(group)
    taken = {group[0].path for group in groups if len(group) > 1}
    return [group for group in groups if len(group) > 1 or group[0].path not in taken]


def _is_haproxy(file: Haproxy) -> bool:
    """Whether a file's sections hold what HAProxy's do; other programs' files may begin like one."""
    return any(line.name in _KEYWORDS for section in file.sections for line in section.lines)


def _report(ctx: Context, source: SourceFile, file: Haproxy) -> None:
    ctx.understood(source.path)
    if file.template is not None:
        ctx.problem(file.template, NOTE)
    for message, span in file.problems:
        ctx.problem(span, message)


def _components(
    ctx: Context, found: Configuration, files: tuple[str, ...], owner: Workload | None
) -> Iterator[Component]:
    seen: set[str] = set()
    for front in found.fronts:
        if front.mode not in ("tcp", "http"):
            continue
        suffix = f"@{owner.key}" if owner else ""
        key = f"haproxy:{front.span.path}#{front.name}{suffix}"
        if key in seen:
            key = f"haproxy:{front.span.path}#{front.name}:{front.span.start.line}{suffix}"
        seen.add(key)
        links, backs = _links(ctx, front, found)
        yield Component(
            key=key,
            name=owner.name if owner else front.name or "haproxy",
            product="haproxy",
            span=front.span,
            kind="proxy",
            versions=HAPROXY.version(owner),
            scope=owner.scope if owner else folder_scope(files[0]),
            settings=_component_settings(front, backs, links),
            listens=tuple(dict.fromkeys(front.listens)),
            names=(front.name,) if owner and front.name else (),
            links=links,
            protocol=front.mode,
            workload=owner.key if owner else "",
            files=files,
            issues=_issues(front, backs),
        )


def _links(ctx: Context, front: Proxy, found: Configuration) -> tuple[tuple[Link, ...], list[Proxy]]:
    links: list[Link] = []
    backs: list[Proxy] = []
    if front.servers:
        backs.append(front)
        links += _server_links(front, front)
    for choice in {choice.backend: choice for choice in reversed(front.choices)}.values():
        back = found.backs.get(choice.backend)
        if back is not None:
            backs.append(back)
            links += _server_links(front, back)
        elif choice.unknown:
            links.append(
                Link(Address(choice.backend), choice.span, label=f"frontend {front.name}", unknown=choice.unknown)
            )
        elif not any(listen.name == choice.backend for listen in found.fronts):
            ctx.problem(choice.span, f"there is no backend called {choice.backend!r}")
    return tuple(sorted(links, key=lambda link: (link.span.path, link.span.start))), backs


def _server_links(front: Proxy, back: Proxy) -> Iterator[Link]:
    """A link for each server; those without options of their own share one settings object."""
    base = _connect_settings(front, back)
    shared: dict[tuple[tuple[str, str, str], ...], Settings] = {}
    for server in back.servers:
        mark = tuple(
            (name, s.text, s.scope if s.origin == "written" else "")
            for name, found in server.settings.items()
            for s in found
        )
        settings = shared.setdefault(mark, {**base, **server.settings})
        yield Link(
            target=server.address,
            span=server.span,
            settings=settings,
            protocol=_protocol(back, server),
            label=f"{back.kind} {back.name}".strip(),
            unknown=server.unknown,
        )


def _connect_settings(front: Proxy, back: Proxy) -> Settings:
    """What is in force towards the servers of a backend for the connections of one frontend."""
    settings = dict(back.settings)
    if front is back:
        return settings
    for name in FRONT:
        settings.pop(name, None)
    settings |= {name: found for name, found in front.settings.items() if name in FRONT}
    # The frontend's http-server-close closes the server's side too; its httpclose does not.
    if "option http-server-close" in front.settings:
        settings.setdefault("option http-server-close", front.settings["option http-server-close"])
    return settings


def _protocol(back: Proxy, server: Server) -> str:
    said = back.settings.get("protocol")
    if said:
        return said[0].text
    if back.mode == "tcp":
        return ""
    chosen = [found[0].text for name in ("proto", "alpn") if (found := server.settings.get(name))]
    if any(text == "fcgi" for text in chosen):
        return "fastcgi"
    return "http2" if any(text.split(",")[0] == "h2" for text in chosen) else "http"


def _component_settings(front: Proxy, backs: list[Proxy], links: tuple[Link, ...]) -> Settings:
    """The frontend's settings, and those of everything behind it, all of them real."""
    own = {
        name: found for name, found in front.settings.items() if front.kind == "listen" or name not in BACK or not backs
    }
    gathered: dict[str, dict[Setting, None]] = defaultdict(dict)
    for settings in [
        *({id(link.settings): link.settings for link in links}.values()),
        *(back.settings for back in backs),
    ]:
        for name, found in settings.items():
            if name not in own and name not in FRONT and name not in _CLIENT_SIDE and name != "mode":
                gathered[name].update(dict.fromkeys(found))
    return {**own, **{name: tuple(found) for name, found in gathered.items()}}


def _issues(front: Proxy, backs: list[Proxy]) -> tuple[Issue, ...]:
    found = [_wrong_side(front, name) for name in front.own if front.kind == "frontend" and name in BACK]
    for back in backs:
        if back is front:
            continue
        names = FRONT - {"timeout http-request", "timeout http-keep-alive", "timeout tarpit"}
        found += [_wrong_side(back, name) for name in back.own if name in names]
        if front.mode == "http" and "timeout http-keep-alive" in back.own:
            found.append(_wrong_side(back, "timeout http-keep-alive"))
    for proxy in (front, *backs):
        if proxy.mode == "tcp":
            found += [_needs_http(proxy, name) for name in proxy.own if name in _HTTP_ONLY]
    return tuple(dict.fromkeys(found))


def _wrong_side(proxy: Proxy, name: str) -> Issue:
    setting = proxy.own[name][0]
    other = "servers" if proxy.kind == "frontend" else "clients"
    text = f"{name} in {setting.scope} has no effect: it acts towards {other} and is read from the {_home(proxy)} only"
    return Issue("setting-without-effect", name, setting.text, setting.span, text)


def _home(proxy: Proxy) -> str:
    return "backend" if proxy.kind == "frontend" else "frontend"


def _needs_http(proxy: Proxy, name: str) -> Issue:
    setting = proxy.own[name][0]
    mode = proxy.settings["mode"][0]
    text = f"{name} in {setting.scope} has no effect in mode tcp"
    others = ((mode.span, "mode tcp"),) if mode.origin != "default" else ()
    return Issue("setting-without-effect", name, setting.text, setting.span, text, others=others)
