"""The variant of a product that people mean, however they spell it."""

from __future__ import annotations

import re

from tochain.products.facts import ProductFacts

__all__ = ["variant_meant", "variants"]


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
