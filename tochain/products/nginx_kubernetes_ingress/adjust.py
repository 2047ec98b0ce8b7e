"""NGINX Ingress Controller of F5: connections wait for reuse only where there is a pool."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import OFF, Finite, Off, OneOf
from tochain.products.amend import amended
from tochain.products.base import Site
from tochain.products.kubenginx import of_stream

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """No connection is kept where the pool is off; where its default differs by version, both are possible."""
    if site.variant == "stream":
        return of_stream(facts)
    pool = facts.get("connect.idle_pool_size", ())
    limit = pool[0].limit if pool else None
    if isinstance(limit, Off):
        amended(facts, "connect.idle_keep", lambda kept: OFF, "no keepalive is written to the upstream")
    elif isinstance(limit, OneOf) and any(isinstance(choice, Off) for choice in limit.choices):
        amended(
            facts,
            "connect.idle_keep",
            lambda kept: OneOf((OFF, kept)) if isinstance(kept, Finite) else kept,
            "without keepalive there is a pool since 5.5.0 only",
        )
    return facts
