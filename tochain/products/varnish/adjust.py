"""Varnish's conditions: probes only where a backend has one."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts without the health checks nobody asked for."""
    if "probe" in site.settings:
        return facts
    return {timer: found for timer, found in facts.items() if not timer.startswith("lifecycle.health_")}
