"""Caddy's conditions: keep-alive options that undo one another before 2.11, retries, health checks, FastCGI."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Fact, Facts, Setting
from tochain.model.limit import NEVER, OFF, Finite, OneOf, Word, seconds
from tochain.products.base import Site
from tochain.products.nameless import ADDRESS

__all__ = ["adjust"]

_POOL = ("keepalive_interval", "keepalive_idle_conns", "keepalive_idle_conns_per_host", "keepalive")
_BEFORE = (2, 11)
_HTTP_ONLY = (
    "connect.idle_keep", "connect.idle_pool_size", "connect.tls_handshake", "connect.response_header", "connect.sni",
    "connect.stale_retry", "connect.honours_hint", "connect.tcp_keepalive_interval", "connect.tcp_keepalive_time",
)  # fmt: skip


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with Caddy's own conditions applied."""
    out = dict(facts)
    _retries(out, site)
    if site.protocol == "fastcgi":
        return _fastcgi(out, site)
    _pool(out, site)
    _sni(out, site)
    if site.side == "component":
        _health(out, site)
    return out


def _first(site: Site, name: str) -> Setting | None:
    found = site.settings.get(name)
    return found[0] if found else None


def _pool(out: Facts, site: Site) -> None:
    """Before 2.11 one keep-alive option took the defaults of the others away."""
    other = next((setting for name in _POOL if (setting := _first(site, name)) is not None), None)
    if other is None or site.versions.surely_since(_BEFORE):
        return
    because = f"{other.name} is set, and before 2.11 that takes the default of the others away"
    known = site.versions.surely_since(_BEFORE) is False
    for timer, new, old in (
        ("connect.idle_keep", seconds(120), NEVER),
        ("connect.idle_pool_size", Finite(32), Finite(2)),
    ):
        fact = next(iter(out.get(timer, ())), None)
        if fact is not None and fact.origin == "default":
            out[timer] = (replace(fact, limit=old if known else OneOf((new, old)), because=because),)


def _retries(out: Facts, site: Site) -> None:
    """A time for tries alone means any number of them; the pause counts only with that time."""
    tries, duration = _first(site, "lb_retries"), _first(site, "lb_try_duration")
    total = next(iter(out.get("connect.retry_total", ())), None)
    if tries is None and duration is not None and total is not None and total.limit != OFF:
        because = "lb_try_duration without lb_retries: any number of tries"
        out["connect.attempts"] = (
            Fact("connect.attempts", NEVER, "lb_try_duration", duration.origin, duration.span, None, because),
        )
    if duration is None and _first(site, "lb_try_interval") is None and "connect.retry_backoff" in out:
        fact = out["connect.retry_backoff"][0]
        out["connect.retry_backoff"] = (replace(fact, limit=Finite(0), because="no lb_try_duration"),)


def _fastcgi(out: Facts, site: Site) -> Facts:
    """FastCGI: one connection for each request, nothing is pooled."""
    for timer in _HTTP_ONLY[1:]:
        out.pop(timer, None)
    dial = next(iter(out.get("connect.connect", ())), None)
    if dial is not None and dial.origin == "default":
        out["connect.connect"] = (replace(dial, limit=seconds(3), setting="fastcgi dial_timeout", because=""),)
    fact = next(iter(out.get("connect.idle_keep", ())), None)
    if fact is not None:
        because = "FastCGI opens a connection for each request"
        out["connect.idle_keep"] = (
            replace(fact, limit=OFF, setting="transport fastcgi", origin="fixed", because=because),
        )
    return out


def _sni(out: Facts, site: Site) -> None:
    """The upstream's own name is sent unless another one is written."""
    tls = _first(site, "tls")
    if tls is not None and "connect.sni" not in out:
        nameless = tls.text == ADDRESS
        because = (
            "the upstream is an address, which is no name to send"
            if nameless
            else "the host part of the upstream address"
        )
        limit = OFF if nameless else Word("on")
        out["connect.sni"] = (Fact("connect.sni", limit, "tls_server_name", "default", tls.span, None, because),)


def _health(out: Facts, site: Site) -> None:
    """Active checks run only with something to ask for, passive ones only with a time to remember failures."""
    if not any(_first(site, name) for name in ("health_uri", "health_port")):
        passive = _first(site, "fail_duration") is not None
        for timer in ("lifecycle.health_interval", "lifecycle.health_timeout", "lifecycle.health_ok_count"):
            out.pop(timer, None)
        fails = tuple(
            fact for fact in out.get("lifecycle.health_fail_count", ()) if passive and fact.setting == "max_fails"
        )
        out.pop("lifecycle.health_fail_count", None)
        if fails:
            out["lifecycle.health_fail_count"] = fails
