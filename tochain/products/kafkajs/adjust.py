"""KafkaJS' conditions: sessions and long polls are those of consumers."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.products.amend import first
from tochain.products.base import Site

__all__ = ["adjust"]

_OF_CONSUMERS = ("session.session_timeout", "session.heartbeat", "connect.long_poll")


def adjust(facts: Facts, site: Site) -> Facts:
    """No session where code is read and nothing consumes."""
    if not site.settings or first(site, "consumer", "sessionTimeout", "heartbeatInterval") is not None:
        return facts
    return {timer: found for timer, found in facts.items() if timer not in _OF_CONSUMERS}
