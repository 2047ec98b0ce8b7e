"""Tomcat's condition: HTTP/2 connections have an idle time of their own, whatever the Connector says."""

from __future__ import annotations

from tochain.model.fact import HTTP2, Fact, Facts
from tochain.model.limit import seconds
from tochain.products.amend import first
from tochain.products.base import Site
from tochain.products.values import read_value

__all__ = ["UPGRADE", "adjust"]

UPGRADE = "Http2Protocol"
"""What stands for an UpgradeProtocol element: its keepAliveTimeout, or nothing where it has none."""
_NAME = "UpgradeProtocol keepAliveTimeout"
_SOURCE = "https://tomcat.apache.org/tomcat-9.0-doc/config/http2.html"


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with the idle time of HTTP/2 beside that of HTTP/1."""
    upgrade = first(site, UPGRADE)
    if upgrade is None:
        return facts
    because = "connections of HTTP/2 do not follow the Connector's keepAliveTimeout"
    timer = "accept.idle_close"
    fact = Fact(timer, seconds(20), _NAME, "default", upgrade.span, _SOURCE, because, HTTP2)
    if upgrade.text:
        try:
            limit = read_value(upgrade.text, "ms")
        except ValueError:
            # A value filled in later, or none that Tomcat would start with: nothing is said of HTTP/2 then.
            return facts
        fact = Fact(timer, limit, _NAME, "written", upgrade.span, None, because, HTTP2)
    return {**facts, timer: (*facts.get(timer, ()), fact)}
