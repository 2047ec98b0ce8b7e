"""Settings that are written and change nothing, because another one switches off what they belong to."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from tochain.model.fact import Setting
from tochain.model.issue import Issue
from tochain.products.base import Site
from tochain.products.facts import Known, Moot, ProductFacts

__all__ = ["moot_settings"]


def moot_settings(product: ProductFacts, site: Site) -> Iterator[Issue]:
    """An issue for each such setting; what is taken over from an outer scope may well count elsewhere."""
    for row in _conditional(product):
        for condition in row.moot:
            for name in (row.setting, *row.aliases):
                for setting in site.settings.get(name, ()):
                    if setting.origin == "written":
                        yield from _issue(row, setting, condition, site)


@lru_cache(maxsize=256)
def _conditional(product: ProductFacts) -> tuple[Known, ...]:
    return tuple(row for row in product.settings if row.moot)


def _issue(row: Known, setting: Setting, condition: Moot, site: Site) -> Iterator[Issue]:
    other = next(iter(site.settings.get(condition.setting, ())), None)
    same = other is not None and other.text.strip().lower() in condition.values
    if same == condition.unless or (other is not None and other.limit is not None):
        return
    how = "without" if condition.unless else "beside"
    word = other.text if other is not None and same else condition.values[0]
    where = ((other.span, f"{condition.setting} {other.text}"),) if other is not None else ()
    text = f"{setting.name} has no effect {how} {condition.setting} {word}"
    timer = row.timers[0] if row.timers else ""
    yield Issue(
        "setting-without-effect", row.setting, setting.text, setting.span, text, timer, where, source=row.source
    )
