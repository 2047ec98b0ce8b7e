"""Reads nginx: main files with their includes, dumps of `nginx -T`, and loose files that some main file includes."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final, Literal

from tochain.formats.nginx import DUMP_HEADER, Directive, NginxFile, parse
from tochain.formats.nginx_table import FREE_BLOCKS, is_known, nearest
from tochain.model.component import Address, Component, Workload
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.configmaps import EMBEDDED, embedded_files
from tochain.products.nginx.files import Includes, Paths
from tochain.products.nginx.levels import Level
from tochain.products.nginx.names import PASSES, form
from tochain.products.nginx.servers import Identity, Nginx
from tochain.products.nginx.targets import Variables
from tochain.products.programs import Program, image_name, image_version
from tochain.products.scopes import folder_scope

__all__ = ["read"]

_PROGRAM: Final = Program(
    re.compile(r"(?:.*[-_])?(?:nginx|openresty|angie)(?:[-_].*)?"), frozenset({"nginx", "openresty"})
)
_OWN_VERSION: Final = frozenset({"nginx", "nginx-unprivileged", "openresty"})
_OFFICIAL: Final = {"nginx": 80, "nginx-unprivileged": 8080}
"""Images that bring a configuration of their own, and the port it listens on."""
_CONFIG_TARGET: Final = re.compile(r"/etc/nginx|nginx[^/]*\.conf|/nginx/conf")
"""Where a container keeps nginx's configuration."""
_MAIN_BLOCKS: Final = frozenset({"http", "stream", "events", "mail", "rtmp"})
_MAIN_ONLY: Final = frozenset(
    {"worker_processes", "daemon", "pid", "worker_rlimit_nofile", "load_module", "worker_shutdown_timeout"}
)
_JOINED: Final = frozenset(
    {"conf.d", "http.d", "sites-enabled", "sites-available", "vhosts", "vhosts.d", "vhost.d", "stream.d"}
)

_LOOKS: Final = re.compile(
    r"^[ \t]*(?:(?:server|http|stream|events|upstream[ \t]+\S+|location[ \t][^;{\n]*)[ \t\r\n]*\{"
    r"|(?:proxy|fastcgi|uwsgi|scgi|grpc)_pass[ \t]|(?:proxy|fastcgi|uwsgi|scgi|grpc)_(?:read|send|connect)_timeout[ \t]"
    r"|(?:keepalive_timeout|client_header_timeout|client_body_timeout|send_timeout)[ \t]+[^=\s;]+[ \t\w]*;"
    r"|# configuration file \S+:)",
    re.MULTILINE,
)
"""What makes a file worth parsing whose name does not speak of nginx."""

_OTHERS: Final = frozenset({
    ".yaml", ".yml", ".json", ".toml", ".xml", ".md", ".sh", ".py", ".rb", ".pl", ".php", ".js", ".ts", ".css", ".html",
    ".htm", ".lua", ".service", ".rst", ".tf", ".go", ".sls", ".pp",
})  # fmt: skip
"""Endings of files that speak of nginx but are none of its own."""

_ENOUGH: Final = 500
_MOST_HINTS: Final = 20

Kind = Literal["main", "servers", "part", "settings", "nothing"]


@dataclass(slots=True)
class _File:
    """One candidate: its tree and what kind of nginx file it is."""

    source: SourceFile
    tree: NginxFile
    kind: Kind
    used: bool = False


@dataclass(slots=True)
class _Run:
    """What all main files of a run share."""

    ctx: Context
    paths: Paths
    inside: dict[str, SourceFile]
    files: dict[str, _File] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    out: Extract = field(default_factory=Extract)


def read(ctx: Context) -> Extract:
    """Every virtual server of every nginx in the files, with its links; files that only look alike are left alone."""
    inside = dict(embedded_files(ctx, _PROGRAM.of(ctx.workloads)))
    run = _Run(ctx, Paths([*ctx.paths(), *inside]), inside)
    for source in ctx.files:
        if _worth_it(source):
            _candidate(run, source.path, source, ctx.parsed(source, parse))
    for path, source in inside.items():
        if PurePosixPath(path).suffix not in _OTHERS:
            _candidate(run, path, source, parse(source))
    for path, file in list(run.files.items()):
        if file.kind == "main":
            _main(run, path, file)
    _loose(run)
    _bare_images(run)
    for file in run.files.values():
        _report(ctx, file)
    return run.out


