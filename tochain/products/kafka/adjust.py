"""Kafka's condition: what only producers or only consumers have."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.products.base import Site

__all__ = ["adjust"]

_ONLY = {
    "delivery.timeout.ms": {"producer"},
    "linger.ms": {"producer"},
    "max.block.ms": {"producer"},
    "default.api.timeout.ms": {"consumer", "admin"},
    "session.timeout.ms": {"consumer"},
    "heartbeat.interval.ms": {"consumer"},
    "max.poll.interval.ms": {"consumer"},
    "fetch.max.wait.ms": {"consumer"},
}
"""Settings that some clients alone have."""


def adjust(facts: Facts, site: Site) -> Facts:
    """Takes away what the clients there are do not have; where nobody said which they are, all stays."""
    roles = {setting.text for setting in site.settings.get("client role", ())}
    if not roles:
        return facts
    out = {}
    for timer, found in facts.items():
        kept = tuple(f for f in found if roles & _ONLY.get(f.setting, roles))
        if kept:
            out[timer] = kept
    return out
