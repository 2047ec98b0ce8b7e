"""Net::HTTP.get and Faraday with its own adapter: a connection for each request, and Faraday's is not tried again."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import OFF, Finite, Unknown, Word
from tochain.products.amend import amended, defaulted, first
from tochain.products.base import Site

__all__ = ["adjust"]

_ONCE = "a connection is opened for each request"
_OTHER = "another adapter of Faraday's may be in use"
_NO_RETRY = "Faraday's adapter sets max_retries to 0"
_RETRY = "Faraday's retries may be in use"
_TIMERS = ("connect.idle_keep", "connect.attempts", "connect.stale_retry")


def adjust(facts: Facts, site: Site) -> Facts:
    """No idle connections where each request has its own, and one try where Faraday asks for no more."""
    out = dict(facts)
    if first(site, "one connection a request") is not None:
        amended(out, "connect.idle_keep", lambda _: OFF, _ONCE)
    if first(site, "Faraday") is None:
        return out
    if first(site, "other adapter") is not None:
        for timer in _TIMERS:
            amended(out, timer, lambda _: Unknown(_OTHER), _OTHER)
        return out
    amended(out, "connect.idle_keep", lambda _: OFF, _ONCE)
    amended(out, "connect.stale_retry", lambda _: Word("none"), _NO_RETRY)
    if first(site, "Faraday retry") is not None:
        amended(out, "connect.attempts", lambda _: Unknown(_RETRY), _RETRY)
    else:
        defaulted(out, "connect.attempts", Finite(1), _NO_RETRY)
    return out
