"""OpenSSH: sshd_config for the server, ssh_config for the client with a link for each host it names."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tochain.formats.ini import parse_words
from tochain.formats.keyvalue import Entry
from tochain.model.component import Address, Component, Link
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


def read(ctx: Context) -> Extract:
    """One server for each sshd_config, one client for each ssh_config."""
    extract = Extract()
    servers = []
    for source in ctx.files:
        entries = ctx.parsed(source, parse_words)
        tell_lines(ctx, source, entries)
        lines = [line for line in entries.entries if line.args]
        if "sshd" in PurePosixPath(source.path).name:
            servers.append(_server(source, lines))
        else:
            extract.components.append(_client(source, lines))
    extract.components += components(ctx, servers, PRODUCT, PROGRAM, protocol="ssh", port=22)
    return extract


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
    ports = [line.args[0].text for line in lines[:at] if line.key.lower() == "port" and line.args[0].text.isdigit()]
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
            address = Address(target, int(port) if port.isdigit() else 22)
            links.append(Link(address, block[0].span, settings, "ssh", f"host {block[0].args[0].text}"))
    return Component(
        f"{PRODUCT}:{source.path}#client", "ssh", PRODUCT, source.whole_line(1), "client",
        scope=folder_scope(source.path),
        settings=_first(below, general), links=tuple(links), protocol="ssh", files=(source.path,),
    )  # fmt: skip
