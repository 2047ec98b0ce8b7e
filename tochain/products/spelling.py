"""The variant or setting of a product that people mean, however they spell it."""

from __future__ import annotations

import re

from tochain.products.facts import ProductFacts

__all__ = ["setting_meant", "variant_meant", "variants"]

_STEPS = (".", "::", "/", " ")
"""What stands between the steps of a setting's path."""


def variants(product: ProductFacts) -> tuple[str, ...]:
    """The names of a product's variants, sorted."""
    return tuple(sorted({row.variant for row in product.settings if row.variant}))


def variant_meant(product: ProductFacts, spelled: str) -> str | None:
    """The variant as the facts call it; None where none, or more than one, could be meant.

    "socket.io" is socket-io, "gorilla/websocket" is gorilla: the words of one must all be among those of the other.
    """
    known = variants(product)
    if spelled in known:
        return spelled
    asked = _words(spelled)
    within = [name for name in known if _words(name) <= asked]
    around = [name for name in known if asked <= _words(name)]
    fits = [max(within, key=lambda name: len(_words(name)))] if within else around
    return fits[0] if len(fits) == 1 else None


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", name.lower()))


def setting_meant(product: ProductFacts, spelled: str) -> str:
    """The setting as the facts call it: a path in full or its end alone mean the same; as spelled where that is not sure."""
    names = {name: row.setting for row in product.settings for name in (row.setting, *row.aliases)}
    bare = spelled.rstrip("=")
    if bare in names:
        return bare
    longer = [name for name in names if spelled.endswith(tuple(f"{mark}{name}" for mark in _STEPS))]
    if longer:
        return max(longer, key=len)
    ends = [name for name in names if name.endswith(tuple(f"{mark}{spelled}" for mark in _STEPS))]
    fits = ends or [name for name in names if _plain(name) == _plain(spelled)]
    return fits[0] if len({names[name] for name in fits}) == 1 else _within(tuple(names), spelled)


def _within(names: tuple[str, ...], spelled: str) -> str:
    """The longest name whose steps all stand in a longer path, the last one last: lists and names of one's own are left out."""
    path = _path(spelled)
    fits = [name for name in names if (steps := _path(name)) and steps[-1:] == path[-1:] and _inside(steps, path)]
    most = max((len(_path(name)) for name in fits), default=0)
    longest = [name for name in fits if len(_path(name)) == most]
    return longest[0] if len(longest) == 1 else spelled


def _path(name: str) -> tuple[str, ...]:
    return tuple(step for step in re.split(r"[./ ]|::", name.replace("[]", "").rstrip("=").lower()) if step)


def _inside(steps: tuple[str, ...], path: tuple[str, ...]) -> bool:
    rest = iter(path)
    return all(step in rest for step in steps)


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")
