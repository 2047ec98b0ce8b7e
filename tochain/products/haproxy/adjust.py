"""HAProxy's conditions: connection modes, idle pools, TCP mode, keepalive switches, and the smaller of two timers."""

from __future__ import annotations

import re
from dataclasses import replace

from tochain.model.fact import Fact, Facts, Setting
from tochain.model.issue import Issue
from tochain.model.limit import NEVER, OFF, Finite, Limit, OneOf, Unknown, Word
from tochain.model.version import Versions
from tochain.products.base import Site
from tochain.products.facts import load

__all__ = ["adjust", "issues"]

_FIXED_KEEP_ALIVE = {(2, 8): 4, (2, 7): 11, (2, 6): 16, (2, 4): 25, (2, 2): 32}
"""Maintained branches whose later releases honour http-keep-alive alone; the releases before these surely do not."""

_HTTP_TIMERS = (
    "accept.header_read", "accept.keepalive_enabled", "accept.max_requests", "accept.ping_interval",
    "connect.response_header", "connect.idle_keep", "connect.idle_pool_size", "connect.reuse_mode",
    "connect.stale_retry", "connect.honours_hint", "connect.retry_condition", "connect.ping_interval",
    "connect.max_requests",
)  # fmt: skip
_DONE = frozenset({"all-retryable-errors", "response-timeout", "junk-response", "500", "502", "503", "504"})
"""Conditions under which the server had the request."""
_HEALS = ("empty-response", "all-retryable-errors")


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with HAProxy's own conditions applied, for a component or one of its links."""
    out = dict(facts)
    for side, prefix in (("accept", "clitcpka"), ("connect", "srvtcpka")):
        _keepalive(out, side, prefix, site)
    _tunnel(out, site)
    _sni(out, site)
    _checks(out, site)
    _names(out, site)
    if _text(site, "mode", "http") == "tcp":
        _tcp(out)
    else:
        _client_side(out, site)
        _server_side(out, site)
    return out


