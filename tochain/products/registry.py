"""From a component as it was read to one whose timers are known: facts, the product's own conditions, its issues."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from types import ModuleType

from tochain.model.component import Component, Kind, Link
from tochain.model.fact import Facts
from tochain.model.issue import Issue
from tochain.model.limit import Limit
from tochain.model.span import Span
from tochain.products import PRODUCTS, facts
from tochain.products.alike import Alike, Worked
from tochain.products.base import Entry, Site
from tochain.products.facts import ProductFacts
from tochain.products.moot import moot_settings
from tochain.products.nameless import nameless_links
from tochain.products.resolve import accepts, in_units, resolve

__all__ = ["Complain", "Registry", "extractor"]

Complain = Callable[[Span, str], None]


def extractor(entry: Entry) -> ModuleType:
    """The module that reads a product's files; imported only when there is something to read."""
    return import_module(f"tochain.products.{entry.name.replace('-', '_')}.extract")


@cache
def _adjuster(product: str) -> ModuleType | None:
    owner = next((entry.name for entry in PRODUCTS if product == entry.name or product in entry.forms), product)
    for name in (product, owner):
        if (facts.facts_folder(name) / "adjust.py").is_file():
            return import_module(f"tochain.products.{name.replace('-', '_')}.adjust")
    return None


class Registry:
    """Everything known of products in one run: the shipped facts, and those a user brings along."""

    def __init__(self, extra: dict[str, ProductFacts] | None = None) -> None:
        self._extra = extra or {}
        self._alike = Alike()

    def get(self, product: str) -> ProductFacts | None:
        """A product's facts; None when nothing is known of it."""
        return self._extra.get(product) or facts.load(product)

    def names(self) -> tuple[str, ...]:
        """Every product name, sorted."""
        return tuple(sorted({*facts.product_names(), *self._extra}))

    def behaviour(self, product: str) -> dict[str, object]:
        """What the facts say of a product beyond its timers."""
        known = self.get(product)
        if known is None:
            return {}
        seen = [
            row for setting in known.settings if "connect.stale_retry" in setting.timers for row in setting.observed
        ]
        return {**({"stale_reuse": {"observed": seen}} if seen else {}), **known.behaviour}

    def fitted(self, product: str, setting: str, limit: Limit, more: bool) -> Limit | None:
        """A value in whole units of a setting, raised (`more`) or lowered to them; None where the product refuses it."""
        known = self.get(product)
        rows = [row for row in known.settings if row.setting == setting] if known else []
        for row in rows[:1]:
            limit = in_units(row, limit, more)
        return limit if all(accepts(row, timer, limit) for row in rows for timer in row.timers) else None

    def complete(self, component: Component, complain: Complain) -> Component:
        """The component with the timers of itself and of its links, and its issues."""
        known = self.get(component.product)
        if known is None:
            return component
        site = Site(
            component.product, component.settings, component.versions, component.variant, component.span,
            traits=component.traits, protocol=component.protocol,
        )  # fmt: skip
        own, issues = self._at(known, site, complain)
        at_links: dict[tuple[int, str], tuple[Facts, tuple[Issue, ...]]] = {}
        links = tuple(self._link(known, component, link, complain, at_links) for link in component.links)
        issues = _unique((*component.issues, *issues, *(issue for _, more in at_links.values() for issue in more)))
        issues = (*issues, *nameless_links(component, links))
        kind = _kind(component, known)
        if kind != known.kind:
            own = {timer: found for timer, found in own.items() if not timer.startswith("accept.")}
        return component.with_facts({**own, **component.facts} if component.facts else own, links, issues, kind)

    def _link(
        self,
        known: ProductFacts,
        component: Component,
        link: Link,
        complain: Complain,
        done: dict[tuple[int, str], tuple[Facts, tuple[Issue, ...]]],
    ) -> Link:
        # Links of one scope share their settings object, so each is resolved once.
        key = (id(link.settings), link.protocol)
        if key not in done:
            site = Site(
                component.product, link.settings, component.versions, component.variant, link.made or component.span,
                side="link", traits=component.traits, protocol=link.protocol,
            )  # fmt: skip
            done[key] = self._at(known, site, complain) if link.settings else ({}, ())
        found = done[key][0]
        return link.with_facts({**found, **link.facts} if link.facts else found)

    def _at(self, known: ProductFacts, site: Site, complain: Complain) -> tuple[Facts, tuple[Issue, ...]]:
        worked = self._alike.at(site, lambda site: _worked(known, site))
        for span, message in worked.problems:
            complain(span, message)
        return worked.facts, worked.issues


def _worked(known: ProductFacts, site: Site) -> Worked:
    """What the facts and the product's own conditions make of what is written at a site."""
    out = resolve(known, site)
    found = out.facts
    issues = tuple(out.issues)
    module = _adjuster(known.product)
    if module is not None:
        if hasattr(module, "adjust"):
            found = module.adjust(found, site)
        if hasattr(module, "issues"):
            issues = (*module.issues(found, site), *issues)
    return Worked(found, (*issues, *moot_settings(known, site)), tuple(out.problems))


def _kind(component: Component, known: ProductFacts) -> Kind:
    """The product's kind; a program that only uses a product's client side stays a client, a declared box a box."""
    if component.kind == "box":
        return "box"
    return "client" if component.kind == "client" and known.kind in ("server", "database", "broker") else known.kind


def _unique(issues: tuple[Issue, ...]) -> tuple[Issue, ...]:
    seen: dict[tuple[str, Span, str], Issue] = {}
    for issue in issues:
        # A product may have said in its own words what is seen of every number.
        text = "" if issue.kind == "suspicious-unit" else issue.text
        seen.setdefault((issue.kind, issue.span, text), issue)
    return tuple(seen.values())
