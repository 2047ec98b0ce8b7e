"""mysql2's conditions: idleTimeout works where maxIdle is below connectionLimit, and enableKeepAlive may be off."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import NEVER, OFF
from tochain.products.amend import amended, text_of
from tochain.products.base import Site

__all__ = ["adjust"]

_NO_IDLE = "idleTimeout works only where maxIdle is below connectionLimit"


def adjust(facts: Facts, site: Site) -> Facts:
    """No idle limit unless fewer connections may be idle than there are, and no probes where they are switched off."""
    out = dict(facts)
    idle, most = text_of(site, "maxIdle"), text_of(site, "connectionLimit") or "10"
    if not idle or (idle.isdecimal() and most.isdecimal() and int(idle) >= int(most)):
        amended(out, "connect.idle_keep", lambda _: NEVER, _NO_IDLE)
    if text_of(site, "enableKeepAlive").lower() in ("false", "off"):
        amended(out, "connect.tcp_keepalive_time", lambda _: OFF, "enableKeepAlive is false")
    return out
