"""The Tomcat pool's condition: the cleaner leaves minIdle connections however long they are idle."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import NEVER
from tochain.products.amend import amended, text_of
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """minEvictableIdleTimeMillis ends only what is above minIdle, which is ten unless somebody says otherwise."""
    out = dict(facts)
    least = text_of(site, "minIdle") or text_of(site, "initialSize") or "10"
    if least != "0":
        why = f"the {least} connections of minIdle are never closed for being idle"
        amended(out, "connect.idle_keep", lambda _: NEVER, why)
    return out
