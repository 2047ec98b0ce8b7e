"""Facts files: what each product's settings mean, with defaults by version and a source for each.

A facts file is `products/<folder>/facts.yaml`; its form is described in products/README.md.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from tochain.model.component import Kind
from tochain.model.errors import FactsError
from tochain.model.timers import canonical, nearest
from tochain.model.version import Version, parse_version

__all__ = [
    "Default",
    "Known",
    "Moot",
    "ProductFacts",
    "facts_folder",
    "facts_path",
    "load",
    "load_file",
    "product_names",
]

KINDS = (
    "client",
    "proxy",
    "server",
    "lb",
    "box",
    "pool",
    "database",
    "broker",
    "monitor",
    "kernel",
    "platform",
    "schedule",
)
UNITS = ("us", "ms", "s", "min", "h", "d", "count", "word")
ZEROS = ("never", "off", "at-once", "default", "invalid", "kernel")

_SETTING_KEYS = {
    "setting", "aliases", "timers", "unit", "default", "zero", "variant", "where", "min", "max", "fixed",
    "measured_from", "on_expiry", "source", "confidence", "notes", "observed", "since", "until", "plus",
    "moot",
}  # fmt: skip
_TOP_KEYS = {
    "product", "title", "kind", "protocols", "versions", "settings", "behaviour", "traps", "linking", "notes", "aliases",
    "unknown", "based_on",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Default:
    """A default that holds from version `since` on (None: since ever); `value` in the facts' own notation."""

    since: Version | None
    value: str


@dataclass(frozen=True, slots=True)
class Moot:
    """When a setting changes nothing: where another one has one of the values, or `unless` it has."""

    setting: str
    values: tuple[str, ...]
    unless: bool


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of one setting of one product.

    `timers` are the canonical timers it feeds, `unit` what a bare number means, `defaults` its values by version
    (oldest first; empty: none known), `zero` what 0 means when it is not simply zero. `fixed` marks a value nobody
    can change. `minimum` and `maximum` are durations or counts the product itself refuses to leave. `plus` is added to
    the setting's number to get the timer's count: 1 for a setting that counts retries, where the timer counts tries.
    `moot` says when it changes nothing although it is written.
    """

    setting: str
    timers: tuple[str, ...]
    unit: str
    aliases: tuple[str, ...] = ()
    defaults: tuple[Default, ...] = ()
    zero: str | None = None
    variant: str | None = None
    where: tuple[str, ...] = ()
    minimum: str | None = None
    maximum: str | None = None
    fixed: bool = False
    measured_from: str = ""
    on_expiry: str = ""
    source: str = ""
    confidence: str = "high"
    notes: str = ""
    since: Version | None = None
    until: Version | None = None
    observed: tuple[dict[str, str], ...] = ()
    plus: int = 0
    moot: tuple[Moot, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ProductFacts:
    """Everything a facts file says: settings in order, and the product's behaviour that rules ask for."""

    product: str
    title: str
    kind: Kind
    protocols: tuple[str, ...]
    settings: tuple[Known, ...]
    behaviour: dict[str, Any] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    path: str = ""

    @property
    def versioned(self) -> bool:
        """Whether the version decides anything of what is known."""
        return any(len(row.defaults) > 1 or row.since or row.until for row in self.settings)

    traps: tuple[str, ...] = ()

    def find(self, name: str, variant: str | None = None) -> tuple[Known, ...]:
        """The entries for a setting's name or alias, those of the variant (or of none) only."""
        return tuple(
            known
            for known in self.settings
            if (known.setting == name or name in known.aliases) and known.variant in (None, variant)
        )

    def timers(self) -> Iterator[str]:
        """Each canonical timer the product has, once, in the order of the file."""
        return iter(dict.fromkeys(timer for known in self.settings for timer in known.timers))


def facts_folder(product: str) -> Path:
    """The folder a product lives in: its name with "-" as "_"."""
    return Path(__file__).parent / product.replace("-", "_")


def facts_path(product: str) -> Path:
    """Where a product's facts file is, whether it exists or not."""
    return facts_folder(product) / "facts.yaml"


@cache
def product_names() -> tuple[str, ...]:
    """The names of all products that have a facts file, sorted."""
    here = Path(__file__).parent
    return tuple(sorted(path.parent.name.replace("_", "-") for path in here.glob("*/facts.yaml")))


@cache
def load(product: str) -> ProductFacts | None:
    """The facts of a shipped product; None when there is no such product."""
    path = facts_path(product)
    return load_file(path) if path.is_file() else None


def load_file(path: Path) -> ProductFacts:
    """Reads and validates a facts file.

    Raises FactsError naming the entry and the allowed words.
    """
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - BaseLoader builds strings only
    except yaml.YAMLError as error:
        raise FactsError(f"{path}: {error}") from error
    if not isinstance(data, dict):
        raise FactsError(f"{path}: expected a mapping with product, kind and settings")
    return _product(str(path), data)


