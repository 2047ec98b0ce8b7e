"""Istio's conditions: one idle time for both kinds of pool, what TCP routes lack, and which drain counts."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Fact, Facts
from tochain.model.limit import OFF, Finite
from tochain.products.amend import amended, followed, text_of
from tochain.products.base import Site

__all__ = ["adjust"]

_TCP_IDLE, _HTTP_IDLE = "connectionPool.tcp.idleTimeout", "connectionPool.http.idleTimeout"
_HOUR = Finite(3_600_000_000)
_SOURCE = "istio/api networking/v1alpha3/destination_rule.proto"
_OF_TCP = frozenset({"connect.connect", "connect.stream_idle", "connect.max_age", "connect.sni"})


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with Istio's own conditions applied."""
    facts = dict(facts)
    if site.side == "link" and site.protocol == "tcp":
        return _tcp(facts, site)
    stream = facts.pop("connect.stream_idle", ())
    if stream and not site.settings.get(_HTTP_IDLE) and "connect.idle_keep" in facts:
        because = "http.idleTimeout is not set and follows tcp.idleTimeout"
        facts["connect.idle_keep"] = tuple(replace(fact, timer="connect.idle_keep", because=because) for fact in stream)
    if text_of(site, "connectionPool.http.maxRequestsPerConnection", "http.maxRequestsPerConnection") == "1":
        amended(facts, "connect.idle_keep", lambda limit: OFF, "maxRequestsPerConnection 1 switches keep-alive off")
    if not text_of(site, "http.retries.perTryTimeout", "retries.perTryTimeout"):
        _whole_request(facts, site)
    if text_of(site, "EXIT_ON_ZERO_ACTIVE_CONNECTIONS") == "true" and "lifecycle.min_drain" in facts:
        because = "EXIT_ON_ZERO_ACTIVE_CONNECTIONS: leaves with the last connection after MINIMUM_DRAIN_DURATION"
        for timer in ("accept.drain", "lifecycle.drain"):
            facts[timer] = tuple(replace(f, timer=timer, because=because) for f in facts["lifecycle.min_drain"])
    else:
        facts.pop("lifecycle.min_drain", None)
    return facts


def _whole_request(facts: Facts, site: Site) -> None:
    """One try may take as long as the request, which matters to those who ask for more tries than by default."""
    if text_of(site, "http.retries.attempts", "retries.attempts"):
        followed(facts, "connect.attempt_total", "connect.request_total")
    else:
        facts.pop("connect.attempt_total", None)


def _tcp(facts: Facts, site: Site) -> Facts:
    """A TCP route has no requests, so no retries and no pool; its connections end after an hour of silence."""
    kept = {
        timer: found
        for timer, found in facts.items()
        if timer in _OF_TCP or timer.startswith(("connect.tcp_keepalive", "lifecycle."))
    }
    if "connect.stream_idle" not in kept and site.anchor is not None:
        kept["connect.stream_idle"] = (Fact("connect.stream_idle", _HOUR, _TCP_IDLE, "default", site.anchor, _SOURCE),)
    return kept
