"""The kernel's settings of a host: sysctl.conf, sysctl.d, `sysctl -w` and Ansible's tasks, the later value winning."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath

from tochain.formats import yamlfile
from tochain.formats.commandline import split_part
from tochain.formats.keyvalue import parse_sysctl
from tochain.model.component import Component
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.scopes import folder_scope

__all__ = ["read"]

_WRITTEN = re.compile(r"(?<![-\w])sysctl\b(?=[^\n]*=)")
_MODULES = frozenset({"sysctl", "ansible.posix.sysctl"})
_KEY = re.compile(r"-?([a-z][\w]*(?:[./][\w*-]+)+)=(.*)", re.DOTALL)


def read(ctx: Context) -> Extract:
    """One host for each place sysctl's files stand in; a file of another name is a host of its own."""
    hosts: dict[tuple[str, str], list[SourceFile]] = defaultdict(list)
    for source in ctx.files:
        hosts[folder_scope(source.path), _own(source.path)].append(source)
    out = Extract()
    for (scope, _), sources in hosts.items():
        found: Settings = {}
        for source in sorted(sources, key=_order):
            for setting in _settings(ctx, source):
                found[setting.name] = (setting,)
        if found:
            out.components.append(_host(scope, found, sources))
    return out


def _own(path: str) -> str:
    """What tells a host's files from those of another one in the same folder: nothing for the usual names."""
    pure = PurePosixPath(path)
    usual = pure.parent.name == "sysctl.d" or pure.name.startswith("sysctl.conf") or pure.suffix in (".sh", ".service")
    return "" if usual else pure.name


def _order(source: SourceFile) -> tuple[int, str, str]:
    """The files of sysctl.d by name, then sysctl.conf, then what commands write."""
    pure = PurePosixPath(source.path)
    stage = 2 if pure.suffix in (".sh", ".service") else 0 if pure.parent.name == "sysctl.d" else 1
    return stage, pure.name, source.path


def _settings(ctx: Context, source: SourceFile) -> Iterator[Setting]:
    suffix = PurePosixPath(source.path).suffix
    if suffix in (".sh", ".service"):
        yield from _commands(ctx, source)
        return
    if suffix in (".yml", ".yaml"):
        yield from _tasks(ctx, source)
        return
    entries = ctx.parsed(source, parse_sysctl)
    if not entries.entries:
        return
    ctx.understood(source.path)
    for message, span, failed in entries.problems:
        ctx.problem(span, message, "failed" if failed else "partly")
    for entry in entries.entries:
        yield Setting(entry.key, entry.value, entry.span)


def _commands(ctx: Context, source: SourceFile) -> Iterator[Setting]:
    """`sysctl -w key=value` in scripts and units."""
    for found in _WRITTEN.finditer(source.text):
        end = source.text.find("\n", found.end())
        end = len(source.text) if end == -1 else end
        start = source.text.rfind("\n", 0, found.start()) + 1
        if source.text[start : found.start()].lstrip().startswith("#"):
            continue
        for word in split_part(source, found.end(), end):
            written = _KEY.fullmatch(word.text)
            if written is not None:
                ctx.understood(source.path)
                yield Setting(written[1].replace("/", "."), written[2].strip(), word.span)


def _tasks(ctx: Context, source: SourceFile) -> Iterator[Setting]:
    """Ansible's sysctl module: one key and value for each task."""
    stack = list(reversed(ctx.parsed(source, yamlfile.parse).roots))
    while stack:
        node = stack.pop()
        for key, value in node.entries:
            if key.text in _MODULES and value.value("state", default="present") == "present":
                name, text = value.get("name") or value.get("key"), value.get("value")
                if name is not None and text is not None and text.kind == "scalar":
                    ctx.understood(source.path)
                    yield Setting(name.text.replace("/", "."), text.text, text.span)
        stack += [*reversed([value for _, value in node.entries]), *reversed(node.elements)]


def _host(scope: str, found: Settings, sources: list[SourceFile]) -> Component:
    first = next(iter(found.values()))[0].span
    return Component(
        key=f"linux-kernel:{first.path}#host",
        name="linux-kernel",
        product="linux-kernel",
        span=first,
        kind="kernel",
        scope=scope,
        settings=found,
        files=tuple(sorted(source.path for source in sources)),
    )