def _product(path: str, data: dict[str, Any]) -> ProductFacts:
    _only(path, "", data, _TOP_KEYS)
    for key in ("product", "kind"):
        if key not in data:
            raise FactsError(f"{path}: {key} is missing")
    if data["kind"] not in KINDS:
        raise FactsError(f"{path}: kind {data['kind']!r}; expected one of {', '.join(KINDS)}")
    rows = data.get("settings") or []
    base = _base(path, data)
    own = tuple(_known(f"{path}: settings[{at}]", row) for at, row in enumerate(rows))
    mine = {(row.setting, row.variant) for row in own}
    return ProductFacts(
        product=data["product"],
        title=data.get("title", data["product"]),
        kind=cast(Kind, data["kind"]),
        protocols=_texts(data.get("protocols")),
        settings=own + tuple(row for row in (base.settings if base else ()) if (row.setting, row.variant) not in mine),
        behaviour={**(base.behaviour if base else {}), **(data.get("behaviour") or {})},
        aliases=_texts(data.get("aliases")),
        path=path,
        traps=_texts(data.get("traps")),
    )


def _base(path: str, data: dict[str, Any]) -> ProductFacts | None:
    """The product another one is built from: its settings hold too, behind the product's own."""
    name = data.get("based_on")
    if not name:
        return None
    base = load(name) if name != data["product"] else None
    if base is None:
        raise FactsError(f"{path}: based_on {name!r} is no other product")
    return base


def _known(where: str, row: Any) -> Known:
    if not isinstance(row, dict) or "setting" not in row:
        raise FactsError(f"{where}: expected a mapping with setting and timers")
    where = f"{where} ({row['setting']})"
    _only(where, "", row, _SETTING_KEYS)
    timers = tuple(_timer(where, name) for name in _texts(row.get("timers")))
    unit = row.get("unit", "s")
    if unit not in UNITS:
        raise FactsError(f"{where}: unit {unit!r}; expected one of {', '.join(UNITS)}")
    zero = row.get("zero") or None
    if zero is not None and zero not in ZEROS:
        raise FactsError(f"{where}: zero {zero!r}; expected one of {', '.join(ZEROS)}")
    if not row.get("source"):
        raise FactsError(f"{where}: source is missing")
    return Known(
        setting=row["setting"],
        timers=timers,
        unit=unit,
        aliases=_texts(row.get("aliases")),
        defaults=_defaults(where, row.get("default")),
        zero=zero,
        variant=row.get("variant") or None,
        where=_texts(row.get("where")),
        minimum=row.get("min") or None,
        maximum=row.get("max") or None,
        fixed=row.get("fixed") == "true",
        measured_from=row.get("measured_from", ""),
        on_expiry=row.get("on_expiry", ""),
        source="; ".join(_texts(row["source"])),
        confidence=row.get("confidence", "high"),
        notes=row.get("notes", ""),
        since=parse_version(row["since"]) if row.get("since") else None,
        until=parse_version(row["until"]) if row.get("until") else None,
        observed=tuple(row.get("observed") or ()),
        plus=int(row.get("plus") or 0),
        moot=tuple(_moot(where, row.get("moot") or {})),
    )


def _moot(where: str, row: Any) -> Iterator[Moot]:
    if not isinstance(row, dict) or set(row) - {"if", "unless"}:
        raise FactsError(f"{where}: moot expects if and unless, each a mapping of a setting to its values")
    for key, others in row.items():
        if not isinstance(others, dict) or not all(others.values()):
            raise FactsError(f"{where}: moot {key} expects a mapping of a setting to its values")
        for name, values in others.items():
            yield Moot(name, tuple(value.lower() for value in _texts(values)), key == "unless")


def _timer(where: str, name: str) -> str:
    known = canonical(name)
    if known is None:
        raise FactsError(f"{where}: no timer {name!r}; nearest: {', '.join(nearest(name)) or 'none'}")
    return known


def _defaults(where: str, value: Any) -> tuple[Default, ...]:
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        return (Default(None, value),)
    found = []
    for step in value:
        if not isinstance(step, dict) or set(step) - {"since", "value", "source"} or "value" not in step:
            raise FactsError(f"{where}: default expects a value or a list of {{since, value, source}}")
        found.append(Default(_since(where, step.get("since")), step["value"]))
    if any(a.since is not None and b.since is not None and a.since >= b.since for a, b in itertools.pairwise(found)):
        raise FactsError(f"{where}: default versions must rise")
    return tuple(found)


def _since(where: str, text: str | None) -> Version | None:
    if not text:
        return None
    version = parse_version(text)
    if version is None:
        raise FactsError(f"{where}: since {text!r} is not a version")
    return version


def _texts(value: Any) -> tuple[str, ...]:
    if value is None or value == "":
        return ()
    return (value,) if isinstance(value, str) else tuple(str(item) for item in value)


def _only(where: str, what: str, row: dict[str, Any], allowed: set[str]) -> None:
    extra = sorted(set(row) - allowed)
    if extra:
        raise FactsError(f"{where}: unknown key {what}{extra[0]!r}; allowed: {', '.join(sorted(allowed))}")


TEMPLATE = re.compile(r"\{\{|\}\}|\$\{|<%|\{%|\$\(|%\(|\$[A-Za-z_]|\bTEMPLATE\b")
"""What marks a value that is filled in later: such a value is unknown, not wrong."""
