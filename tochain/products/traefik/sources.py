"""Traefik's options from the environment and the labels of a workload."""

from __future__ import annotations

from tochain.model.component import Word
from tochain.model.fact import Settings
from tochain.products.options import Flat, Item, dotted

__all__ = ["from_environment", "from_labels"]


def from_environment(env: dict[str, Word]) -> Flat:
    """The TRAEFIK_ variables of an environment."""
    found = {}
    for name, word in env.items():
        if name.upper().startswith("TRAEFIK_"):
            found[tuple(name.lower().split("_")[1:])] = Item(word.text, word.span)
    return Flat(found)


def from_labels(settings: Settings) -> Flat:
    """The traefik labels of a workload."""
    items = {}
    for name, found in settings.items():
        if name.lower().startswith("label:traefik."):
            items[dotted(name[len("label:traefik.") :])] = Item(found[0].text, found[0].span)
    return Flat(items)
