"""Whether nginx keeps connections to a target: by upstream group, protocol, headers sent, and version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tochain.model.fact import Setting, Settings
from tochain.model.limit import OFF, Finite, Off, Unknown
from tochain.model.span import Span
from tochain.products.nginx.names import PASSES

__all__ = ["DEFAULT_ON", "Pool", "pool"]

DEFAULT_ON: Final = (1, 29, 7)
"""The version since which groups keep connections by default, speak HTTP/1.1 and send no Connection header."""

_NEVER: Final = ("uwsgi", "scgi", "tunnel")
_BY_DEFAULT: Final = 32


@dataclass(frozen=True, slots=True)
class Pool:
    """One answer: how many idle connections are kept, why, and every place that decides it.

    `size` is Unknown where the client's own header decides.
    """

    size: Finite | Off | Unknown
    because: str
    places: tuple[tuple[Span, str], ...] = ()


def pool(settings: Settings, new: bool) -> Pool:
    """Whether connections are kept with the settings in force, by nginx 1.29.7 and newer (`new`) or an older one."""
    module, passed = _passed(settings)
    if module in _NEVER:
        return Pool(
            OFF, f"{module}_pass never keeps connections", _place(passed, f"{module}_pass never keeps connections")
        )
    if "upstream" not in settings:
        return Pool(OFF, f"{module}_pass names no upstream block, and only those keep connections")
    size = _size(settings, new)
    if isinstance(size.size, Off):
        return size
    if module == "fastcgi":
        return _fastcgi(settings, size)
    return _http(settings, size, new) if module == "proxy" else size


def _passed(settings: Settings) -> tuple[str, Setting | None]:
    for name, module in PASSES.items():
        if name in settings:
            return module, settings[name][0]
    return "proxy", None


def _place(setting: Setting | None, text: str) -> tuple[tuple[Span, str], ...]:
    return ((setting.span, text),) if setting is not None else ()


def _size(settings: Settings, new: bool) -> Pool:
    written = settings.get("upstream keepalive")
    if not written:
        if new:
            return Pool(Finite(_BY_DEFAULT), "upstream groups keep 32 connections by default since nginx 1.29.7")
        return Pool(OFF, "no keepalive in the upstream block, and nginx before 1.29.7 keeps none by default")
    text = written[0].text
    if text == "0":
        return Pool(OFF, "keepalive is 0", ((written[0].span, "keepalive is 0"),))
    method = settings.get("upstream method after keepalive")
    if method and not new:
        why = f"{method[0].text} after keepalive replaces it in nginx before 1.29.7"
        return Pool(OFF, why, ((method[0].span, why),))
    if not text.isdecimal():
        return Pool(Unknown(f"keepalive is {text}"), "keepalive is filled in later")
    return Pool(Finite(int(text)), "")


def _fastcgi(settings: Settings, size: Pool) -> Pool:
    written = settings.get("fastcgi_keep_conn")
    if written and written[0].text == "on":
        return size
    why = "fastcgi_keep_conn is off, so the server is asked to close after each request"
    return Pool(OFF, why, _place(written[0] if written else None, why) or _place(_passed(settings)[1], why))


def _http(settings: Settings, size: Pool, new: bool) -> Pool:
    places: list[tuple[Span, str]] = []
    version = settings.get("proxy_http_version")
    spoken = version[0].text if version else ("1.1" if new else "1.0")
    if spoken == "1.0":
        why = (
            "proxy_http_version is 1.0"
            if version
            else "requests go out as HTTP/1.0 unless proxy_http_version 1.1 is set"
        )
        places += _place(version[0] if version else _passed(settings)[1], why)
    closing, unsure = _connection(settings, new) if spoken != "2" else (None, "")
    if closing is not None:
        places.append(closing)
    if places:
        return Pool(OFF, " and ".join(text for _, text in places), tuple(places))
    return Pool(Unknown(unsure), unsure) if unsure else size


def _connection(settings: Settings, new: bool) -> tuple[tuple[Span, str] | None, str]:
    """The place that makes requests say "Connection: close" (None: nothing does), and why that cannot be known."""
    plain = settings.get("proxy_set_header Connection plain")
    written = plain or settings.get("proxy_set_header Connection")
    if not written:
        if new:
            return None, ""
        around = settings.get("proxy_set_header")
        why = 'the header Connection: close goes out unless proxy_set_header Connection "" is set'
        if around:
            why += " beside the other headers, which replace all of the outer block"
        at = around[0] if around else _passed(settings)[1]
        return ((at.span, why) if at is not None else None), ""
    header = written[-1]
    value = header.text.strip().lower()
    if value in ("", "keep-alive"):
        return None, ""
    if value.startswith("$"):
        return None, f"the Connection header is {header.text}, which each request decides"
    said = "closes it" if value == "close" else "makes it no connection to keep"
    return (header.span, f'the header Connection "{header.text}" {said}'), ""