def _candidate(run: _Run, path: str, source: SourceFile, tree: NginxFile) -> None:
    kind = _kind(source, tree)
    if kind != "nothing":
        run.files[path] = _File(source, tree, kind)


def _worth_it(source: SourceFile) -> bool:
    ending = PurePosixPath(source.path).suffix
    if ending == ".txt":
        return DUMP_HEADER.search(source.text) is not None
    return ending not in _OTHERS and ("nginx" in source.path.lower() or _LOOKS.search(source.text) is not None)


def _kind(source: SourceFile, tree: NginxFile) -> Kind:
    names = {directive.name for directive in tree.directives}
    blocks = {directive.name for directive in tree.directives if directive.block is not None}
    if not _mostly_known(tree.directives):
        named = "nginx" in PurePosixPath(source.path).name and (tree.problems or not names)
        return "settings" if named else "nothing"
    if tree.parts or blocks & _MAIN_BLOCKS or names & _MAIN_ONLY:
        return "main"
    if blocks & {"server", "upstream"}:
        return "servers"
    if blocks & {"location"} or names & PASSES.keys() or "server_name" in names:
        return "part"
    return "settings"


def _mostly_known(directives: list[Directive]) -> bool:
    """Whether at least half of the names are nginx's: other formats have blocks in braces too."""
    work, known, seen = list(directives), 0, 0
    while work and seen < _ENOUGH:
        directive = work.pop()
        seen += 1
        known += is_known(directive.name)
        if directive.name not in FREE_BLOCKS:
            work.extend(directive.block or ())
    return seen > 0 and known * 2 >= seen


def _main(run: _Run, path: str, file: _File) -> None:
    file.used = True
    for workload in _owners(run, path) or (None,):
        includes = Includes(run.ctx, run.paths, run.inside, path, _mounts(workload), file.tree.parts)
        nginx = Nginx(includes, _identity(path, workload), run.keys)
        run.out.components += nginx.main(
            file.tree.directives, (path,) if not file.tree.parts else (next(iter(file.tree.parts)),)
        )
        _mark(run, includes)


def _mark(run: _Run, includes: Includes) -> None:
    for path in includes.used:
        if path in run.files:
            run.files[path].used = True
        elif (source := run.ctx.file(path)) is not None:
            run.files[path] = _File(source, run.ctx.parsed(source, parse), "settings", used=True)


def _loose(run: _Run) -> None:
    """Files nobody includes: those of one conf.d stand together in one http block, others each for themselves."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path, file in run.files.items():
        if not file.used and file.kind in ("servers", "part", "settings"):
            parent = PurePosixPath(path).parent
            kind = "stream" if _is_stream(path, file.tree.directives) else "http"
            groups[kind, str(parent.parent) + "/" if parent.name in _JOINED else path].append(path)
    for (kind, _), paths in groups.items():
        _loose_group(run, kind, paths)


def _loose_group(run: _Run, kind: str, paths: list[str]) -> None:
    """The files of one folder, for each workload that starts with some of them."""
    mine: dict[str, list[str]] = defaultdict(list)
    workloads: dict[str, Workload | None] = {}
    for path in paths:
        for workload in _owners(run, path) or (None,):
            key = workload.key if workload else ""
            workloads[key] = workload
            if run.files[path].kind == "part":
                _part(run, kind, path, workload)
            else:
                mine[key].append(path)
    for key, own in mine.items():
        _loose_servers(run, kind, own, workloads[key])


def _loose_servers(run: _Run, kind: str, paths: list[str], workload: Workload | None) -> None:
    served = [path for path in paths if run.files[path].kind == "servers"]
    shared = [path for path in paths if run.files[path].kind == "settings" and _tells(run.files[path].tree.directives)]
    if not served and not shared:
        return
    first = (served or shared)[0]
    includes = Includes(run.ctx, run.paths, run.inside, first, _mounts(workload), loose=True)
    nginx = Nginx(includes, _identity(first, workload, loose=True), run.keys)
    trees = ((path, run.files[path].tree.directives) for path in sorted(served + shared))
    segments = [segment for path, directives in trees for segment in includes.flat(directives, (path,))]
    nginx.servers(kind, segments, Level((), ""), _start(run.files[first].source))
    run.out.components += nginx.finish()
    _mark(run, includes)


def _part(run: _Run, kind: str, path: str, workload: Workload | None) -> None:
    """A part of a server block that nobody here includes: its locations count, its address is not known."""
    file = run.files[path]
    includes = Includes(run.ctx, run.paths, run.inside, path, _mounts(workload), loose=True)
    nginx = Nginx(includes, _identity(path, workload, loose=True), run.keys)
    segments = includes.flat(file.tree.directives, (path,))
    nginx.server(kind, segments, Level((kind,), kind), Variables(), _start(file.source), whole=False)
    run.out.components += nginx.finish()
    _mark(run, includes)


def _bare_images(run: _Run) -> None:
    """The official image started with nothing of one's own: it serves files with its own configuration."""
    known = {component.workload for component in run.out.components}
    for workload in _PROGRAM.of(run.ctx.workloads):
        image = image_name(workload.image) if workload.image else ""
        configured = workload.root is not None or _brings_config(workload)
        if image not in _OFFICIAL or workload.key in known or configured or workload.image is None:
            continue
        listens = (Address(port=_OFFICIAL[image]),)
        traits = frozenset({"files", "no-proxy", "official-image"})
        run.out.components.append(
            Component(
                f"nginx:{workload.key}", workload.name, "nginx", workload.image.span, "proxy",
                image_version(workload.image),
                scope=workload.scope, listens=listens, protocol="http", workload=workload.key, traits=traits,
                files=(workload.image.span.path,),
            )
        )  # fmt: skip