def issues(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """Keepalive timings without keepalive, and timers that are read in milliseconds but hardly meant so."""
    found: list[Issue] = []
    for prefix in ("clitcpka", "srvtcpka"):
        switch = f"option {prefix}"
        if _text(site, switch, "off") != "off":
            continue
        for name in (f"{prefix}-idle", f"{prefix}-intvl", f"{prefix}-cnt"):
            setting = _first(site, name)
            if setting is not None and (prefix == "srvtcpka") == (site.side == "link"):
                text = f"{name} has no effect without {switch} (or option tcpka)"
                found.append(
                    Issue("setting-without-effect", name, setting.text, setting.span, text, source=_source(name))
                )
    return (*found, *_milliseconds(site), *_nameless_checks(site), *_repeated(site))


def _repeated(site: Site) -> list[Issue]:
    """Retries after a request was received by a server, of every method, where no request is excepted."""
    again = _first(site, "retry-on")
    words = _DONE & set(again.text.split()) if again is not None else set()
    if again is None or not words or site.side != "link" or _first(site, "disable-l7-retry") is not None:
        return []
    if _text(site, "retries", "3") == "0" or _text(site, "mode", "http") == "tcp":
        return []
    text = f"retry-on {' '.join(sorted(words))}: a POST the server may have done already is sent again"
    fix = "http-request disable-l7-retry if !METH_GET"
    source = _source("retry-on")
    return [
        Issue(
            "retry-of-non-idempotent", "retry-on", again.text, again.span, text, "connect.retry_condition", fix=fix,
            source=source,
        )
    ]  # fmt: skip


def _nameless_checks(site: Site) -> list[Issue]:
    """Checks over TLS do not send the name that requests send; only 3.3 and later take it from the check's Host."""
    sni, check = _first(site, "sni"), _first(site, "check")
    absent = _first(site, "check-sni") is None and site.versions.surely_since((3, 3)) is False
    elsewhere = _first(site, "check port") is not None or _text(site, "check-ssl", "on") == "off"
    if sni is None or sni.text == "off" or check is None or check.text != "on" or not absent or elsewhere:
        return []
    text = f"health checks send no name in TLS: sni {sni.text} counts for requests, check-sni for checks"
    where = ((sni.span, "the name requests send"),)
    source = _source("check-sni")
    return [Issue("sni-not-sent", "check-sni", "off", check.span, text, "connect.sni", where, "check-sni NAME", source)]


def _milliseconds(site: Site) -> list[Issue]:
    """Numbers without a unit below 100, which newer versions warn of themselves."""
    if site.side == "link":
        return []
    return [
        Issue(
            "suspicious-unit", name, setting.text, setting.span,
            f"{name} {setting.text} is {setting.text} milliseconds; {setting.text} seconds would be {setting.text}s",
            source=_source(name),
        )
        for name, found in site.settings.items()
        for setting in found
        if name.startswith("timeout ") and re.fullmatch(r"[1-9]\d?", setting.text)
    ]  # fmt: skip


def _keepalive(out: Facts, side: str, prefix: str, site: Site) -> None:
    """TCP keepalive: off without its option; with it the kernel's values for what is not set."""
    if site.side == "link" and side == "accept":
        return
    switch = _first(site, f"option {prefix}")
    for part, name in {"time": "idle", "interval": "intvl", "probes": "cnt"}.items():
        timer, name = f"{side}.tcp_keepalive_{part}", f"{prefix}-{name}"
        found = out.get(timer, ())
        if switch is None:
            absent = _default(timer, OFF, f"option {prefix}", site)
            out.pop(timer, None)
            out |= {timer: (absent,)} if absent is not None else {}
        elif switch.text == "off":
            out[timer] = (_from(timer, OFF, switch),)
        elif not found or found[0].setting != name or found[0].origin == "default":
            out[timer] = (_from(timer, Word("kernel"), switch, f"{switch.name} is on and {name} is not set"),)


def _tunnel(out: Facts, site: Site) -> None:
    """A tunnel without a timer of its own lives by those of its two sides."""
    if _first(site, "timeout tunnel") is not None:
        return
    for timer, name in (("accept.stream_idle", "timeout client"), ("connect.stream_idle", "timeout server")):
        own = out.get("accept.body_read" if timer.startswith("accept") else "connect.read_stall", ())
        if own:
            because = f"no timeout tunnel, so {name} counts"
            out[timer] = tuple(replace(fact, timer=timer, because=because) for fact in own)


def _sni(out: Facts, site: Site) -> None:
    """What a TLS connection to a server says; nothing where there is no TLS, and only HTTP has a host to say."""
    if _first(site, "mode") is None:
        return
    if _text(site, "ssl", "off") != "on":
        out.pop("connect.sni", None)
    elif _first(site, "sni") is None and _text(site, "mode", "http") == "tcp" and "connect.sni" in out:
        because = "mode tcp has no Host to take the name from"
        out["connect.sni"] = tuple(replace(fact, limit=OFF, because=because) for fact in out["connect.sni"])


def _checks(out: Facts, site: Site) -> None:
    """Health checks run only with `check`."""
    if _first(site, "mode") is not None and _text(site, "check", "off") != "on":
        for timer in [name for name in out if name.startswith("lifecycle.health_")]:
            del out[timer]


def _names(out: Facts, site: Site) -> None:
    """Without a resolvers section a server's name is looked up once, when HAProxy starts."""
    if _first(site, "mode") is None or _first(site, "resolvers") is not None:
        return
    out.pop("connect.dns_timeout", None)
    because = "no resolvers: a server's name is looked up once at the start"
    if "connect.dns_ttl" in out:
        out["connect.dns_ttl"] = tuple(replace(fact, limit=NEVER, because=because) for fact in out["connect.dns_ttl"])


def _tcp(out: Facts) -> None:
    """Mode tcp knows no requests: one inactivity timer on each side, and what ends an idle connection is that one."""
    for timer in _HTTP_TIMERS:
        out.pop(timer, None)
    idle = out.get("accept.stream_idle", ())
    because = "mode tcp: the inactivity timer ends the connection"
    if idle:
        out["accept.idle_close"] = tuple(replace(fact, timer="accept.idle_close", because=because) for fact in idle)


def _client_side(out: Facts, site: Site) -> None:
    closing = _first(site, "option httpclose")
    if closing is not None and closing.text == "on" and site.side == "component":
        because = "option httpclose: every response closes the connection"
        for timer in ("accept.idle_close", "accept.keepalive_enabled"):
            out[timer] = (_from(timer, OFF, closing, because),)
        return
    enabled = out.get("accept.keepalive_enabled", ())
    if enabled:
        out["accept.keepalive_enabled"] = tuple(replace(fact, limit=Word("on")) for fact in enabled)
    idle, client = out.get("accept.idle_close", ()), out.get("accept.body_read", ())
    if idle and client and idle[0].setting == "timeout http-keep-alive" and _less(client[0].limit, idle[0].limit):
        out["accept.idle_close"] = _smaller(idle[0], client[0], site.versions)


def _less(one: Limit, other: Limit) -> bool:
    return isinstance(one, Finite) and (other == NEVER or (isinstance(other, Finite) and one.amount < other.amount))


def _smaller(idle: Fact, client: Fact, versions: Versions) -> tuple[Fact, ...]:
    """Older versions also end an idle client connection after timeout client."""
    both = _both_count(versions)
    if both is False:
        return (idle,)
    because = "before 2.9 timeout client ends an idle connection too"
    least = replace(client, timer="accept.idle_close", because=because)
    if both:
        return (least,)
    assert isinstance(least.limit, Finite)
    if isinstance(idle.limit, Finite):
        return (replace(idle, limit=OneOf((least.limit, idle.limit)), because=because),)
    return (replace(idle, limit=OneOf((least.limit, NEVER)), because=because),)


def _both_count(versions: Versions) -> bool | None:
    """Whether the smaller of the two timers counts; None where the version leaves it open."""
    since = versions.surely_since((2, 9))
    if since is True:
        return False
    if versions.low is not None and since is False:
        branch = versions.low[:2]
        if branch not in _FIXED_KEEP_ALIVE:
            return True
        return versions.surely_since((*branch, _FIXED_KEEP_ALIVE[branch])) is False or None
    return None


def _server_side(out: Facts, site: Site) -> None:
    if "connect.stale_retry" in out:
        out["connect.stale_retry"] = tuple(_stale(fact, site) for fact in out["connect.stale_retry"])
    found = _idle_keep(out, site)
    if found is not None:
        out["connect.idle_keep"] = (found,)


def _stale(fact: Fact, site: Site) -> Fact:
    again = _first(site, "retry-on")
    if again is None or not set(_HEALS) & set(again.text.split()) or _text(site, "retries", "3") == "0":
        return fact
    because = f"retry-on {again.text} sends the request again on a new connection"
    return _from("connect.stale_retry", Word("all"), again, because)


def _idle_keep(out: Facts, site: Site) -> Fact | None:
    """How long an idle server connection may be kept and used again."""
    timer = "connect.idle_keep"
    closing = _first(site, "option http-server-close")
    closing = closing if closing is not None and closing.text == "on" else None
    if closing is None and site.side == "link" and _text(site, "option httpclose", "off") == "on":
        closing = _first(site, "option httpclose")
    if closing is not None:
        return _from(timer, OFF, closing, f"{closing.name}: server connections are not kept")
    for name in ("pool-max-conn", "pool-purge-delay"):
        setting = _first(site, name)
        if setting is not None and re.fullmatch(r"0(us|ms|[smhd])?", setting.text):
            return _from(timer, OFF, setting, f"{name} 0 keeps no idle connection")
    if _reuse(site) == "never":
        return _bound_to_client(out, site)
    return _purged(site)


def _reuse(site: Site) -> str:
    if site.versions.surely_since((1, 9)) is False:
        return _text(site, "http-reuse", "never")
    return _text(site, "http-reuse", "safe")


def _bound_to_client(out: Facts, site: Site) -> Fact | None:
    """With http-reuse never a server connection belongs to one client connection and ends with it."""
    setting = _first(site, "http-reuse")
    because = "http-reuse never: a server connection lives as long as its client's"
    for name in ("timeout http-keep-alive", "timeout http-request", "timeout client"):
        limit = _amount(_first(site, name))
        chosen = _first(site, name)
        if limit is not None and chosen is not None:
            return Fact(
                "connect.idle_keep", limit, name, "inherited", chosen.span, _source(name), because, chosen.scope
            )
    if setting is not None:
        return _from("connect.idle_keep", NEVER, setting, because)
    return _default("connect.idle_keep", NEVER, "http-reuse", site, because)


def _purged(site: Site) -> Fact | None:
    """Surplus idle connections are halved every purge delay; those that traffic needs are kept without limit."""
    setting = _first(site, "pool-purge-delay")
    because = "a lone idle connection goes after about three pool-purge-delay intervals, one that traffic needs stays"
    if setting is not None:
        limit = _amount(setting)
        kept: Limit = Unknown("pool-purge-delay is not known") if limit is None else _three(limit)
        return _from("connect.idle_keep", kept, setting, because)
    delay = 1 if site.versions.surely_since((2, 0)) is False else 5
    return _default("connect.idle_keep", _three(Finite(delay * 1_000_000)), "pool-purge-delay", site, because)


def _three(delay: Finite) -> Limit:
    return OneOf((Finite(3 * delay.amount), NEVER))


def _amount(setting: Setting | None) -> Finite | None:
    """A written duration; None where there is none or it is filled in later."""
    found = (
        re.fullmatch(r"(\d+)(us|ms|s|m|h|d|)", setting.text) if setting is not None and setting.limit is None else None
    )
    if found is None or int(found[1]) == 0:
        return None
    scale = {"us": 1, "": 1000, "ms": 1000, "s": 10**6, "m": 60 * 10**6, "h": 3600 * 10**6, "d": 86400 * 10**6}
    return Finite(int(found[1]) * scale[found[2]])


def _first(site: Site, name: str) -> Setting | None:
    found = site.settings.get(name)
    return found[0] if found else None


def _text(site: Site, name: str, default: str) -> str:
    setting = _first(site, name)
    return setting.text if setting is not None else default


def _from(timer: str, limit: Limit, setting: Setting, because: str = "") -> Fact:
    return Fact(timer, limit, setting.name, setting.origin, setting.span, _source(setting.name), because, setting.scope)


def _default(timer: str, limit: Limit, name: str, site: Site, because: str = "") -> Fact | None:
    if site.anchor is None:
        return None
    return Fact(timer, limit, name, "default", site.anchor, _source(name), because)


def _source(name: str) -> str | None:
    known = load("haproxy")
    return next((row.source for row in known.find(name)), None) if known else None
