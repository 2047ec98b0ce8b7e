"""httpd's conditions: keep-alive off, workers that keep no connections, tunnels, TLS names, the prefork model."""

from __future__ import annotations

import re
from dataclasses import replace

from tochain.model.fact import Fact, Facts, Setting
from tochain.model.limit import OFF, Finite, Limit, Never, Word
from tochain.products.base import Site
from tochain.products.facts import load

__all__ = ["adjust"]

_TLS = frozenset({"https", "wss", "h2"})
_ADDRESS = re.compile(r"[\d.]+|[0-9a-fA-F:]*:[0-9a-fA-F:]*")
_REUSED_LATER = frozenset({"fcgi", "scgi", "uwsgi"})


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with httpd's own conditions applied, for a component or one of its links."""
    out = dict(facts)
    _keep_alive(out, site)
    _reuse(out, site)
    _tunnel(out, site)
    _socket(out, site)
    _names(out, site)
    _ping(out, site)
    if _first(site, "hcmethod") is None:
        out.pop("lifecycle.health_interval", None)
    if "prefork" in site.traits and "connect.idle_pool_size" in out:
        because = "the prefork MPM has one thread in each process"
        out["connect.idle_pool_size"] = tuple(
            replace(f, limit=Finite(1), because=because) for f in out["connect.idle_pool_size"]
        )
    return out


def _keep_alive(out: Facts, site: Site) -> None:
    switch = _first(site, "KeepAlive")
    if switch is None or switch.text.lower() != "off" or site.side == "link":
        return
    for timer in ("accept.idle_close", "accept.idle_hint"):
        out[timer] = (_from(timer, OFF, switch, "KeepAlive Off: every response closes the connection"),)


def _reuse(out: Facts, site: Site) -> None:
    """Workers that keep no connection: switched off, FastCGI unless switched on, targets no ProxyPass names."""
    switch, scheme = _first(site, "enablereuse"), _first(site, "scheme")
    plain, none = _first(site, "default worker"), _first(site, "proxy-nokeepalive")
    reason = ""
    setting = switch
    if switch is not None and switch.text.lower() == "off":
        reason = "the worker does not reuse connections"
    elif none is not None:
        setting, reason = none, "proxy-nokeepalive: connections are not kept"
    elif plain is not None:
        setting, reason = plain, "a target that no ProxyPass or <Proxy> names: connections are not kept"
    elif switch is None and scheme is not None and scheme.text in _REUSED_LATER:
        setting, reason = scheme, f"{scheme.text} workers keep connections only with enablereuse=on"
    if not reason or setting is None:
        return
    name = setting.name if setting is none else "enablereuse"
    for timer in ("connect.idle_keep", "connect.reuse_mode"):
        origin = "default" if setting in (plain, scheme) else setting.origin
        out[timer] = (replace(_from(timer, OFF, setting, reason), setting=name, origin=origin),)


def _tunnel(out: Facts, site: Site) -> None:
    """An upgraded connection ends by the larger of the backend's socket timeout and Timeout."""
    waits = out.get("connect.read_stall", ())
    client = _own_timeout(out, site)
    longest = max((fact for fact in (*waits, *client)), key=lambda fact: _size(fact.limit), default=None)
    if longest is None:
        return
    because = "the larger of the backend's timeout and Timeout"
    for side in ("accept", "connect"):
        if side == "connect" or site.side == "component":
            out[f"{side}.stream_idle"] = (replace(longest, timer=f"{side}.stream_idle", because=because),)


def _own_timeout(out: Facts, site: Site) -> tuple[Fact, ...]:
    setting = _first(site, "Timeout")
    if setting is None or site.side == "component":
        return tuple(fact for fact in out.get("accept.send_stall", ()) if fact.setting == "Timeout")
    limit = setting.limit or (Finite(int(setting.text) * 1_000_000) if re.fullmatch(r"\d{1,9}", setting.text) else None)
    return (_from("accept.send_stall", limit, setting),) if limit is not None else ()


def _size(limit: Limit) -> int:
    match limit:
        case Finite(amount):
            return amount
        case Never():
            return 10**30
        case _:
            return -1


def _socket(out: Facts, site: Site) -> None:
    """keepalive=On is TCP keepalive with the kernel's timings."""
    timer = "connect.tcp_keepalive_time"
    switch = _first(site, "keepalive")
    if switch is not None and switch.text.lower() == "on":
        because = "keepalive=On switches TCP keepalive on with the kernel's timings"
        for part in ("time", "interval", "probes"):
            out[f"connect.tcp_keepalive_{part}"] = (
                _from(f"connect.tcp_keepalive_{part}", Word("kernel"), switch, because),
            )
    elif switch is not None:
        out[timer] = (_from(timer, OFF, switch),)


def _names(out: Facts, site: Site) -> None:
    """A name is said to TLS backends, except to bare addresses."""
    scheme = _first(site, "scheme")
    if scheme is None:
        return
    if scheme.text not in _TLS:
        out.pop("connect.sni", None)
    host = _first(site, "host")
    if "connect.sni" in out and host is not None and _ADDRESS.fullmatch(host.text):
        because = "no name is said to a bare address"
        out["connect.sni"] = tuple(replace(fact, limit=OFF, because=because) for fact in out["connect.sni"])


def _ping(out: Facts, site: Site) -> None:
    """ping= asks an AJP backend before each reuse, whatever the idle time; over HTTP it does not."""
    timer, ping = "connect.validate_after_idle", _first(site, "ping")
    if ping is None:
        return
    out.pop(timer, None)
    if site.protocol == "ajp":
        out[timer] = (_from(timer, Finite(0), ping, "ping asks before each use of a kept connection"),)


def _first(site: Site, name: str) -> Setting | None:
    found = site.settings.get(name)
    return found[0] if found else None


def _from(timer: str, limit: Limit, setting: Setting, because: str = "") -> Fact:
    known = load("apache-httpd")
    source = next((row.source for row in known.find(setting.name)), None) if known else None
    return Fact(timer, limit, setting.name, setting.origin, setting.span, source, because, setting.scope)
