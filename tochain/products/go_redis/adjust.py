"""What go-redis makes of ReadTimeout for its pool, and of -1 for its retries."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Fact, Facts
from tochain.model.limit import Finite, Never, seconds
from tochain.products.amend import added, amended
from tochain.products.base import Site

__all__ = ["adjust"]

_MORE = "a second more than ReadTimeout"


def adjust(facts: Facts, site: Site) -> Facts:
    """The default of PoolTimeout, and one try where retries are switched off."""
    out = dict(facts)
    if "connect.pool_wait" not in out and out.get("connect.read_stall"):
        out["connect.pool_wait"] = tuple(map(_pool_wait, out["connect.read_stall"]))
    if any(isinstance(fact.limit, Never) for fact in out.get("connect.attempts", ())):
        amended(out, "connect.attempts", lambda _: Finite(1), "MaxRetries -1 switches retries off")
    return out


def _pool_wait(read: Fact) -> Fact:
    own = replace(
        read, timer="connect.pool_wait", setting="PoolTimeout", because=_MORE, limit=added(read.limit, seconds(1))
    )
    if isinstance(read.limit, Never):
        own = replace(own, limit=seconds(30), because="ReadTimeout has no limit")
    return replace(own, origin="inherited", follows="ReadTimeout") if read.origin == "written" else own
