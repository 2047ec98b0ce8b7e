"""System properties of Java that several clients read alike, and those that do nothing."""

from __future__ import annotations

from tochain.model.issue import Issue
from tochain.products.amend import first
from tochain.products.base import Site

__all__ = ["without_effect"]

_SECURITY = "networkaddress.cache.ttl"
_SOURCE = "https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/net/doc-files/net-properties.html"


def without_effect(site: Site) -> tuple[Issue, ...]:
    """`-Dnetworkaddress.cache.ttl`: a security property, which is not read from the system properties."""
    setting = first(site, _SECURITY)
    if setting is None or site.side == "link":
        return ()
    return (
        Issue(
            "setting-without-effect", _SECURITY, setting.text, setting.span,
            f"-D{_SECURITY} sets a system property, and Java reads a security property of that name: "
            "sun.net.inetaddr.ttl is the system property",
            "connect.dns_ttl", source=_SOURCE,
        ),
    )  # fmt: skip
