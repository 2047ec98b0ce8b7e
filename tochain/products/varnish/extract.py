"""Varnish: one proxy for each configuration, its parameters, and links to the backends of its VCL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from posixpath import dirname, join, normpath

from tochain.formats import vcl
from tochain.formats.commandline import split_part
from tochain.formats.template import NOTE
from tochain.formats.words import Line
from tochain.model.component import Address, Component, Link, Word, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.programs import Program
from tochain.products.scopes import folder_scope

__all__ = ["read"]

VARNISH = Program(re.compile(r"varnish(-.*)?"), frozenset({"varnishd"}))
_ATTRIBUTES = {
    "connect_timeout": "connect_timeout",
    "first_byte_timeout": "first_byte_timeout",
    "between_bytes_timeout": "between_bytes_timeout",
    "wait_timeout": "backend_wait_timeout",
}
_PROBE = {"interval": ".interval", "timeout": ".timeout", "threshold": ".threshold"}
_SET = re.compile(
    r"(?:bereq|sess)\.(connect_timeout|first_byte_timeout|between_bytes_timeout|timeout_idle|idle_send_timeout|send_timeout)"
)
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")


@dataclass(slots=True)
class _Config:
    """What a VCL and the files it includes say."""

    statements: list[Line] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def read(ctx: Context) -> Extract:
    """One component for each VCL that no other one includes, and for each workload that starts varnishd without one."""
    out = Extract()
    sources = [source for source in ctx.files if source.path.endswith(".vcl") or _is_vcl(source)]
    scripts = [source for source in ctx.files if source not in sources]
    params = {folder_scope(source.path): _parameters(ctx, source) for source in scripts}
    configs = [_config(ctx, source) for source in sources]
    included = {path for config in configs for path in config.files[1:]}
    for source, config in zip(sources, configs, strict=True):
        _tell_missing(ctx, config)
        if source.path in included or not _is_main(config):
            continue
        for owner in VARNISH.owners(ctx.workloads, source.path) or (None,):
            out.components.append(_component(config, owner, params.get(folder_scope(source.path), {})))
    taken = {component.workload for component in out.components}
    for workload in VARNISH.of(ctx.workloads):
        if workload.key not in taken:
            out.components.append(_component(_Config(), workload, {}))
    return out


def _tell_missing(ctx: Context, config: _Config) -> None:
    """Says of probes that backends call by name and nobody describes."""
    known = {s.texts[1] for s in config.statements if s.texts[0] == "probe" and len(s.texts) > 1}
    for backend in (s for s in config.statements if s.texts[0] == "backend"):
        for line in backend.block or ():
            named = line.texts[-1] if line.texts[0] == ".probe" and line.block is None and len(line.texts) == 3 else ""
            if named and named not in known and _is_main(config):
                ctx.problem(line.span, f"there is no probe called {named!r}")


def _is_vcl(source: SourceFile) -> bool:
    return (
        re.search(r"(?m)^[ \t]*(?:vcl[ \t]+\d|sub[ \t]+vcl_|backend[ \t]+\w+[ \t]*\{)", source.text[:65536]) is not None
    )


def _is_main(config: _Config) -> bool:
    return any(s.texts[0] in ("backend", "sub", "director") for s in config.statements)


def _config(ctx: Context, source: SourceFile) -> _Config:
    """A VCL with its includes in place."""
    config = _Config()
    work = [(source, iter(_statements(ctx, source, config)))]
    while work:
        at, rest = work[-1]
        statement = next(rest, None)
        if statement is None:
            work.pop()
            continue
        words = [word for word in statement.words if word.quoted]
        if statement.texts[0] != "include" or not words:
            config.statements.append(statement)
            continue
        found = _included(ctx, at.path, words[0].text)
        if found is None:
            ctx.problem(statement.span, f"include of {words[0].text}: it was not found in the given folders")
        elif any(found.path == opened.path for opened, _ in work):
            ctx.problem(statement.span, f"include of {words[0].text} leads back to a file that includes this one")
        elif found.path not in config.files:
            work.append((found, iter(_statements(ctx, found, config))))
    return config


def _included(ctx: Context, path: str, name: str) -> SourceFile | None:
    for wanted in (join(dirname(path), name), join(dirname(path), PurePosixPath(name).name), name):
        found = ctx.file(normpath(wanted))
        if found is not None:
            return found
    return None


def _statements(ctx: Context, source: SourceFile, config: _Config) -> list[Line]:
    tree = ctx.parsed(source, vcl.parse)
    config.files.append(source.path)
    ctx.understood(source.path)
    if tree.template is not None:
        ctx.problem(tree.template, NOTE)
    for message, span in tree.problems:
        ctx.problem(span, message)
    return tree.lines


def _parameters(ctx: Context, source: SourceFile) -> Settings:
    """`-p name=value` in scripts, units and files of options."""
    found: Settings = {}
    if "varnish" not in f"{source.path}\n{source.text}".lower():
        return found
    for match in re.finditer(r"(?<=\s)-p[ \t]*(?=\w+=)", source.text):
        end = source.text.find("\n", match.end())
        word = next(iter(split_part(source, match.end(), len(source.text) if end == -1 else end)), None)
        if word is not None:
            found.update(_parameter(word.text.strip("\"'"), word.span))
    if found:
        ctx.understood(source.path)
    return found


def _parameter(text: str, span: Span) -> Settings:
    name, equals, value = text.partition("=")
    return {name: (Setting(name, value.rstrip("\"'"), span, scope="varnishd -p"),)} if equals else {}


def _from_command(command: Iterable[Word]) -> tuple[Settings, list[Address], Word | None]:
    """Parameters, listeners and the single backend of a command line."""
    settings: Settings = {}
    listens: list[Address] = []
    backend = None
    words = list(command)
    for word, following in zip(words, [*words[1:], Word("", words[-1].span)] if words else [], strict=True):
        option, value = (
            (word.text[:2], Word(word.text[2:], word.span)) if len(word.text) > 2 else (word.text, following)
        )
        if option == "-p":
            settings.update(_parameter(value.text, value.span))
        elif option == "-a":
            listens.append(_listen(value.text))
        elif option == "-b":
            backend = value
    return settings, listens, backend


def _listen(text: str) -> Address:
    plain = text.partition(",")[0]
    plain = plain.partition("=")[2] or plain
    if plain.startswith("/"):
        return Address(socket=plain)
    host, colon, port = plain.rpartition(":")
    if not colon:
        return Address("" if plain.isdecimal() else plain, int(plain) if plain.isdecimal() else 80)
    return Address(host.strip("[]"), int(port) if port.isdecimal() and len(port) < 6 else 80)


def _component(config: _Config, owner: Workload | None, params: Settings) -> Component:
    written, listens, backend = _from_command(owner.command if owner else ())
    settings = _overridden(config, "sess", {**params, **written})
    env = {name: word.text for name, word in owner.env.items()} if owner else {}
    found = list(_links(config, settings, env))
    if backend is not None and not found:
        found = [Link(_listen(backend.text), backend.span, settings, "http", "varnishd -b")]
    path = config.files[0] if config.files else ""
    first = next((s.span for s in config.statements if s.texts[0] in ("vcl", "backend", "sub")), None)
    span = first or (owner.image.span if owner and owner.image else owner.span if owner else None)
    assert span is not None
    return Component(
        key=f"varnish:{path or (owner.key if owner else '')}#varnish" + (f"@{owner.key}" if owner and path else ""),
        name=owner.name if owner else "varnish",
        product="varnish",
        span=span,
        kind="proxy",
        versions=VARNISH.version(owner),
        scope=owner.scope if owner else folder_scope(path),
        settings={**settings, **_union(found)},
        listens=tuple(dict.fromkeys(listens)) or (Address(port=80),),
        links=tuple(found),
        protocol="http",
        workload=owner.key if owner else "",
        files=tuple(config.files) or (span.path,),
    )


def _overridden(config: _Config, owner: str, settings: Settings) -> Settings:
    """Settings with `set bereq.first_byte_timeout = 300s` and the like; one under a condition is one of several."""
    found = dict(settings)
    work = [(statement, False) for statement in reversed(config.statements)]
    while work:
        statement, conditional = work.pop()
        if statement.block is not None:
            inner = conditional or statement.texts[0] in ("if", "else", "elif", "elsif", "elseif")
            work += [(child, inner) for child in reversed(statement.block)]
            continue
        texts = statement.texts
        name = _SET.fullmatch(texts[1]) if len(texts) > 3 and texts[0] == "set" and texts[2] == "=" else None
        if name is not None and texts[1].startswith(f"{owner}."):
            setting = Setting(name[1], "".join(texts[3:]), statement.span, scope="VCL")
            found[name[1]] = (*found.get(name[1], ()), setting) if conditional else (setting,)
    return found


def _links(config: _Config, settings: Settings, env: dict[str, str]) -> Iterator[Link]:
    probes = {
        s.texts[1]: s for s in config.statements if s.texts[0] == "probe" and s.block is not None and len(s.texts) > 1
    }
    for statement in config.statements:
        if statement.texts[0] != "backend" or statement.block is None or len(statement.texts) < 2:
            continue
        name = statement.texts[1]
        attributes = {s.texts[0].lstrip("."): s for s in statement.block if len(s.texts) > 1}
        own = _attributes(attributes, name)
        own |= _probe(attributes.get("probe"), probes, name)
        address, unknown = _target(attributes, env)
        span = attributes["host"].span if "host" in attributes else statement.span
        yield Link(
            address, span, _overridden(config, "bereq", {**settings, **own}), "http", f"backend {name}", unknown=unknown
        )


def _attributes(attributes: dict[str, Line], name: str) -> Settings:
    found: Settings = {}
    for key, statement in attributes.items():
        if key in _ATTRIBUTES and len(statement.words) > 2:
            setting = _ATTRIBUTES[key]
            found[setting] = (Setting(setting, "".join(statement.texts[2:]), statement.span, scope=f"backend {name}"),)
    return found


def _probe(statement: Line | None, probes: dict[str, Line], name: str) -> Settings:
    """The timers of a backend's probe, written there or called by name."""
    if statement is None:
        return {}
    block = statement.block
    if block is None:
        named = probes.get(statement.texts[-1])
        block = named.block if named is not None else None
    found: Settings = {"probe": (Setting("probe", "on", statement.span, scope=f"backend {name}"),)}
    for attribute in block or ():
        key = _PROBE.get(attribute.texts[0].lstrip("."))
        if key is not None and len(attribute.words) > 2:
            found[key] = (Setting(key, "".join(attribute.texts[2:]), attribute.span, scope=f"probe of backend {name}"),)
    return found


def _target(attributes: dict[str, Line], env: dict[str, str]) -> tuple[Address, str]:
    def value(name: str) -> str:
        text = attributes[name].texts[-1] if name in attributes else ""
        return _VARIABLE.sub(lambda found: env.get(found[1], found[0]), text)

    if "path" in attributes:
        return Address(socket=value("path")), ""
    host, port = value("host"), value("port") or "80"
    if ":" in host and "port" not in attributes and host.count(":") == 1:
        host, _, port = host.partition(":")
    if not host or re.search(r"[${%]", host + port):
        return Address(host), f"the address is filled in from {host}:{port}"
    return Address(host, int(port) if port.isdecimal() and len(port) < 6 else 80 if port == "http" else None), ""


def _union(found: list[Link]) -> Settings:
    gathered: dict[str, dict[Setting, None]] = {}
    for link in found:
        for name in (*_ATTRIBUTES.values(), "probe", *_PROBE.values()):
            gathered.setdefault(name, {}).update(dict.fromkeys(link.settings.get(name, ())))
    return {name: tuple(group) for name, group in gathered.items() if group}
