"""NetScaler's conditions: pools are those of HTTP services, names are said to TLS services only."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.products.base import Site

__all__ = ["adjust"]

_HTTP_ONLY = ("connect.idle_keep", "connect.idle_pool_size", "connect.response_header", "accept.request_total")


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts of a virtual server, or of a declared NetScaler nobody looked into."""
    out = dict(facts)
    if not site.traits:
        return out
    if "http" not in site.traits:
        for timer in _HTTP_ONLY:
            out.pop(timer, None)
    if "tls" not in site.settings:
        out.pop("connect.sni", None)
    return out
