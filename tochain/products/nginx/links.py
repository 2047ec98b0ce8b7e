"""What decides the timers of one target together: the module, the group, its pool, tries, TLS and sockets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from tochain.model.fact import Fact, Facts, Setting, Settings
from tochain.model.limit import NEVER, OFF, Finite, Limit, Never, Off, OneOf, Unknown, Word
from tochain.model.span import Span
from tochain.products.base import Site
from tochain.products.nginx.names import PASSES, RUNTIME
from tochain.products.nginx.pooling import DEFAULT_ON, Pool, pool
from tochain.products.nginx.views import again

__all__ = ["SOCKET_TIMERS", "at_link", "connect_keepalive", "module_at"]

SOCKET_TIMERS: Final = ("tcp_keepalive_time", "tcp_keepalive_interval", "tcp_keepalive_probes")
_POOL_ONLY: Final = ("connect.max_requests", "connect.max_age", "connect.validate_after_idle")
_TLS: Final = ("https", "grpcs", "suwsgi")
_LUA_DECIDES: Final = (
    "connect.connect", "connect.send_stall", "connect.read_stall", "connect.response_header", "connect.attempts",
    "connect.idle_keep", "connect.idle_pool_size",
)  # fmt: skip


def at_link(facts: Facts, site: Site) -> Facts:
    """The timers of one target, with everything that decides them together."""
    module = module_at(site.settings)
    if module != "proxy" or site.variant == "stream":
        facts = again(site, module)
    facts = dict(facts)
    connect_keepalive(facts)
    _tls(facts, site, module)
    _tries(facts, site, module)
    _names(facts, site)
    if site.variant == "stream":
        because = "a stream server opens one connection for each client"
        facts.update(_no_pool(site, because))
        return facts
    if "upstream balancer_by_lua" in site.settings:
        _lua(facts)
        return facts
    _pool(facts, site)
    _stale(facts, site, module)
    return facts


def module_at(settings: Settings) -> str:
    """The module that opens the connection, by its pass directive."""
    return next((module for name, module in PASSES.items() if name in settings), "proxy")


def connect_keepalive(facts: Facts) -> None:
    """`on` means the host's sysctl values; they cannot be set for connections to a target."""
    found = facts.get("connect.tcp_keepalive_time", ())
    on = tuple(fact for fact in found if fact.limit in (Word("on"), Word("kernel")))
    if not on:
        return
    for name in SOCKET_TIMERS:
        timer = f"connect.{name}"
        facts[timer] = tuple(replace(fact, timer=timer, limit=Word("kernel")) for fact in on)


def _tls(facts: Facts, site: Site, module: str) -> None:
    """Without TLS there is neither a handshake nor a name in it."""
    if site.variant == "stream":
        tls = any(setting.text == "on" for setting in site.settings.get("proxy_ssl", ()))
    else:
        passed = site.settings.get(f"{module}_pass")
        scheme = passed[0].text if passed else "https"
        tls = scheme in _TLS or "$" in scheme
    if not tls:
        facts.pop("connect.sni", None)
        facts.pop("connect.tls_handshake", None)
        return
    group = site.settings.get("upstream")
    if group and f"{module}_ssl_name" not in site.settings and "connect.sni" in facts:
        because = f"the name sent is that of the upstream block, {group[0].scope.partition(' ')[2]}"
        facts["connect.sni"] = tuple(f if f.limit == OFF else replace(f, because=because) for f in facts["connect.sni"])


def _names(facts: Facts, site: Site) -> None:
    """Names are looked up once, at start, unless a variable or `resolve` asks for more."""
    servers = site.settings.get("upstream server", ())
    at_run_time = RUNTIME in site.settings and "upstream" not in site.settings
    if at_run_time or any("resolve" in server.text.split() for server in servers):
        return
    facts.pop("connect.dns_timeout", None)
    found = facts.get("connect.dns_ttl", ())
    because = "nginx looks the name up once, when it starts"
    facts["connect.dns_ttl"] = tuple(
        Fact("connect.dns_ttl", NEVER, fact.setting, "fixed", site.anchor or fact.span, fact.source, because)
        for fact in found[:1]
    )
    if not found:
        facts.pop("connect.dns_ttl")


def _tries(facts: Facts, site: Site, module: str) -> None:
    """Each server of a group is tried once at most, and no more of them than *_next_upstream_tries."""
    found = facts.get("connect.attempts", ())
    if not found:
        return
    words = _next_upstream(site.settings, module)
    servers = site.settings.get("upstream server", ())
    group = site.settings.get("upstream")
    if "off" in words:
        setting = site.settings[f"{module}_next_upstream"][0]
        because = f"{module}_next_upstream is off"
        facts["connect.attempts"] = (
            Fact(
                "connect.attempts", Finite(1), setting.name, setting.origin, setting.span, None, because, setting.scope
            ),
        )
        return
    if group:
        most, because = (
            max(len(servers), 1),
            f"{group[0].scope} has {len(servers)} server{'s' * (len(servers) != 1)} in use",
        )
    else:
        most, because = 1, "one address taken for the name; each further address is one more try"
    facts["connect.attempts"] = tuple(_at_most(fact, most, because) for fact in found)