def _owners(run: _Run, path: str) -> tuple[Workload, ...]:
    """The workloads that start with a file; one that mounts other configuration does not start with a file nearby."""
    found = _PROGRAM.owners(run.ctx.workloads, path)
    return tuple(
        w for w in found if not _brings_config(w) or any(path == m or path.startswith(m + "/") for m in w.mounts)
    )


def _brings_config(workload: Workload) -> bool:
    return any(_CONFIG_TARGET.search(target) for target in workload.mounts.values())


def _mounts(workload: Workload | None) -> dict[str, str]:
    return dict(workload.mounts) if workload else {}


def _start(source: SourceFile) -> Span:
    return source.whole_line(1)


def _tells(directives: list[Directive]) -> bool:
    return any(form(directive.name) for directive in directives)


def _is_stream(path: str, directives: list[Directive]) -> bool:
    if "stream" in path.lower().replace("upstream", ""):
        return True
    servers = [d for d in directives if d.name == "server" and d.block]
    return bool(servers) and all(any(d.name == "proxy_pass" for d in server.block or ()) for server in servers)


def _identity(path: str, workload: Workload | None, loose: bool = False) -> Identity:
    if workload is None:
        return Identity(scope=folder_scope(path.partition(EMBEDDED)[0]))
    image = image_name(workload.image) if workload.image else ""
    traits = {"official-image"} if loose and image in _OFFICIAL else set()
    versions = image_version(workload.image) if image in _OWN_VERSION else image_version(None)
    env = {name: word.text for name, word in workload.env.items() if name.isupper() and "$" not in word.text}
    product = "openresty" if "openresty" in image else "nginx"
    return Identity(workload.name, workload.scope, workload.key, versions, frozenset(traits), env, product)


def _report(ctx: Context, file: _File) -> None:
    ctx.understood(file.source.path)
    for problem in file.tree.problems:
        ctx.problem(problem.span, problem.message, problem.status)
    templated = any(problem.message.startswith("a template") for problem in file.tree.problems)
    parts = file.tree.parts.values() or (file.tree.directives,)
    work = [directive for part in parts for directive in part][::-1]
    said: set[str] = set()
    while work:
        directive = work.pop()
        if directive.block and directive.name not in FREE_BLOCKS:
            work.extend(reversed(directive.block))
        if directive.name not in said and not is_known(directive.name) and not templated:
            said.add(directive.name)
            near = nearest(directive.name) if len(said) <= _MOST_HINTS else ""
            ctx.problem(directive.span, f"unknown directive {directive.name}" + (f"; nearest: {near}" if near else ""))
