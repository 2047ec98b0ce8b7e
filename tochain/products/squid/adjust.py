"""Squid's conditions: peers have a connect timer of their own, kept connections can be switched off."""

from __future__ import annotations

import re
from dataclasses import replace

from tochain.model.fact import Fact, Facts, Setting
from tochain.model.issue import Issue
from tochain.model.limit import OFF, Limit, Unknown, Word
from tochain.products.base import Site
from tochain.products.facts import Known, load
from tochain.products.values import fact_value, read_setting

__all__ = ["adjust", "issues"]


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with Squid's own conditions applied, for a component or one of its links."""
    out = dict(facts)
    if site.side == "link":
        _peer(out, site)
        if _first(site, "tls") is None:
            out.pop("connect.sni", None)
    for side, name, timer in (
        ("connect", "server_persistent_connections", "connect.idle_keep"),
        ("accept", "client_persistent_connections", "accept.idle_close"),
    ):
        switch = _first(site, name)
        if switch is not None and switch.text == "off" and (side == "connect" or site.side == "component"):
            out[timer] = (_from(timer, OFF, switch, f"{name} off"),)
    _stale(out, site)
    _keepalive(out, site)
    return out


def issues(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """Times without a unit, which Squid refuses since 4."""
    if site.side == "link" or site.versions.surely_since((4,)) is False:
        return ()
    known = load("squid")
    return tuple(
        Issue(
            "setting-out-of-range", name, setting.text, setting.span,
            f"{name} {setting.text} has no unit; Squid 4 and later refuse it", row.timers[0], source=row.source,
        )
        for name, found in site.settings.items()
        for setting in found
        for row in (known.find(name)[:1] if known else ())
        if row.unit == "s" and not setting.scope and name != "tcpkeepalive" and re.fullmatch(r"[1-9]\d*", setting.text)
    )  # fmt: skip


def _peer(out: Facts, site: Site) -> None:
    row, written = _row("peer_connect_timeout"), _first(site, "peer_connect_timeout")
    if row is None:
        return
    if written is not None:
        out["connect.connect"] = (_from("connect.connect", _limit(row, written), written),)
    elif site.anchor is not None:
        limit = fact_value(row.defaults[-1].value, row.unit, "time")
        fact = Fact("connect.connect", limit, row.setting, "default", site.anchor, row.source)
        out["connect.connect"] = (fact,)


def _limit(row: Known, setting: Setting) -> Limit:
    if setting.limit is not None:
        return setting.limit
    try:
        return read_setting(row, setting.text, "connect.connect", setting.unit)
    except ValueError as error:
        return Unknown(str(error))


def _stale(out: Facts, site: Site) -> None:
    """Only requests that may be repeated use a kept connection, unless Squid is told otherwise."""
    found = out.get("connect.stale_retry", ())
    allowed = _first(site, "server_pconn_for_nonretriable")
    if allowed is not None and allowed.text.startswith("allow"):
        because = "server_pconn_for_nonretriable lets other requests use kept connections too"
        out["connect.stale_retry"] = tuple(replace(fact, limit=Word("idempotent"), because=because) for fact in found)
    elif found:
        because = "requests that cannot be repeated never use a kept connection"
        out["connect.stale_retry"] = tuple(replace(fact, limit=Word("all"), because=because) for fact in found)


def _keepalive(out: Facts, site: Site) -> None:
    for timer, name in (
        ("accept.tcp_keepalive_time", "tcpkeepalive"),
        ("accept.tcp_keepalive_interval", "tcpkeepalive interval"),
    ):
        setting = _first(site, name)
        if setting is None or site.side == "link":
            continue
        row = _row("tcpkeepalive")
        plain = setting.text.isdecimal() and row is not None
        limit = _limit(row, setting) if plain and row is not None else Word("kernel")
        out[timer] = (_from(timer, limit, setting),)


def _row(name: str) -> Known | None:
    known = load("squid")
    return next((row for row in known.settings if row.setting == name), None) if known else None


def _first(site: Site, name: str) -> Setting | None:
    found = site.settings.get(name)
    return found[0] if found else None


def _from(timer: str, limit: Limit, setting: Setting, because: str = "") -> Fact:
    row = _row(setting.name)
    source = row.source if row is not None else None
    return Fact(timer, limit, setting.name, setting.origin, setting.span, source, because, setting.scope)