def _at_most(fact: Fact, most: int, because: str) -> Fact:
    if isinstance(fact.limit, Never) or (isinstance(fact.limit, Finite) and fact.limit.amount > most):
        return replace(fact, limit=Finite(most), because=because)
    return fact


def _next_upstream(settings: Settings, module: str) -> tuple[str, ...]:
    written = settings.get(f"{module}_next_upstream")
    return tuple(written[0].text.split()) if written else ("error", "timeout")


def _stale(facts: Facts, site: Site, module: str) -> None:
    """A kept connection that turns out closed counts as an error: repeated when *_next_upstream allows it."""
    words = _next_upstream(site.settings, module)
    written = site.settings.get(f"{module}_next_upstream")
    word = "none" if "off" in words or "error" not in words else "all" if "non_idempotent" in words else "idempotent"
    if not written:
        return
    because = f"{module}_next_upstream is {' '.join(words)}"
    setting = written[0]
    facts["connect.stale_retry"] = (
        Fact(
            "connect.stale_retry", Word(word), setting.name, setting.origin, setting.span, None, because, setting.scope
        ),
    )


def _lua(facts: Facts) -> None:
    why = "a Lua balancer may set it for each request"
    for timer in _LUA_DECIDES:
        if timer in facts:
            facts[timer] = tuple(replace(f, limit=Unknown(why), because=why) for f in facts[timer])


def _pool(facts: Facts, site: Site) -> None:
    new = site.versions.surely_since(DEFAULT_ON)
    answers = [pool(site.settings, side) for side in ((True, False) if new is None else (new,))]
    size = _merge(answer.size for answer in answers)
    because = _because(answers)
    fact = _decided(facts, site, answers)
    if fact is None:
        return
    facts["connect.idle_pool_size"] = (replace(fact, limit=size, because=because or fact.because),)
    if all(isinstance(answer.size, Off) for answer in answers):
        facts.update(_no_pool(site, because, fact))
        for timer in _POOL_ONLY:
            facts.pop(timer, None)
    elif any(isinstance(answer.size, Off) for answer in answers):
        kept = facts.get("connect.idle_keep", ())
        facts["connect.idle_keep"] = tuple(replace(f, limit=_merge((f.limit, OFF)), because=because) for f in kept)


def _because(answers: list[Pool]) -> str:
    reasons = list(dict.fromkeys(answer.because for answer in answers if answer.because))
    if len(answers) == 2 and answers[0].size != answers[1].size:
        older = answers[1].because or "connections are kept"
        newer = answers[0].because or "connections are kept"
        return f"since 1.29.7: {newer}; before: {older}"
    return reasons[0] if reasons else ""


def _decided(facts: Facts, site: Site, answers: list[Pool]) -> Fact | None:
    """The fact that carries the answer: at the place that decides it, where one does."""
    found = facts.get("connect.idle_pool_size", ())
    base = found[0] if found else None
    places = [place for answer in answers for place in answer.places]
    if len(answers) == 1 and places and isinstance(answers[0].size, Off):
        setting = _setting_at(site.settings, places[0][0])
        if setting is not None:
            return Fact(
                "connect.idle_pool_size", OFF, setting.name, setting.origin, setting.span, None, "", setting.scope
            )
    return base


def _setting_at(settings: Settings, span: Span) -> Setting | None:
    written = [setting for name, found in settings.items() if not name.endswith("_pass") for setting in found]
    here = [setting for setting in written if setting.span == span]
    return here[-1] if here else None


def _no_pool(site: Site, because: str, at: Fact | None = None) -> Facts:
    if at is None and site.anchor is None:
        return {}
    if at is None:
        assert site.anchor is not None
        at = Fact("connect.idle_pool_size", OFF, "upstream keepalive", "default", site.anchor, None, because)
    return {
        timer: (replace(at, timer=timer, limit=OFF, because=because),)
        for timer in ("connect.idle_pool_size", "connect.idle_keep")
    }


def _merge(limits: Iterable[Limit]) -> Limit:
    """One limit for several possible ones."""
    choices: list[Finite | Never | Off | Word] = []
    for limit in limits:
        if isinstance(limit, OneOf):
            choices += [c for c in limit.choices if c not in choices]
        elif isinstance(limit, (Finite, Never, Off, Word)):
            choices += [limit] if limit not in choices else []
        else:
            return limit
    return choices[0] if len(choices) == 1 else OneOf(tuple(choices))
