"""The routes of a Spring Cloud Gateway in an application's own files, with the filters that repeat requests."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tochain.model.component import Address, Link
from tochain.model.fact import Setting, Settings
from tochain.products.dsn import dsn_link, parse_dsn
from tochain.products.javaconfig import Item, View

__all__ = ["gateway_links"]

_ROOT = r"spring\.cloud\.gateway\.(?:server\.web(?:flux|mvc)\.|mvc\.)?"
_ROUTE = re.compile(rf"(?P<route>{_ROOT}routes\[\d+\])\.uri", re.IGNORECASE)
_FILTER = re.compile(rf"(?P<owner>{_ROOT}(?:routes\[\d+\]\.filters|default-filters)\[\d+\])(?:\.name)?", re.IGNORECASE)
_SHORT = re.compile(r"Retry=(?P<tries>\d+).*")
_DEFAULTS = ".default-filters["
_OPTIONS = ("retries", "methods", "series")


def gateway_links(view: View) -> list[Link]:
    """The routes of a Spring Cloud Gateway; `lb://name` is an application by its name."""
    items = list(view.values())
    retries = dict(_retries(items))
    shared = next((own for owner, own in retries.items() if _DEFAULTS in owner), {})
    found = []
    for item in items:
        route = _ROUTE.fullmatch(item.name)
        if route is not None:
            own = next((own for owner, own in retries.items() if owner.startswith(f"{route['route']}.")), shared)
            found.append(_link(item, own))
    return found


def _link(item: Item, settings: Settings) -> Link:
    if item.text.startswith("lb:"):
        return Link(Address(item.text.partition("://")[2]), item.span, settings, "http", "route")
    dsn = parse_dsn(item.text, item.span)
    link = dsn_link(dsn, "route") if dsn is not None else None
    if link is None:
        return Link(Address(), item.span, settings, "http", unknown=f"filled in later: {item.text[:60]}")
    return Link(link.target, link.span, {**link.settings, **settings}, link.protocol, link.label, unknown=link.unknown)


def _retries(items: list[Item]) -> Iterator[tuple[str, Settings]]:
    """What each Retry filter sets, by the place of the filter: a name with args, or `Retry=3` in one text."""
    for item in items:
        place = _FILTER.fullmatch(item.name)
        if place is None:
            continue
        short = _SHORT.fullmatch(item.text)
        if short is not None:
            yield place["owner"], {"Retry.retries": (Setting("Retry.retries", short["tries"], item.span),)}
        elif item.text == "Retry":
            names = {f"{place['owner']}.args.{option}".lower(): f"Retry.{option}" for option in _OPTIONS}
            args = {names[arg.name.lower()]: arg for arg in items if arg.name.lower() in names}
            own = {name: (Setting(name, arg.text, arg.span),) for name, arg in args.items()}
            yield place["owner"], {"Retry": (Setting("Retry", "on", item.span),), **own}
