"""Sites where the same is written, wherever it stands: their timers are worked out once and put where each site has them.

A large configuration repeats itself: thousands of virtual servers differ in names, addresses and a few values. What a setting
comes to follows from what is written and from the version, never from the line it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from tochain.model.fact import Fact, Facts, Setting, Settings
from tochain.model.issue import Issue
from tochain.model.limit import Unknown
from tochain.model.span import Pos, Span
from tochain.products.base import Site

__all__ = ["Alike", "Worked"]

_NAME: Final = re.compile("\0(\\d+)\0")


@dataclass(frozen=True, slots=True)
class Worked:
    """What was worked out for a site: timers, issues, and settings that could not be read (place, message)."""

    facts: Facts
    issues: tuple[Issue, ...] = ()
    problems: tuple[tuple[Span, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Outline:
    """A site without its places and names: `key` is equal for sites that come to the same, `places` and `names` are its own.

    A name is what follows the first word of a scope: the group of "upstream app", the path of "location /api".
    """

    key: tuple[object, ...]
    places: tuple[Span, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """A fact of an outline: its place by number; `named` tells that the scope or the reason holds names by number."""

    fact: Fact
    place: int
    named: bool


@dataclass(slots=True)
class Alike:
    """What is known of sites of one run by their outlines; None for an outline whose sites are worked out one by one."""

    _known: dict[tuple[object, ...], dict[str, tuple[_Row, ...]] | None] = field(default_factory=dict)

    def at(self, site: Site, work: Callable[[Site], Worked]) -> Worked:
        """What `work` makes of a site.

        An outline is worked out when a second site has it, and only where nothing is to be said of its settings: an issue
        or a problem quotes what is written.
        """
        outline = _outline(site)
        if outline.key not in self._known:
            found = work(site)
            self._known[outline.key] = {} if not found.issues and not found.problems else None
            return found
        rows = self._known[outline.key]
        if rows is not None and not rows:
            rows = self._known[outline.key] = _rows(work(_bare(site, outline)), outline)
        return work(site) if rows is None else Worked(_placed(rows, outline))


def _outline(site: Site) -> _Outline:
    spans = {setting.span for found in site.settings.values() for setting in found}
    if site.anchor is not None:
        spans.add(site.anchor)
    places = tuple(sorted(spans))
    number = {span: at for at, span in enumerate(places)}
    names: dict[str, int] = {}
    written: list[object] = []
    for found in site.settings.values():
        for s in found:
            kind, _, name = s.scope.partition(" ")
            at = names.setdefault(name, len(names)) if name else -1
            written.append((s.name, s.text, number[s.span], s.origin, s.unit, s.limit, kind, at, s.variant))
    anchor = number[site.anchor] if site.anchor is not None else -1
    files = [span.path for span in places]
    several = () if len(set(files)) < 2 else tuple(map(files.index, files))
    key = (
        site.product, site.versions, site.variant, site.side, site.traits, site.protocol,
        tuple(site.settings), tuple(written), anchor, several,
    )  # fmt: skip
    return _Outline(key, places, tuple(names))


def _bare(site: Site, outline: _Outline) -> Site:
    """The site with numbers for its places and names."""
    number = {span: Span("", Pos(at + 1, 1), Pos(at + 1, 1)) for at, span in enumerate(outline.places)}
    mark = {name: f"\0{at}\0" for at, name in enumerate(outline.names)}

    def bare(setting: Setting) -> Setting:
        kind, _, name = setting.scope.partition(" ")
        scope = f"{kind} {mark[name]}" if name else kind
        return replace(setting, span=number[setting.span], scope=scope)

    settings: Settings = {name: tuple(map(bare, found)) for name, found in site.settings.items()}
    return replace(site, settings=settings, anchor=number[site.anchor] if site.anchor is not None else None)


def _rows(found: Worked, outline: _Outline) -> dict[str, tuple[_Row, ...]] | None:
    """The facts with their places by number; None where a place or name shows in a way that cannot be put back."""
    rows: dict[str, tuple[_Row, ...]] = {}
    for timer, facts in found.facts.items():
        if any(fact.span.path or (isinstance(fact.limit, Unknown) and "\0" in fact.limit.reason) for fact in facts):
            return None
        rows[timer] = tuple(
            _Row(fact, fact.span.start.line - 1, "\0" in fact.scope or "\0" in fact.because) for fact in facts
        )
    return rows if rows and not found.issues and not found.problems else None


def _placed(rows: dict[str, tuple[_Row, ...]], outline: _Outline) -> Facts:
    places, names = outline.places, outline.names

    def name(found: re.Match[str]) -> str:
        return names[int(found[1])]

    facts: Facts = {}
    for timer, several in rows.items():
        done = []
        for row in several:
            f = row.fact
            because, scope = (
                (_NAME.sub(name, f.because), _NAME.sub(name, f.scope)) if row.named else (f.because, f.scope)
            )
            done.append(
                Fact(
                    f.timer,
                    f.limit,
                    f.setting,
                    f.origin,
                    places[row.place],
                    f.source,
                    because,
                    scope,
                    f.owner,
                    f.follows,
                )
            )
        facts[timer] = tuple(done)
    return facts
