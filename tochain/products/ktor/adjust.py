"""Ktor's HttpTimeout: where the plugin is installed, the engine's own limit for a request does not count."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import Unknown
from tochain.products.amend import amended, first
from tochain.products.base import Site

__all__ = ["adjust"]

_PLUGIN = "the HttpTimeout plugin is installed, and where it is requestTimeout does not count"


def adjust(facts: Facts, site: Site) -> Facts:
    """The engine's requestTimeout only where no plugin takes its place."""
    out = dict(facts)
    if first(site, "HttpTimeout") is not None and first(site, "requestTimeoutMillis") is None:
        amended(out, "connect.request_total", lambda _: Unknown(_PLUGIN), _PLUGIN)
    return out
