"""What readers of an application's clients share: properties below a prefix, renamed, and where they lead."""

from __future__ import annotations

from dataclasses import dataclass, field

from tochain.model.component import Address, Kind, Link
from tochain.model.fact import Setting, Settings
from tochain.model.issue import Issue
from tochain.model.span import Span
from tochain.products.facts import TEMPLATE
from tochain.products.javaconfig import Item, View, relaxed

__all__ = ["Client", "first", "link", "renamed", "server", "under"]


@dataclass(frozen=True, slots=True)
class Client:
    """One client library of an application, with its settings and where it leads."""

    product: str
    settings: Settings
    links: tuple[Link, ...] = ()
    kind: Kind = "client"
    variant: str | None = None
    issues: tuple[Issue, ...] = field(default=())


def under(view: View, *prefixes: str) -> View:
    """The properties below one of the prefixes."""
    starts = tuple(relaxed(prefix) for prefix in prefixes)
    return {name: item for name, item in view.items() if name.startswith(starts)}


def first(view: View, *names: str) -> Item | None:
    """The first property that is there and not empty."""
    return next((item for name in names if (item := view.get(relaxed(name))) is not None and item.text), None)


def server(view: View, host: str, port: str, default: int) -> tuple[Address, Span, str] | None:
    """Host and port of two properties; the reason when they are filled in later."""
    where = first(view, host)
    if where is None:
        return None
    at = first(view, port)
    number = int(at.text) if at is not None and at.text.isdecimal() else default
    if TEMPLATE.search(where.text):
        return Address(), where.span, f"filled in later: {where.text[:60]}"
    return Address(where.text, number), where.span, ""


def link(found: tuple[Address, Span, str], protocol: str, own: Settings) -> Link:
    """The link to what `server` found."""
    return Link(found[0], found[1], own, protocol, unknown=found[2])


def renamed(view: View, prefix: str, table: dict[str, str]) -> Settings:
    """Settings under the facts' names, for a table of names below a prefix to such names."""
    found: Settings = {}
    for name, own in table.items():
        item = view.get(relaxed(prefix + name))
        if item is not None and item.text:
            found[own] = (Setting(own, item.text, item.span),)
    return found
