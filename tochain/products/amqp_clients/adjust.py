"""What amqp091-go had for a Config without Heartbeat before 1.10: nothing of its own."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import Unknown
from tochain.products.amend import amended, first
from tochain.products.base import Site

__all__ = ["adjust"]

_TEN_SECONDS = (1, 10)
_LEFT = "before amqp091-go 1.10 a Config without Heartbeat leaves it to the server"


def adjust(facts: Facts, site: Site) -> Facts:
    """Leaves the heartbeat to the server where the version does."""
    out = dict(facts)
    if site.variant != "amqp091-go" or first(site, "Config") is None or first(site, "Config.Heartbeat", "heartbeat"):
        return out
    match site.versions.surely_since(_TEN_SECONDS):
        case False:
            out.pop("session.heartbeat", None)
        case None:
            amended(out, "session.heartbeat", lambda _: Unknown(_LEFT), _LEFT)
        case True:
            pass
    return out
