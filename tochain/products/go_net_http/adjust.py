"""Go's conditions: a Transport written out has none of DefaultTransport's limits, and 0 falls back to ReadTimeout."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import NEVER, Unknown, seconds
from tochain.products.amend import defaulted, first
from tochain.products.base import Site

__all__ = ["adjust"]

LITERAL = "a Transport written out starts from zero, not from DefaultTransport"


def adjust(facts: Facts, site: Site) -> Facts:
    """The limits of a bare Transport, and of a server whose IdleTimeout is 0."""
    out = dict(facts)
    if first(site, "http.Transport literal") is not None:
        for timer in ("connect.idle_keep", "connect.tls_handshake", "connect.connect"):
            defaulted(out, timer, NEVER, LITERAL)
        for timer in ("connect.tcp_keepalive_time", "connect.tcp_keepalive_interval"):
            defaulted(out, timer, seconds(15), LITERAL)
    for timer in ("accept.idle_close", "accept.header_read"):
        if any(
            isinstance(fact.limit, Unknown) and fact.limit.reason.startswith("0 means") for fact in out.get(timer, ())
        ):
            out[timer] = out.get("accept.request_read", out[timer])
    return out
