"""OkHttp's condition: what retryOnConnectionFailure means for a stale pooled connection."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import OFF, Limit, Word
from tochain.products.amend import amended
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """Which requests are repeated: every one, or none after retryOnConnectionFailure(false)."""
    out = dict(facts)
    written = [fact for fact in out.get("connect.stale_retry", ()) if fact.origin != "default"]
    if written:
        amended(out, "connect.stale_retry", _requests, "retryOnConnectionFailure")
    return out


def _requests(limit: Limit) -> Limit:
    if limit == OFF:
        return Word("none")
    return Word("blind") if limit == Word("on") else limit
