"""Envoy's conditions: retries count from the second try, the smaller of two totals counts, keepalive by block."""

from __future__ import annotations

import re
from dataclasses import replace

from tochain.model.fact import Fact, Facts, Setting
from tochain.model.issue import Issue
from tochain.model.limit import NEVER, OFF, Finite, Limit, Never, Word
from tochain.products.amend import followed, silence_counted
from tochain.products.base import Site
from tochain.products.facts import TEMPLATE, load
from tochain.products.pertry import ignored_per_try, without_ignored
from tochain.products.values import read_setting

__all__ = ["adjust", "issues"]

_PLAIN = ("tcp_keepalive", "--", "TCP_USER_TIMEOUT")
_DURATION = re.compile(r"-?\d+(\.\d+)?s")
_WITHOUT_HTTP = (
    "tcp_proxy.", "redis_proxy.", "listener_filters_timeout", "transport_socket_connect_timeout", "listener.",
    "connect_timeout", "upstream_", "sni", "dns_", "health_checks", "slow_start", "--",
)  # fmt: skip
_COVERS_STALE = {"reset", "5xx", "gateway-error"}
_PER_TRY = "route.retry_policy.per_try_timeout"
_RETRY_ON = "route.retry_policy.retry_on"
_TIMEOUT = "route.timeout"
_NUM_RETRIES = "route.retry_policy.num_retries"
_KEEPALIVES = {"connect": "upstream_connection_options.tcp_keepalive", "accept": "listener.tcp_keepalive"}
_PER_TRY_ALONE = (1, 14)
_OWN_STREAM = "route.max_stream_duration."
_STREAMS = (
    "route.max_stream_duration.max_stream_duration",
    "cluster.common_http_protocol_options.max_stream_duration",
    "hcm.common_http_protocol_options.max_stream_duration",
)


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with Envoy's own conditions applied, for a component or one of its links."""
    out = dict(facts)
    if site.variant not in (None, "quic"):
        keep = ("udp_proxy.", "dns_") if site.variant == "udp" else _WITHOUT_HTTP
        out = {timer: found for timer, found in out.items() if found[0].setting.startswith(keep)}
    else:
        _retries(out, site)
        _total(out, site)
        _per_try(out)
        without_ignored(out, site.versions, _PER_TRY_ALONE)
        silence_counted(out, "stream_idle_timeout")
    for side, block in _KEEPALIVES.items():
        _keepalive(out, side, block, site)
    _sni(out, site)
    return out


