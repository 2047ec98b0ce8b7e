"""What Celery's timers are over each broker: messages that are hidden, and heartbeats that only AMQP has."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.products.base import Site

__all__ = ["adjust"]

_LOCK = "session.message_lock"
_HIDING = ("redis",)


def adjust(facts: Facts, site: Site) -> Facts:
    """Without `acks_late` a message is gone before its task runs; without a hiding broker nothing is hidden.

    `broker_heartbeat` does nothing over Redis.
    """
    if site.protocol in _HIDING:
        facts = {timer: found for timer, found in facts.items() if timer != "session.heartbeat"}
    found = facts.get(_LOCK, ())
    if not found:
        return facts
    late = site.settings.get("task_acks_late", ())
    written = found[0].origin != "default"
    if late and late[-1].text.lower() in ("true", "on", "1") and (written or site.protocol in _HIDING):
        return facts
    return {timer: facts[timer] for timer in facts if timer != _LOCK}
