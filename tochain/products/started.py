"""Programs that are known by how they are started: flags and environment variables of a workload are their settings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath

from tochain.formats.commandline import split
from tochain.model.component import Address, Component, Word, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.version import ANY, Versions
from tochain.products import PRODUCTS
from tochain.products.base import Entry
from tochain.products.programs import flags, image_name, image_version
from tochain.products.registry import Registry

__all__ = ["entry_for", "with_started"]

_RUNNERS = frozenset(
    {
        "opentelemetry-instrument",
        "ddtrace-run",
        "newrelic-admin",
        "run-program",
        "doppler",
        "run",
        "yarn",
        "npm",
        "pnpm",
    }
)
_ADDRESS_FLAGS = ("--bind", "-b", "--listen", "-l", "--http", "--http-socket")
_PORT_FLAGS = ("--port", "-p", "-P")
_ARGUMENT_VARIABLES = ("GUNICORN_CMD_ARGS", "JAVA_OPTS", "JAVA_TOOL_OPTIONS", "CATALINA_OPTS", "PUMA_CMD_ARGS")


def entry_for(workload: Workload) -> Entry | None:
    """The product a workload runs: by its command, else by its image; None when neither tells."""
    names = list(_executables(workload.command))
    for name in names:
        found = next((entry for entry in PRODUCTS if name in entry.commands.split()), None)
        if found is not None:
            return found
    if workload.image is None:
        return None
    image = image_name(workload.image)
    return next((entry for entry in PRODUCTS if entry.images and re.fullmatch(entry.images, image)), None)


def _executables(command: tuple[Word, ...]) -> Iterable[str]:
    """The program's name, after the runners that start it under their own."""
    if command and command[0].text.startswith("-"):
        return  # options for the program the image itself starts
    for word in command:
        name = PurePosixPath(word.text).name
        yield name
        if name not in _RUNNERS and not word.text.startswith("-"):
            return


def with_started(components: list[Component], workloads: Iterable[Workload], registry: Registry) -> list[Component]:
    """The components with the settings of their start commands, and a component for each started program nobody read."""
    done = list(components)
    for workload in workloads:
        entry = entry_for(workload)
        if entry is None:
            continue
        settings = _settings(workload, entry, registry)
        own = [at for at, c in enumerate(done) if c.workload == workload.key and c.product == entry.name]
        for at in own:
            done[at] = replace(
                done[at], settings={**done[at].settings, **settings},
                listens=_told(workload, entry) or done[at].listens or _listens(workload, entry),
                versions=done[at].versions if done[at].versions.known else _versions(workload, entry),
            )  # fmt: skip
        if not own and not any(_serves(c, workload) for c in done):
            done.append(_component(workload, entry, settings, registry))
    return done


def _serves(component: Component, workload: Workload) -> bool:
    """Whether a component is what a workload's connections come to: what rides on its server is not that server."""
    return component.workload == workload.key and component.kind in ("server", "proxy") and not component.rides


def _component(workload: Workload, entry: Entry, settings: Settings, registry: Registry) -> Component:
    known = registry.get(entry.name)
    protocol = known.protocols[0] if known and known.protocols else ""
    return Component(
        f"{entry.name}:{workload.key}", workload.name, entry.name, workload.span, known.kind if known else "server",
        _versions(workload, entry), scope=workload.scope, settings=settings, listens=_listens(workload, entry),
        names=workload.names, protocol=protocol, workload=workload.key, files=(workload.span.path,),
    )  # fmt: skip


def _versions(workload: Workload, entry: Entry) -> Versions:
    if workload.image is None or not entry.images or not re.fullmatch(entry.images, image_name(workload.image)):
        return ANY
    return image_version(workload.image)


def _settings(workload: Workload, entry: Entry, registry: Registry) -> Settings:
    """What variables and, over them, flags set, by the product's own names: so they win over what a file says."""
    known = registry.get(entry.name)
    names: dict[str, dict[str, None]] = {}
    for row in known.settings if known else ():
        for name in (row.setting, *row.aliases):
            names.setdefault(name, {})[row.setting] = None
    found: Settings = {}
    for name, word in [*workload.env.items(), *_flags(workload)]:
        for spelled in _spellings(name, entry.variables):
            if spelled in names:
                found |= {own: (Setting(own, word.text, word.span),) for own in names[spelled]}
                break
    return found


def _spellings(name: str, prefix: str) -> tuple[str, ...]:
    """What a flag or variable may be called in the facts."""
    if name.startswith("-"):
        return name, name.lstrip("-"), name.lstrip("-").replace("-", "_")
    if prefix and name.startswith(prefix):
        bare = name.removeprefix(prefix).lower()
        return name, bare, bare.replace("_", "-"), name.lower()
    return (name,)


def _flags(workload: Workload) -> Iterable[tuple[str, Word]]:
    for name in _ARGUMENT_VARIABLES:
        word = workload.env.get(name)
        if word is not None:
            yield from flags(split(word.text, word.span)).items()
    yield from flags(workload.command).items()


def _listens(workload: Workload, entry: Entry) -> tuple[Address, ...]:
    """Where a program listens: where it is told to, else by PORT, its own usual port, or what the platform maps."""
    port = workload.env.get("PORT")
    told = _told(workload, entry)
    if told:
        return told
    if port is not None and port.text.isdecimal():
        return (Address(port=int(port.text)),)
    if entry.port:
        return (Address(port=entry.port),)
    return tuple(Address(port=port) for port in dict.fromkeys(workload.ports.values()))


def _told(workload: Workload, entry: Entry) -> tuple[Address, ...]:
    """The addresses among the flags, or the variables that stand for them."""
    given = dict(_flags(workload))
    texts = [given[flag].text for flag in _ADDRESS_FLAGS if flag in given]
    if entry.variables:
        names = [f"{entry.variables}{flag.lstrip('-').upper().replace('-', '_')}" for flag in _ADDRESS_FLAGS]
        texts = texts or [workload.env[name].text for name in names if name in workload.env]
    found = [address for text in texts if (address := _address(text)) is not None]
    if found:
        return tuple(found)
    host = given.get("--host")
    ports = [given[flag] for flag in _PORT_FLAGS if flag in given]
    own = workload.env.get(f"{entry.variables}PORT") if entry.variables else None
    ports += [own] if own is not None else []
    return tuple(Address(host.text if host else "", int(word.text)) for word in ports if word.text.isdecimal())[:1]


def _address(text: str) -> Address | None:
    if text.startswith(("unix:", "/")):
        return Address(socket=text.removeprefix("unix:").replace("//", "/"))
    host, _, port = text.removeprefix("tcp://").rpartition(":")
    return Address(host, int(port)) if port.isdecimal() else None
