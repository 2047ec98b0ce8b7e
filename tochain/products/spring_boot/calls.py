"""What a Spring application calls over HTTP: Feign, Ribbon and Zuul, Resilience4j, RestClient."""

from __future__ import annotations

import re

from tochain.model.component import Address, Link
from tochain.model.fact import Setting, Settings
from tochain.model.version import Versions
from tochain.products.dsn import dsn_link, parse_dsn
from tochain.products.javaconfig import Item, View, settings
from tochain.products.spring_boot.parts import Client, renamed, under
from tochain.products.spring_boot.resilience import resilience

__all__ = ["CALLS"]

_FEIGN = re.compile(
    r"(?:spring\.cloud\.open)?feign\.client\.config\.([^.]+)\.(connect-?timeout|read-?timeout|url)", re.IGNORECASE
)


def _feign(view: View, _: Versions) -> Client | None:
    named: dict[str, Settings] = {}
    urls: dict[str, Item] = {}
    for item in view.values():
        found = _FEIGN.fullmatch(item.name)
        if found and found[2].lower() == "url":
            urls[found[1]] = item
        elif found:
            name = "connect-timeout" if found[2].lower().startswith("c") else "read-timeout"
            named.setdefault(found[1], {})[name] = (Setting(name, item.text, item.span),)
    own = {**settings(view, "openfeign"), **named.pop("default", {})}
    links = []
    for name in dict.fromkeys((*named, *urls)):
        mine = {**own, **named.get(name, {})}
        span = urls[name].span if name in urls else next(iter(mine.values()))[0].span
        dsn = parse_dsn(urls[name].text, span) if name in urls else None
        links.append(
            dsn_link(dsn, f"feign {name}", mine) if dsn else Link(Address(name), span, mine, "http", f"feign {name}")
        )
    return Client("openfeign", own, tuple(links)) if own or links else None


def _ribbon(view: View, _: Versions) -> Client | None:
    if not under(view, "ribbon.", "hystrix.command.", "zuul."):
        return None
    own = settings(view, "hystrix-ribbon")
    links = []
    for item in view.values():
        route = re.fullmatch(r"zuul\.routes\.([^.]+)\.(url|service-?id)", item.name, re.IGNORECASE)
        if route is None:
            continue
        dsn = parse_dsn(item.text, item.span) if route[2].lower() == "url" else None
        label = f"route {route[1]}"
        links.append(dsn_link(dsn, label, own) if dsn else Link(Address(item.text), item.span, own, "http", label))
    return Client("hystrix-ribbon", own, tuple(links)) if own or links else None


def _http(view: View, _: Versions) -> Client | None:
    """The builders of RestTemplate, RestClient and WebClient."""
    table = {"connect-timeout": "connectTimeout", "read-timeout": "readTimeout"}
    for prefix in ("spring.http.clients.", "spring.http.client.", "spring.http.reactiveclient."):
        own = renamed(view, prefix, table)
        if own:
            return Client("spring-clients", own)
    return None


CALLS = (_feign, _ribbon, resilience, _http)
"""What makes each of them."""