def issues(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """Settings Envoy ignores or refuses."""
    one = _first(site, _PER_TRY)
    alone = ignored_per_try(facts, one, _limit(one, "connect.attempt_total"), site.versions, _PER_TRY_ALONE)
    return (*_no_effect(facts, site), *alone, *_refused(site))


def _retries(out: Facts, site: Site) -> None:
    """Envoy retries only on a condition, and then once where no number is given."""
    condition = _first(site, _RETRY_ON)
    tries = out.get("connect.attempts", ())
    if tries and condition is None:
        out["connect.attempts"] = (replace(tries[0], limit=Finite(1), because="no retry_on: one try"),)
    elif tries and tries[0].origin == "default":
        out["connect.attempts"] = (
            replace(tries[0], limit=Finite(2), because="retry_on without num_retries: one retry"),
        )
    stale = out.get("connect.stale_retry", ())
    if stale and condition is not None and _COVERS_STALE & set(re.split(r"[\s,]+", condition.text)):
        out["connect.stale_retry"] = (
            Fact(
                "connect.stale_retry", Word("all"), _RETRY_ON, condition.origin, condition.span, scope=condition.scope
            ),
        )


def _total(out: Facts, site: Site) -> None:
    """The smaller of the timeout and the longest stream; a route's own longest stream takes the timeout's place."""
    timer = "connect.request_total"
    written = next((setting for name in _STREAMS if (setting := _first(site, name)) is not None), None)
    current = out.get(timer, ())
    limit = _limit(written, timer)
    own = _own_stream(site)
    if own is not None and current:
        said = written or own
        fact = Fact(timer, limit, said.name.removeprefix("hcm.").removeprefix("cluster."), said.origin, said.span)
        because = "with max_stream_duration on the route, Envoy does not look at route.timeout"
        out[timer] = (replace(fact, scope=said.scope, because=because),)
        out["connect.retry_total"] = (replace(out[timer][0], timer="connect.retry_total"),)
        return
    if written is None or not isinstance(limit, Finite) or not current:
        return
    fact = current[0]
    if isinstance(fact.limit, Never) or (isinstance(fact.limit, Finite) and limit.amount < fact.limit.amount):
        name = written.name.removeprefix("hcm.").removeprefix("cluster.")
        out[timer] = (Fact(timer, limit, name, written.origin, written.span, scope=written.scope),)


def _own_stream(site: Site) -> Setting | None:
    """What a route says of its longest stream, in whichever of the block's fields."""
    return next((found[0] for name, found in site.settings.items() if name.startswith(_OWN_STREAM) and found), None)


def _per_try(out: Facts) -> None:
    followed(out, "connect.attempt_total", "connect.request_total")
    one, total = out.get("connect.attempt_total", ()), out.get("connect.request_total", ())
    if one and total and _longer(one[0].limit, total[0].limit):
        because = f"{_PER_TRY} is not shorter than {total[0].setting} and is ignored"
        out["connect.attempt_total"] = (replace(total[0], timer="connect.attempt_total", because=because),)


def _longer(one: Limit, total: Limit) -> bool:
    return isinstance(one, Finite) and isinstance(total, Finite) and one.amount > total.amount


def _keepalive(out: Facts, side: str, block: str, site: Site) -> None:
    """TCP keepalive: on with the block, the kernel's values for what it leaves out; without it all of it is off."""
    timers = [f"{side}.tcp_keepalive_{part}" for part in ("time", "interval", "probes")]
    marker = next(
        (found[0] for name, found in site.settings.items() if name == block or name.startswith(f"{block}.")), None
    )
    off = marker is None or _switched_off(block, site)
    for timer in timers:
        for fact in out.get(timer, ())[:1]:
            if off:
                out[timer] = (replace(fact, limit=OFF),)
            elif fact.origin == "default" and marker is not None:
                because = "TCP keepalive is on and this part is not set"
                out[timer] = (
                    replace(
                        fact, limit=Word("kernel"), origin="inherited", span=marker.span, source=None, because=because
                    ),
                )


def _switched_off(block: str, site: Site) -> bool:
    found = [
        setting
        for name, group in site.settings.items()
        if name == block or name.startswith(f"{block}.")
        for setting in group
    ]
    return any(setting.text in ("0", "off") for setting in found)


def _sni(out: Facts, site: Site) -> None:
    tls = _first(site, "transport_socket")
    if tls is not None and "connect.sni" not in out and site.anchor is not None:
        because = "a TLS cluster without sni, auto_host_sni and auto_sni"
        out["connect.sni"] = (Fact("connect.sni", OFF, "sni", "default", tls.span, _source("sni"), because, tls.scope),)


def _no_effect(facts: Facts, site: Site) -> list[Issue]:
    found = []
    one, total = _first(site, _PER_TRY), facts.get("connect.request_total", ())
    limit = _limit(one, "connect.attempt_total")
    if (
        one is not None
        and total
        and isinstance(limit, Finite)
        and isinstance(total[0].limit, Finite)
        and limit.amount >= total[0].limit.amount
    ):
        text = f"{_PER_TRY} {one.text} is not shorter than {total[0].setting} {total[0].value}, so Envoy ignores it"
        where = ((total[0].span, f"{total[0].setting} is {total[0].value}"),)
        found.append(
            Issue(
                "setting-without-effect",
                _PER_TRY,
                one.text,
                one.span,
                text,
                "connect.attempt_total",
                where,
                source=_source(_PER_TRY),
            )
        )
    retries = _first(site, _NUM_RETRIES)
    if retries is not None and _first(site, _RETRY_ON) is None:
        text = f"{_NUM_RETRIES} has no effect without retry_on"
        found.append(
            Issue(
                "setting-without-effect",
                _NUM_RETRIES,
                retries.text,
                retries.span,
                text,
                "connect.attempts",
                source=_source(_NUM_RETRIES),
            )
        )
    total_setting, own = _first(site, _TIMEOUT), _own_stream(site)
    # A limit that is switched off here has nothing that could be set aside.
    if total_setting is not None and own is not None and not re.fullmatch(r"0+(?:\.0+)?s", total_setting.text.strip()):
        found.append(_set_aside(total_setting, own))
    return found


def _set_aside(total: Setting, own: Setting) -> Issue:
    text = f"{_TIMEOUT} {total.text} has no effect beside {_OWN_STREAM.removeprefix('route.').rstrip('.')}"
    where = ((own.span, f"{own.name} is {own.text}"),)
    return Issue(
        "setting-without-effect", _TIMEOUT, total.text, total.span, text, "connect.request_total", where,
        source=_source(own.name),
    )  # fmt: skip


def _refused(site: Site) -> list[Issue]:
    """Durations Envoy's JSON form has not: seconds with the suffix s and nothing else."""
    known = load(site.product)
    found = []
    for name, group in site.settings.items():
        row = next(iter(known.find(name, site.variant)), None) if known else None
        if row is None or row.unit != "s" or any(part in name for part in _PLAIN):
            continue
        for setting in group:
            if (
                setting.origin == "written"
                and not _DURATION.fullmatch(setting.text)
                and not TEMPLATE.search(setting.text)
            ):
                text = (
                    f"Envoy refuses {setting.text!r} for {name}: a duration is seconds with the suffix s, such as 300s"
                )
                found.append(
                    Issue("setting-out-of-range", row.setting, setting.text, setting.span, text, source=row.source)
                )
    return found


def _first(site: Site, name: str) -> Setting | None:
    found = site.settings.get(name)
    return found[0] if found else None


def _limit(setting: Setting | None, timer: str) -> Limit:
    """A setting's own value; never where there is none or it cannot be read."""
    known = load("envoy")
    row = next(iter(known.find(setting.name)), None) if known and setting else None
    if row is None or setting is None:
        return NEVER
    try:
        return read_setting(row, setting.text, timer, setting.unit)
    except ValueError:
        return NEVER


def _source(name: str) -> str | None:
    known = load("envoy")
    return next((row.source for row in known.settings if row.setting == name), None) if known else None
