"""Resilience4j in Spring's properties: what each named instance comes to, with the configuration it is based on."""

from __future__ import annotations

import re
from collections import defaultdict

from tochain.model.fact import Setting, Settings
from tochain.model.limit import Finite, Limit, Unknown
from tochain.model.version import Versions
from tochain.products.javaconfig import Item, View, relaxed
from tochain.products.spring_boot.parts import Client

__all__ = ["resilience"]

_NAME = re.compile(
    r"resilience4j\.(\w+)\.(configs|instances|backends)\.([^.\[]+)(?:\.([\w-]+))?(?:\..*)?", re.IGNORECASE
)
_SETTINGS = {
    ("timelimiter", "timeoutduration"): "timelimiter.timeout-duration",
    ("retry", "maxattempts"): "retry.max-attempts",
    ("retry", "maxretryattempts"): "retry.max-attempts",
    ("retry", "waitduration"): "retry.wait-duration",
    ("bulkhead", "maxwaitduration"): "bulkhead.max-wait-duration",
    ("circuitbreaker", "waitdurationinopenstate"): "circuitbreaker.wait-duration-in-open-state",
}
_NONE: dict[str, tuple[str, str, Limit]] = {
    "timelimiter": ("timelimiter.timeout-duration", "", Unknown("the limit is the guarded client's own")),
    "retry": ("retry.max-attempts", "1", Finite(1)),
}
"""What is true of an instance that a kind of guard has no entry for, while it has entries for others."""

_Group = dict[str, dict[str, Item]]


def resilience(view: View, _: Versions) -> Client | None:
    """The guards of an application's calls, one inner scope for each instance."""
    configs: dict[str, _Group] = defaultdict(dict)
    instances: dict[str, _Group] = defaultdict(dict)
    for item in view.values():
        found = _NAME.fullmatch(item.name)
        if found is not None:
            groups = configs if found[2].lower() == "configs" else instances
            groups[found[1].lower()].setdefault(found[3], {})[relaxed(found[4] or "")] = item
    names = list(dict.fromkeys(name for group in instances.values() for name in group))
    own: Settings = {}
    for kind in dict.fromkeys((*configs, *instances)):
        _add(own, kind, configs[kind], instances[kind], names)
    return Client("resilience4j", own) if own else None


def _add(own: Settings, kind: str, configs: _Group, instances: _Group, names: list[str]) -> None:
    """The settings of one kind of guard; those of its default configuration where no instance is named."""
    if not instances:
        for setting in _settings(kind, configs.get("default", {}), "default"):
            own[setting.name] = (*own.get(setting.name, ()), setting)
    for name in names if instances else ():
        if name in instances:
            base = instances[name].get("baseconfig")
            merged = {**configs.get(base.text if base is not None else "default", {}), **instances[name]}
            found = _settings(kind, merged, name)
        else:
            found = _missing(kind, name, next(iter(next(iter(instances.values())).values())))
        for setting in found:
            own[setting.name] = (*own.get(setting.name, ()), setting)


def _settings(kind: str, items: dict[str, Item], scope: str) -> list[Setting]:
    """What is written, and that the guard is there at all, whose defaults then hold."""
    if not items:
        return []
    there = next(iter(items.values()))
    # One name for older and newer spellings, of which the instance's own comes later.
    found = {
        name: Setting(name, item.text, item.span, scope=scope)
        for key, item in items.items()
        if (name := _SETTINGS.get((kind, key))) is not None
    }
    return [*found.values(), Setting(kind, "on", there.span, scope=scope)]


def _missing(kind: str, scope: str, near: Item) -> list[Setting]:
    if kind not in _NONE:
        return []
    name, text, limit = _NONE[kind]
    return [Setting(name, text, near.span, "assumed", limit=limit, scope=scope, because=f"{scope} has no {kind}")]
