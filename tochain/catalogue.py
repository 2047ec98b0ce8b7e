"""What tochain knows, as plain data for people to read: rules, products, and which settings feed which timers."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tochain.engine.schema import rules_dir
from tochain.model.errors import UsageError
from tochain.products import PRODUCTS
from tochain.products.facts import ProductFacts, load, product_names
from tochain.report.observed import observed_lines

__all__ = ["all_product_data", "all_rule_data", "feeds", "rule_data", "seen"]


@cache
def _paths() -> dict[str, Path]:
    return {path.stem: path for path in sorted(rules_dir().glob("*/*.yaml"))}


def rule_data(name: str) -> Mapping[str, Any]:
    """The content of a rule file, its family included.

    Raises UsageError with the nearest names when there is no such rule.
    """
    path = _paths().get(name)
    if path is None:
        close = get_close_matches(name, _paths(), n=3, cutoff=0.4)
        hint = f"nearest: {', '.join(close)}" if close else "tochain rules lists them"
        raise UsageError(f"no rule {name!r} and no such path; {hint}")
    data = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506
    return {"family": path.parent.name, **data}


def all_rule_data() -> list[Mapping[str, Any]]:
    """Every shipped rule's file content."""
    return [rule_data(name) for name in _paths()]


def all_product_data() -> list[Mapping[str, Any]]:
    """Every product with a facts file: name, title, kind, protocols, how many settings, which files it reads."""
    read = {entry.name: entry.files for entry in PRODUCTS}
    known = [facts for name in product_names() if (facts := load(name)) is not None]
    return [
        {
            "name": facts.product,
            "title": facts.title,
            "kind": facts.kind,
            "protocols": list(facts.protocols),
            "settings": len(facts.settings),
            "files": read.get(facts.product, ""),
        }
        for facts in known
    ]


def feeds(rule: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Which setting of which product feeds each timer the rule's labels name, with default and source."""
    from tochain.report.rules import timers_of

    timers = timers_of({"labels": rule.get("labels")})
    products = [facts for name in product_names() if (facts := load(name)) is not None]
    return [row for timer in timers for facts in products for row in _rows(facts, timer)]


def seen(rule: Mapping[str, Any]) -> list[str]:
    """What running programs were seen to do in the case the rule is about, a line each."""
    key = str(rule.get("behaviour") or "").rpartition(".")[2]
    lines = []
    for facts in (load(name) for name in product_names() if key):
        known = facts.behaviour.get(key) if facts is not None else None
        rows = known.get("observed") if isinstance(known, dict) else None
        lines += observed_lines(rows or ())  # a product built on another one repeats its lines
        for row in facts.settings if facts is not None and key == "stale_reuse" else ():
            lines += observed_lines(row.observed) if "connect.stale_retry" in row.timers else ()
    return list(dict.fromkeys(lines))


def _rows(facts: ProductFacts, timer: str) -> list[Mapping[str, Any]]:
    return [
        {
            "timer": timer,
            "product": facts.product,
            "setting": known.setting,
            "default": "; ".join(
                f"{d.value} since {'.'.join(map(str, d.since))}" if d.since else d.value for d in known.defaults
            ),
            "source": known.source,
            "observed": "; ".join(observed_lines(known.observed)),
        }
        for known in facts.settings
        if timer in known.timers
    ]
