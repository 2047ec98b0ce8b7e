"""Programs whose settings are flat lines: the known ones among them, and a component for each file or workload."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from tochain.formats.keyvalue import Entries
from tochain.formats.keyvalue import Entry as Line
from tochain.model.component import Address, Component, Kind, Link, Workload
from tochain.model.fact import Setting, Settings
from tochain.model.span import SourceFile, Span
from tochain.products import facts
from tochain.products.base import Context
from tochain.products.configmaps import EMBEDDED, inputs
from tochain.products.programs import Program
from tochain.products.scopes import folder_scope

__all__ = ["Found", "components", "given", "known_settings", "pick", "port_of", "same", "tell_lines", "written"]


def same(key: str) -> str:
    """A key spelled as its product spells it."""
    return key


@cache
def known_settings(product: str) -> dict[str, str]:
    """Every name and alias of a product's settings that feeds a timer or decides one, by itself."""
    known = facts.load(product)
    rows = known.settings if known is not None else ()
    return {name: name for row in rows for name in (row.setting, *row.aliases)}


def pick(
    lines: Iterable[Line], product: str, spelled: Callable[[str], str] = same, also: Iterable[str] = ()
) -> Settings:
    """The settings among the lines that the product's facts, or `also`, know; the last of a name counts."""
    known = {*known_settings(product), *also}
    found: Settings = {}
    for line in lines:
        name = spelled(line.key)
        if name in known and line.value != "":
            found[name] = (Setting(name, line.value, line.span),)
    return found


def written(product: str, pairs: Iterable[tuple[str, str, Span]], also: Iterable[str] = ()) -> Settings:
    """The same for names and texts with places that come from elsewhere: environment, options of a command."""
    known = {*known_settings(product), *also}
    return {name: (Setting(name, text, span),) for name, text, span in pairs if name in known and text != ""}


def given(
    ctx: Context, program: Program, parse: Callable[[SourceFile], Entries], *endings: str
) -> Iterator[tuple[str, SourceFile, Entries]]:
    """The files a product wants and those its workloads mount from ConfigMaps, by the path owners know them by."""
    for path, source in inputs(ctx, program.of(ctx.workloads)):
        if EMBEDDED not in path:
            yield path, source, ctx.parsed(source, parse)
        elif path.endswith(endings):
            # Places are those of the manifest, so the tree must not be kept under its path.
            yield path, source, parse(source)


def port_of(entries: Entries, *keys: str) -> int | None:
    """The last number written under one of the keys; None where none is one."""
    for key in keys:
        line = entries.get(key)
        if line is not None and line.value.strip().isdecimal():
            return int(line.value)
    return None


def tell_lines(ctx: Context, source: SourceFile, entries: Entries) -> None:
    """Says that the file was read, and what of it could not be."""
    ctx.understood(source.path)
    for message, span, failed in entries.problems:
        ctx.problem(span, message, "failed" if failed else "partly")


@dataclass(frozen=True, slots=True)
class Found:
    """What one file says of one program.

    `span` is what the component is shown at, `part` names it within the file; `path` is what workloads mount, where
    that is not the file itself but a part of a manifest.
    """

    source: SourceFile
    settings: Settings
    span: Span | None = None
    listens: Sequence[Address] = ()
    links: Sequence[Link] = ()
    part: str = ""
    variant: str | None = None
    name: str = ""
    traits: frozenset[str] = frozenset()
    path: str = ""

    @property
    def place(self) -> str:
        """The path owners know it by."""
        return self.path or self.source.path


def components(
    ctx: Context, found: Iterable[Found], product: str, program: Program, *, kind: Kind = "server", protocol: str = "",
    port: int | None = None, merged: bool = True,
) -> list[Component]:  # fmt: skip
    """A component for each workload that starts with a file, or one for the file where none does.

    Several files of one workload make one component when `merged`, later files winning as they do in conf.d folders.
    `port` is where the program listens unless told otherwise.
    """
    done: dict[str, Component] = {}
    for one in found:
        owners = program.owners(ctx.workloads, one.place)
        for owner in owners or (None,):
            made = _component(one, product, program, owner, kind, protocol)
            key = f"{owner.key}#{one.part}" if owner is not None and merged else made.key
            done[key] = _joined(done[key], made) if key in done else made
    default = (Address(port=port),) if port is not None else ()
    return [c if c.listens or c.workload else replace(c, listens=default) for c in done.values()]


def _component(
    one: Found, product: str, program: Program, owner: Workload | None, kind: Kind, protocol: str
) -> Component:
    stable = "/".join(part for part in (owner.name if owner else "", one.part) if part) or product
    key = f"{product}:{one.place}#{stable}"
    span = one.span or one.source.whole_line(1)
    if owner is None:
        return Component(
            key, one.name or product, product, span, kind, variant=one.variant, scope=folder_scope(one.source.path),
            settings=one.settings, listens=tuple(one.listens), links=tuple(one.links), protocol=protocol,
            traits=one.traits, files=(one.source.path,),
        )  # fmt: skip
    return Component(
        key, owner.name, product, span, kind, program.version(owner), one.variant,
        owner.scope, one.settings, tuple(one.listens), owner.names, tuple(one.links), protocol=protocol,
        workload=owner.key, traits=one.traits, files=(one.source.path,),
    )  # fmt: skip


def _joined(first: Component, more: Component) -> Component:
    return replace(
        first, settings={**first.settings, **more.settings}, listens=more.listens or first.listens,
        links=(*first.links, *more.links), files=tuple(dict.fromkeys((*first.files, *more.files))),
        traits=first.traits | more.traits, variant=more.variant or first.variant,
    )  # fmt: skip
