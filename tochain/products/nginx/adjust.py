"""Conditions that data cannot say, for a virtual server: sockets, locations that differ, what an image brings along."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tochain.model.fact import HTTP2, Fact, Facts, Settings
from tochain.model.limit import OFF, Finite, Limit, Unknown, Word, seconds
from tochain.products.base import Site
from tochain.products.nginx.complaints import issues
from tochain.products.nginx.links import SOCKET_TIMERS, at_link, connect_keepalive
from tochain.products.nginx.listen import keepalive_parts
from tochain.products.nginx.views import again
from tochain.products.values import read_value

__all__ = ["adjust", "issues"]

_HTTP2_MERGED: Final = (1, 19, 7)
_IMAGE: Final = "https://github.com/nginx/docker-nginx, /etc/nginx/nginx.conf of the image"


def adjust(facts: Facts, site: Site) -> Facts:
    """The timers of a virtual server, or of one of its targets, with everything that decides them together."""
    if site.side == "link":
        return at_link(facts, site)
    return _component(facts, site)


def _component(facts: Facts, site: Site) -> Facts:
    if site.variant == "stream":
        facts = again(site, "proxy")
    facts = _accept_keepalive(dict(facts))
    if "files" in site.traits:
        # Whom it connects to is said by each link; what stands at the server itself is for nobody.
        facts = {timer: found for timer, found in facts.items() if not timer.startswith("connect.")}
        _without_tls(facts, site)
        if site.variant != "stream":
            _where_locations_say_nothing(facts, site)
    elif site.variant != "stream":
        connect_keepalive(facts)
    if "official-image" in site.traits:
        _image_default(facts)
    _http2_before(facts, site)
    return facts


def _without_tls(facts: Facts, site: Site) -> None:
    """Drops what only TLS, or a look at the first bytes, would time."""
    if not site.traits & {"tls", "quic"}:
        facts.pop("accept.tls_handshake", None)
    looks = "proxy_protocol" in site.traits or any(s.text == "on" for s in site.settings.get("ssl_preread", ()))
    if site.variant == "stream" and not looks:
        facts.pop("accept.header_read", None)


def _accept_keepalive(facts: Facts) -> Facts:
    """`on`, `off` and idle:interval:count as the three timers they are."""
    found = facts.get("accept.tcp_keepalive_time", ())
    if all(fact.limit == OFF for fact in found):
        facts.pop("accept.tcp_keepalive_interval", None)
        facts.pop("accept.tcp_keepalive_probes", None)
        return facts
    limits = [_keepalive_limits(fact.limit) for fact in found]
    for at, name in enumerate(SOCKET_TIMERS):
        timer = f"accept.{name}"
        told = tuple(
            replace(f, timer=timer, limit=three[at])
            for f, three in zip(found, limits, strict=True)
            if at == 0 or three[0] != OFF
        )
        facts.pop(timer, None)
        if told:
            facts[timer] = told
    return facts


def _keepalive_limits(limit: Limit) -> tuple[Limit, Limit, Limit]:
    if not isinstance(limit, Word):
        return limit, limit, limit
    kernel = Word("kernel")
    if limit.text in ("on", "kernel"):
        return kernel, kernel, kernel
    try:
        idle, interval, count = keepalive_parts(limit.text)
    except ValueError as error:
        unknown = Unknown(str(error))
        return unknown, unknown, unknown
    times: list[Limit] = [kernel if t is None else Finite(t * 1000) for t in (idle, interval)]
    return times[0], times[1], kernel if count is None else Finite(count)


def _where_locations_say_nothing(facts: Facts, site: Site) -> None:
    """Adds the server's own value, or the default, where only some of its locations set one."""
    for timer in [name for name in facts if "no-proxy" in site.traits and name == "accept.stream_idle"]:
        del facts[timer]
    partial = [t for t, found in facts.items() if t.startswith("accept.") and _only_locations(found, site.settings)]
    wanted = [t for t in partial if t != "accept.stream_idle" or "read-timeout-default" in site.traits]
    if not wanted:
        return
    outer = {
        n: kept
        for n, found in site.settings.items()
        if (kept := tuple(s for s in found if not s.scope.startswith("location")))
    }
    known = again(replace(site, settings=outer), "proxy")
    for timer in wanted:
        facts[timer] = (*known.get(timer, ()), *facts[timer])


def _only_locations(found: tuple[Fact, ...], settings: Settings) -> bool:
    for fact in found:  # most timers are defaults, and so are told at once
        if fact.origin == "default":
            return False
    names = {fact.setting for fact in found}
    if names == {"proxy_read_timeout"}:
        return True
    return all(fact.scope.startswith("location") for fact in found)


def _image_default(facts: Facts) -> None:
    found = facts.get("accept.idle_close", ())
    because = "the image's own nginx.conf sets keepalive_timeout 65"
    facts["accept.idle_close"] = tuple(
        replace(f, limit=seconds(65), source=_IMAGE, because=because) if f.origin == "default" else f for f in found
    )


def _http2_before(facts: Facts, site: Site) -> None:
    """HTTP/2 had an idle time of its own before 1.19.7."""
    if "http2" not in site.traits or site.versions.surely_since(_HTTP2_MERGED) is not False or site.anchor is None:
        return
    because = "HTTP/2 connections have their own idle time before nginx 1.19.7"
    written = site.settings.get("http2_idle_timeout")
    source = "https://nginx.org/en/docs/http/ngx_http_v2_module.html#http2_idle_timeout"
    fact = Fact("accept.idle_close", seconds(180), "http2_idle_timeout", "default", site.anchor, source, because, HTTP2)
    for setting in written or ():
        limit = setting.limit or read_value(setting.text, "s")
        fact = Fact(
            "accept.idle_close", limit, "http2_idle_timeout", setting.origin, setting.span, None, because, HTTP2
        )
    facts["accept.idle_close"] = (*facts.get("accept.idle_close", ()), fact)
