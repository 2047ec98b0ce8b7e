"""OpenSSH: sshd_config for the server, ssh_config for the client with a link for each host it names."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tochain.formats.ini import parse_words
from tochain.formats.keyvalue import Entry
from tochain.model.component import Address, Component, Link, Word, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile
from tochain.products.base import Context, Extract
from tochain.products.flat import Found, components, known_settings, tell_lines
from tochain.products.programs import Program
from tochain.products.scopes import folder_scope

__all__ = ["read"]

PRODUCT = "openssh"
PROGRAM = Program(re.compile(r"(openssh|sshd)(-server)?"), frozenset({"sshd"}))
_NAMES = {name.lower(): name for name in known_settings(PRODUCT) if not name.startswith("(")}

_VALUED = "bcDEeFIiJLlmOopQRSWw"
"""Flags of ssh that take a value; autossh has -M besides."""


def read(ctx: Context) -> Extract:
    """One server for each sshd_config with its drop-ins, one client for each ssh_config and each `ssh` that is started."""
    extract = Extract()
    daemons: dict[str, list[tuple[SourceFile, list[Entry]]]] = {}
    for source in ctx.files:
        entries = ctx.parsed(source, parse_words)
        tell_lines(ctx, source, entries)
        lines = [line for line in entries.entries if line.args]
        folder, _, dropped = source.path.rpartition("sshd_config.d/")
        if dropped and folder + dropped != source.path:
            daemons.setdefault(folder.rstrip("/"), []).append((source, lines))
        elif "sshd" in PurePosixPath(source.path).name:
            daemons.setdefault(str(PurePosixPath(source.path).parent).removeprefix("."), []).append((source, lines))
        else:
            extract.components.append(_client(source, lines))
    servers = [one for files in daemons.values() for one in _servers(files)]
    extract.components += components(ctx, servers, PRODUCT, PROGRAM, protocol="ssh", port=22)
    extract.components += [made for workload in ctx.workloads if (made := _started(workload)) is not None]
    return extract


def _servers(files: list[tuple[SourceFile, list[Entry]]]) -> list[Found]:
    """The daemons of one folder: drop-ins come before the file that includes them, and the first value counts."""
    drops = [lines for source, lines in files if "sshd_config.d/" in source.path]
    mains = [(source, lines) for source, lines in files if "sshd_config.d/" not in source.path]
    if not mains:
        return [_server(files[0][0], [line for lines in drops for line in lines])]
    return [_server(source, _included(lines, drops)) for source, lines in mains]


def _included(lines: list[Entry], drops: list[list[Entry]]) -> list[Entry]:
    asked = any(line.key.lower() == "include" and "sshd_config.d" in line.value for line in lines)
    return [*(line for drop in drops for line in drop), *lines] if asked else lines


def _started(workload: Workload) -> Component | None:
    """The client that a command starts: its -o options, and the host behind them."""
    words = workload.command
    if not words or PurePosixPath(words[0].text).name not in ("ssh", "autossh"):
        return None
    valued = _VALUED + ("M" if "autossh" in words[0].text else "")
    settings: Settings = {}
    port, host, at = 22, None, 1
    while at < len(words) and host is None:
        word = words[at]
        flag, value = word.text[:2], Word(word.text[2:], word.span)
        if not word.text.startswith("-"):
            host = word
        elif flag[1:] in valued and not value.text and at + 1 < len(words):
            at += 1
            value = words[at]
        name, _, text = value.text.replace(" ", "=", 1).partition("=")
        if flag == "-o" and name.lower() in _NAMES:
            settings.setdefault(_NAMES[name.lower()], (Setting(_NAMES[name.lower()], text, value.span),))
        port = int(value.text) if flag == "-p" and value.text.isdecimal() else port
        at += 1
    links = (Link(Address(host.text.rpartition("@")[2], port), host.span, settings, "ssh"),) if host else ()
    return Component(
        f"{PRODUCT}:{workload.key}", workload.name, PRODUCT, workload.span, "client", scope=workload.scope,
        settings=settings, links=links, workload=workload.key, protocol="ssh", files=(workload.span.path,),
    )  # fmt: skip


def _first(lines: list[Entry], below: Settings) -> Settings:
    """OpenSSH takes the first value it meets."""
    found: Settings = dict(below)
    for line in lines:
        name = _NAMES.get(line.key.lower())
        if name is not None and name not in found:
            found[name] = (Setting(name, line.value.lstrip("= "), line.span),)
    return found


def _server(source: SourceFile, lines: list[Entry]) -> Found:
    at = next((i for i, line in enumerate(lines) if line.key.lower() == "match"), len(lines))
    ports = [line.args[0].text for line in lines[:at] if line.key.lower() == "port" and line.args[0].text.isdecimal()]
    return Found(source, _first(lines[:at], {}), listens=[Address(port=int(port)) for port in ports])


def _client(source: SourceFile, lines: list[Entry]) -> Component:
    blocks: list[list[Entry]] = [[]]
    for line in lines:
        if line.key.lower() in ("host", "match"):
            blocks.append([])
        blocks[-1].append(line)
    general = _first(blocks[0], {})
    everyone = [block for block in blocks[1:] if block[0].key.lower() == "host" and block[0].args[0].text == "*"]
    below = [line for block in everyone for line in block]
    links = []
    for block in blocks[1:]:
        if block in everyone or block[0].key.lower() != "host":
            continue
        settings = _first(below, _first(block, general))
        target = next((line.args[0].text for line in block if line.key.lower() == "hostname"), block[0].args[0].text)
        port = next((line.args[0].text for line in block if line.key.lower() == "port"), "22")
        if not re.search(r"[*?!]", target):
            address = Address(target, int(port) if port.isdecimal() else 22)
            links.append(Link(address, block[0].span, settings, "ssh", f"host {block[0].args[0].text}"))
    return Component(
        f"{PRODUCT}:{source.path}#client", "ssh", PRODUCT, source.whole_line(1), "client",
        scope=folder_scope(source.path),
        settings=_first(below, general), links=tuple(links), protocol="ssh", files=(source.path,),
    )  # fmt: skip
