"""Traefik's conditions: named transports inherit nothing, -1 switches reuse off, TCP routers know no HTTP timers."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Fact, Facts, Setting
from tochain.model.limit import OFF, Finite, Never, seconds
from tochain.products.base import Site
from tochain.products.nameless import ADDRESS

__all__ = ["adjust"]

_TCP = ("connect.connect", "connect.tcp_keepalive", "connect.idle_halfclosed")
_GO_POOL = 2
_GO_TLS = "https://pkg.go.dev/crypto/tls#Config"


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with Traefik's own conditions applied."""
    if site.variant == "udp":
        return {timer: found for timer, found in facts.items() if timer.startswith(("flow.", "lifecycle."))}
    out = {timer: found for timer, found in facts.items() if not timer.startswith("flow.")}
    if site.side == "component":
        _idle(out)
    if site.protocol == "tcp" and site.side == "link":
        return _tcp(out)
    out.pop("connect.idle_halfclosed", None)
    _pool(out, site)
    _retries(out, site)
    _sni(out, site)
    return out


def _sni(out: Facts, site: Site) -> None:
    """Go sends the host of the server's URL, and nothing where that is an address."""
    tls = _first(site, "tls")
    if tls is not None and tls.text == ADDRESS and "connect.sni" not in out:
        because = "the server is known by an address, which is no name to send"
        name = "serversTransport.serverName"
        out["connect.sni"] = (Fact("connect.sni", OFF, name, "default", tls.span, _GO_TLS, because),)


def _first(site: Site, name: str) -> Setting | None:
    found = site.settings.get(name)
    return found[0] if found else None


def _idle(out: Facts) -> None:
    """An idle timeout of 0 falls back to the read timeout, as in every Go server."""
    idle, read = out.get("accept.idle_close", ()), out.get("accept.request_read", ())
    if idle and read and isinstance(idle[0].limit, Never) and not isinstance(read[0].limit, Never):
        because = f"{idle[0].setting} is 0 and Go falls back to {read[0].setting}"
        out["accept.idle_close"] = (replace(read[0], timer="accept.idle_close", because=because),)


def _pool(out: Facts, site: Site) -> None:
    written, named = _first(site, "maxIdleConnsPerHost"), _first(site, "serversTransport")
    size = next(iter(out.get("connect.idle_pool_size", ())), None)
    if written is not None and written.text.strip().startswith("-"):
        because = "maxIdleConnsPerHost is negative: connections are not reused"
        for timer in ("connect.idle_pool_size", "connect.idle_keep"):
            out[timer] = (Fact(timer, OFF, written.name, written.origin, written.span, None, because, written.scope),)
    elif size is not None and (size.limit == Finite(0) or (written is None and named is not None)):
        because = "Go's default: " + (
            "0 is written" if written is not None else "a named serversTransport inherits nothing"
        )
        out["connect.idle_pool_size"] = (replace(size, limit=Finite(_GO_POOL), because=because),)


def _retries(out: Facts, site: Site) -> None:
    """Pauses and totals of tries exist only with the retry middleware."""
    if not any(name.startswith("retry.") for name in site.settings):
        out.pop("connect.retry_backoff", None)
        out.pop("connect.retry_total", None)


def _tcp(out: Facts) -> Facts:
    """A TCP router copies bytes: it dials, keeps the socket alive and waits a moment for the other half."""
    out = {timer: found for timer, found in out.items() if timer.startswith(_TCP)}
    keepalive = next(iter(out.get("connect.tcp_keepalive_time", ())), None)
    if keepalive is not None and keepalive.origin in ("default", "fixed"):
        out["connect.tcp_keepalive_time"] = (
            replace(keepalive, limit=seconds(15), setting="dialKeepAlive", origin="default"),
        )
    half = out.get("connect.idle_halfclosed", ())
    if not half:
        out.pop("connect.idle_halfclosed", None)
    return out
