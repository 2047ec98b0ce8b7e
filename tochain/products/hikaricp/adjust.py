"""HikariCP's condition: a pool of fixed size retires no idle connections."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import NEVER
from tochain.products.amend import amended, first, text_of
from tochain.products.base import Site

__all__ = ["adjust"]

_LEAST = ("minimumIdle", "minimum-idle", "spring.datasource.hikari.minimum-idle")
_MOST = ("maximumPoolSize", "maximum-pool-size", "spring.datasource.hikari.maximum-pool-size")


def adjust(facts: Facts, site: Site) -> Facts:
    """idleTimeout counts only where minimumIdle is below maximumPoolSize; unset it is the same."""
    least = first(site, *_LEAST)
    most = text_of(site, *_MOST) or "10"
    out = dict(facts)
    because = ""
    if least is None:
        because = "minimumIdle is not set, so the pool has a fixed size and idleTimeout does nothing"
    elif least.text.strip().isdigit() and most.isdigit() and int(least.text) >= int(most):
        because = "minimumIdle is not below maximumPoolSize, so idleTimeout does nothing"
    if because:
        amended(out, "connect.idle_keep", lambda _: NEVER, because)
    return out
