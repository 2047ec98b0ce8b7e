"""HikariCP's conditions: values it does not accept become its defaults, a pool of fixed size retires no idle connections."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import NEVER, OFF, Finite, Limit
from tochain.products.amend import amended, first, text_of
from tochain.products.base import Site

__all__ = ["adjust"]

_LEAST = ("minimumIdle", "minimum-idle", "spring.datasource.hikari.minimum-idle")
_MOST = ("maximumPoolSize", "maximum-pool-size", "spring.datasource.hikari.maximum-pool-size")
_SECOND = 1_000_000
_REPLACED: dict[str, tuple[int, Limit, str]] = {
    # HikariConfig.validateNumerics: what is below the least value, and what Hikari takes instead.
    "connect.max_age": (30 * _SECOND, Finite(1800 * _SECOND), "a maxLifetime below 30 s becomes 30 min"),
    "connect.pool_wait": (_SECOND // 4, Finite(30 * _SECOND), "a connectionTimeout below 250 ms becomes 30 s"),
    "connect.ping_interval": (30 * _SECOND, OFF, "a keepaliveTime below 30 s is switched off"),
}


def adjust(facts: Facts, site: Site) -> Facts:
    """What is too small is replaced; idleTimeout counts only where minimumIdle is below maximumPoolSize, unset it is the same."""
    out = dict(facts)
    for timer, (least, instead, why) in _REPLACED.items():
        if any(isinstance(fact.limit, Finite) and 0 < fact.limit.amount < least for fact in out.get(timer, ())):
            amended(out, timer, lambda _, instead=instead: instead, why)  # type: ignore[misc]
    fewest = first(site, *_LEAST)
    most = text_of(site, *_MOST) or "10"
    because = ""
    if fewest is None:
        because = "minimumIdle is not set, so the pool has a fixed size and idleTimeout does nothing"
    elif fewest.text.strip().isdecimal() and most.isdecimal() and int(fewest.text) >= int(most):
        because = "minimumIdle is not below maximumPoolSize, so idleTimeout does nothing"
    if because:
        amended(out, "connect.idle_keep", lambda _: NEVER, because)
    return out
