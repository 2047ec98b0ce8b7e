"""What is wrong with nginx's settings by themselves, once the version is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tochain.model.fact import Facts, Setting
from tochain.model.issue import Issue
from tochain.model.limit import Off
from tochain.model.span import Span
from tochain.products.base import Site
from tochain.products.nginx.links import module_at
from tochain.products.nginx.pooling import DEFAULT_ON, pool

__all__ = ["issues"]

_KEEPALIVE: Final = "https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive"
_NEXT: Final = "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_next_upstream"
_HTTP2: Final = "https://nginx.org/en/docs/http/ngx_http_v2_module.html"
_FIX: Final = 'set proxy_http_version 1.1 and proxy_set_header Connection "" where the group is used'
_POSTS_STAY: Final = (1, 9, 13)
"""Since then a POST that was sent is not passed to the next server by itself."""
_POOL_ONLY: Final = ("upstream keepalive_timeout", "upstream keepalive_requests", "upstream keepalive_time")
_HTTP2_GONE: Final = {
    "http2_idle_timeout": "keepalive_timeout",
    "http2_recv_timeout": "client_header_timeout",
    "http2_max_requests": "keepalive_requests",
}


def issues(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """Pools that never form, tries that may do things twice, and directives the version has no longer."""
    if site.side == "link":
        return (*_pools(site), *_repeated(site)) if site.variant != "stream" else ()
    return tuple(_http2(site))


def _pools(site: Site) -> Iterator[Issue]:
    if not any(name in site.settings for name in ("upstream keepalive", *_POOL_ONLY)):
        return
    new = site.versions.surely_since(DEFAULT_ON)
    answers = [pool(site.settings, side) for side in ((True, False) if new is None else (new,))]
    if not all(isinstance(answer.size, Off) for answer in answers) or "proxy_set_header Upgrade" in site.settings:
        return  # a pool there may be, or none is wanted: an upgraded connection serves one client
    written = site.settings.get("upstream keepalive")
    if written and written[0].text != "0" and written[0].limit is None:
        yield _without_effect(site, written[0], answers[0].because, answers[0].places, "connect.idle_pool_size")
    elif not written and new is False:
        for name in _POOL_ONLY:
            for setting in site.settings.get(name, ()):
                yield _without_effect(site, setting, answers[0].because, answers[0].places, "connect.idle_keep")


def _without_effect(
    site: Site, setting: Setting, because: str, places: tuple[tuple[Span, str], ...], timer: str
) -> Issue:
    name = setting.name.removeprefix("upstream ")
    module = module_at(site.settings)
    where = site.settings[f"{module}_pass"][0].scope if f"{module}_pass" in site.settings else ""
    text = f"{name} {setting.text} of {setting.scope} has no effect{' for ' + where if where else ''}: {because}"
    fix = _FIX if module == "proxy" and "keepalive replaces" not in because else ""
    others: dict[Span, str] = {}
    for span, said in places:
        if span != setting.span:
            others[span] = f"{others[span]} and {said}" if span in others else said
    return Issue(
        "keepalive-without-effect", setting.name, setting.text, setting.span, text, timer, tuple(others.items()),
        fix, _KEEPALIVE,
    )  # fmt: skip


def _repeated(site: Site) -> Iterator[Issue]:
    """A POST that may have been done goes to the next server: with `non_idempotent`, and always before 1.9.13."""
    module = module_at(site.settings)
    name = f"{module}_next_upstream"
    if len(site.settings.get("upstream server", ())) < 2:
        return
    always = site.versions.surely_since(_POSTS_STAY) is False
    for setting in site.settings.get(name, ()):
        words = setting.text.split()
        if "off" not in words and ("non_idempotent" in words or (always and _after_sending(words))):
            yield _again(setting, "non_idempotent" if "non_idempotent" in words else "", f"write {name} off")
    if always and name not in site.settings:
        for place in site.settings.get(f"{module}_pass", ())[:1]:
            yield _again(replace(place, name=name, text="error timeout"), "", f"write {name} off")


def _after_sending(words: list[str]) -> bool:
    return any(word in ("error", "timeout", "invalid_header") or word.startswith("http_5") for word in words)


def _again(setting: Setting, word: str, fix: str) -> Issue:
    because = f"has {word}" if word else "sends every request again before nginx 1.9.13"
    text = f"{setting.name} {because}: a POST that was already sent goes to the next server as well"
    return Issue(
        "retry-of-non-idempotent", setting.name, setting.text, setting.span, text, "connect.retry_condition",
        fix=fix if not word else "leave non_idempotent out", source=_NEXT,
    )  # fmt: skip


def _http2(site: Site) -> Iterator[Issue]:
    if site.versions.surely_since((1, 19, 7)) is not True:
        return
    for name, instead in _HTTP2_GONE.items():
        for setting in site.settings.get(name, ()):
            text = f"{name} is ignored since nginx 1.19.7; {instead} counts for HTTP/2 too"
            yield Issue(
                "setting-unknown-in-version", name, setting.text, setting.span, text, "accept.idle_close", source=_HTTP2
            )
