"""Istio's conditions: one idle time for both kinds of pool, what TCP routes lack, and which drain counts."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Fact, Facts
from tochain.model.issue import Issue
from tochain.model.limit import OFF, Finite, parse_duration
from tochain.products.amend import amended, first, followed, text_of
from tochain.products.base import Site
from tochain.products.pertry import ignored_per_try, without_ignored

__all__ = ["adjust", "issues"]

_TCP_IDLE, _HTTP_IDLE = "connectionPool.tcp.idleTimeout", "connectionPool.http.idleTimeout"
_LAST, _DRAIN = "EXIT_ON_ZERO_ACTIVE_CONNECTIONS", "terminationDrainDuration"
_PER_TRY, _PER_TRY_ALONE = ("http.retries.perTryTimeout", "retries.perTryTimeout"), (1, 6)  # 1.6 brought Envoy 1.14
_AUTO_SNI = (1, 21)
_AUTO_SNI_SOURCE = "https://istio.io/latest/news/releases/1.21.x/announcing-1.21/upgrade-notes"
_HOUR = Finite(3_600_000_000)
_PROXY = "https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig"
_SOURCE = "istio/api networking/v1alpha3/destination_rule.proto"
_OF_TCP = frozenset({"connect.connect", "connect.stream_idle", "connect.max_age", "connect.sni"})


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with Istio's own conditions applied."""
    facts = dict(facts)
    _sni(facts, site)
    if site.side == "link" and site.protocol == "tcp":
        return _tcp(facts, site)
    stream = facts.pop("connect.stream_idle", ())
    if stream and not site.settings.get(_HTTP_IDLE) and "connect.idle_keep" in facts:
        because = "http.idleTimeout is not set and follows tcp.idleTimeout"
        facts["connect.idle_keep"] = tuple(replace(fact, timer="connect.idle_keep", because=because) for fact in stream)
    if text_of(site, "connectionPool.http.maxRequestsPerConnection", "http.maxRequestsPerConnection") == "1":
        amended(facts, "connect.idle_keep", lambda limit: OFF, "maxRequestsPerConnection 1 switches keep-alive off")
    if not text_of(site, *_PER_TRY):
        _whole_request(facts, site)
    without_ignored(facts, site.versions, _PER_TRY_ALONE)
    last = text_of(site, _LAST) == "true"
    if last:
        facts.pop("lifecycle.sidecar_drain", None)  # it stays while a connection is open
    if last and "lifecycle.min_drain" in facts:
        because = f"{_LAST}: leaves with the last connection after MINIMUM_DRAIN_DURATION"
        for timer in ("accept.drain", "lifecycle.drain"):
            facts[timer] = tuple(replace(f, timer=timer, because=because) for f in facts["lifecycle.min_drain"])
    else:
        facts.pop("lifecycle.min_drain", None)
    return facts


def _sni(facts: Facts, site: Site) -> None:
    """Only TLS that a DestinationRule starts has a name of its own to send; before 1.21 none but the one it writes."""
    mode = first(site, "tls.mode")
    if "tls.sni" in site.settings:
        return
    if mode is None or mode.text not in ("SIMPLE", "MUTUAL"):
        facts.pop("connect.sni", None)
    elif site.side == "link" and site.versions.surely_since(_AUTO_SNI) is False:
        because = "a DestinationRule that starts TLS without sni, before version 1.21"
        facts["connect.sni"] = (
            Fact("connect.sni", OFF, "tls.sni", "default", mode.span, _AUTO_SNI_SOURCE, because, mode.scope),
        )


def issues(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """A limit of one try that old versions ignore, and a drain that another switch sets aside."""
    one = first(site, *_PER_TRY)
    limit = _time(one.text) if one is not None else None
    alone = ignored_per_try(facts, one, limit, site.versions, _PER_TRY_ALONE) if limit is not None else []
    return (*alone, *_drain_set_aside(facts, site))


def _drain_set_aside(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """A drain that another switch sets aside, where what counts instead is shorter."""
    written, switch = first(site, _DRAIN), first(site, _LAST)
    counts = facts.get("lifecycle.drain", ())
    if written is None or switch is None or text_of(site, _LAST) != "true" or site.side == "link" or not counts:
        return ()
    wanted, real = _time(written.text), counts[0].limit
    if wanted is None or not isinstance(real, Finite) or wanted.amount <= real.amount:
        return ()
    text = (
        f"{_DRAIN} {written.text} does not count with {_LAST}: the proxy may leave after {counts[0].setting} "
        f"{counts[0].value}"
    )
    where = ((switch.span, f"{_LAST} is on"),)
    return (
        Issue(
            "drain-without-effect", _DRAIN, written.text, written.span, text, "lifecycle.drain", where,
            source=_PROXY, called=((_LAST, switch.text),),
        ),
    )  # fmt: skip


def _time(text: str) -> Finite | None:
    """A written time; None for what is none, of which the facts speak."""
    try:
        limit = parse_duration(text)
    except ValueError:
        return None
    return limit if isinstance(limit, Finite) else None


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
