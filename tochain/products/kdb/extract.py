"""kdb+: how q is started in scripts, and what q scripts themselves set and open."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tochain.formats.commandline import Flag, commands, flags, last_flag, split
from tochain.model.component import Address, Component, Link, Word
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.products.base import Context, Extract
from tochain.products.scopes import folder_scope

__all__ = ["read"]

PRODUCT = "kdb"
_FLAGS = ("-T", "-t", "-p", "-P", "-U", "-u", "-w", "-s", "-g", "-o", "-E", "-b", "-c", "-e", "-l", "-W", "-z")
_SYSTEM = re.compile(r'(?m)^[ \t]*(?:\\([Ttp])[ \t]+(\S+)|system[ \t]*"([Ttp])[ \t]+(\S+?)")')
_OPEN = re.compile(r"hopen\s*(?:\(\s*)?`?:{1,2}(?P<target>[\w.:-]*)`?(?:\s*;\s*(?P<wait>\d+)\s*\))?")
_KEEP = re.compile(r"\.h\.ka\s*:\s*(\d+)i?")


def read(ctx: Context) -> Extract:
    """A server for each start line of a script and for each q script that opens a port; hopen makes a client."""
    extract = Extract()
    for source in ctx.files:
        found = _script(source) if source.path.endswith(".q") else _starts(source)
        if found:
            ctx.understood(source.path)
        extract.components += found
    return extract


def _starts(source: SourceFile) -> list[Component]:
    whole = source.span(0, len(source.text))
    found = []
    for argv in commands(split(source.text, whole, source, script=True), source):
        if PurePosixPath(argv[0].text).name == "q":
            found.append(_server(source, argv))
    return found


def _server(source: SourceFile, argv: list[Word]) -> Component:
    given = flags(argv, _FLAGS)
    settings: Settings = {}
    for name in ("-T", "-t"):
        flag = last_flag(given, name)
        if flag is not None:
            settings[name] = (Setting(name, flag.value, _both(flag)),)
    port = last_flag(given, "-p")
    script = next((PurePosixPath(w.text).stem for w in argv[1:] if w.text.endswith(".q")), "")
    listens = _ports(port.value if port is not None else "")
    return _component(f"{argv[0].span.start.line}", script or PRODUCT, argv[0].span, settings, listens)


def _both(flag: Flag) -> Span:
    return Span(flag.span.path, flag.span.start, flag.value_span.end)


def _ports(text: str) -> tuple[Address, ...]:
    port = text.rpartition(":")[2].lstrip("-")
    return (Address(port=int(port)),) if port.isdecimal() and port != "0" else ()


def _component(part: str, name: str, span: Span, settings: Settings, listens: tuple[Address, ...]) -> Component:
    return Component(
        f"{PRODUCT}:{span.path}#{part}", name, PRODUCT, span, "database", scope=folder_scope(span.path),
        settings=settings, listens=listens, protocol="kdb", files=(span.path,),
    )  # fmt: skip


def _script(source: SourceFile) -> list[Component]:
    settings: Settings = {}
    listens: tuple[Address, ...] = ()
    for found in _SYSTEM.finditer(source.text):
        letter, value, span = found[1] or found[3], found[2] or found[4], source.span(*found.span())
        if letter == "p":
            listens = _ports(value)
        else:
            settings[f"\\{letter}"] = (Setting(f"\\{letter}", value, span),)
    for found in _KEEP.finditer(source.text):
        settings[".h.ka"] = (Setting(".h.ka", found[1], source.span(*found.span())),)
    name = PurePosixPath(source.path).stem
    made = [_component("script", name, source.whole_line(1), settings, listens)] if settings or listens else []
    links = [link for found in _OPEN.finditer(source.text) if (link := _handle(source, found)) is not None]
    if links:
        made.append(
            Component(
                f"{PRODUCT}:{source.path}#hopen", name, PRODUCT, links[0].span, "client", variant="q", protocol="kdb",
                scope=folder_scope(source.path), links=tuple(links), files=(source.path,), part_of=f"q:{source.path}",
            )
        )  # fmt: skip
    return made


def _handle(source: SourceFile, found: re.Match[str]) -> Link | None:
    """The process a handle is opened to; who logs in is left out."""
    parts = found["target"].lstrip(":").split(":")
    span = source.span(*found.span())
    settings: Settings = {"hopen": (Setting("hopen", found["wait"], span),)} if found["wait"] else {}
    port = parts[1] if len(parts) > 1 else parts[0]
    if not port.isdecimal():
        return None
    host = parts[0] if len(parts) > 1 else ""
    return Link(Address(host or "localhost", int(port)), span, settings, "kdb")
