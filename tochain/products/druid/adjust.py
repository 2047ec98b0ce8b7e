"""Druid's conditions: when a connection is looked at before it is handed out."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import OFF, Finite
from tochain.products.amend import amended, text_of
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """testOnBorrow looks each time; else testWhileIdle, on by default, looks at those idle for one run of the evictor."""
    out = dict(facts)
    if _says(site, "testOnBorrow", "test-on-borrow") == "true":
        amended(out, "connect.validate_after_idle", lambda _: Finite(0), "testOnBorrow is on")
    elif _says(site, "testWhileIdle", "test-while-idle") == "false":
        amended(out, "connect.validate_after_idle", lambda _: OFF, "testWhileIdle is off")
    return out


def _says(site: Site, *names: str) -> str:
    return text_of(site, *names).lower()
