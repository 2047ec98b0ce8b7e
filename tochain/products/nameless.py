"""TLS to a host that is known by its name alone, and that the handshake does not name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from typing import Final

from tochain.model.component import Component, Link
from tochain.model.issue import Issue
from tochain.model.limit import OFF

__all__ = ["ADDRESS", "is_literal", "is_public", "nameless_links"]

ADDRESS: Final = "address"
"""How readers mark TLS to an address instead of a name."""
_PUBLIC: Final = re.compile(r"(?:[a-z0-9_-]+\.)+[a-z]{2,}\.?", re.IGNORECASE)
_PRIVATE_ENDS: Final = (
    "corp", "home", "internal", "intranet", "lan", "local", "localdomain", "localhost", "svc", "test",
)  # fmt: skip
_KIND: Final = "sni-not-sent"


def is_public(host: str) -> bool:
    """Whether a host is a full name of the public kind: no address, no short name, no name of a private network."""
    return bool(_PUBLIC.fullmatch(host)) and host.rstrip(".").rsplit(".", 1)[-1].lower() not in _PRIVATE_ENDS


def is_literal(host: str) -> bool:
    """Whether a host is an address: no name for a handshake (RFC 6066 allows none), so nothing is sent for it."""
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def nameless_links(component: Component, links: Iterable[Link]) -> Iterator[Issue]:
    """An issue for each of its links, timers known, that speaks TLS to such a host without a name.

    None where its reader has said so.
    """
    if any(issue.kind == _KIND for issue in component.issues):
        return
    for link in links:
        host = link.target.host
        found = link.facts.get("connect.sni", ())
        if found and not link.unknown and _known_by_name(component, host) and all(f.limit == OFF for f in found):
            yield _issue(link, host)


def _known_by_name(component: Component, host: str) -> bool:
    """A public name; inside of a cluster one of two parts is a service and its namespace."""
    return is_public(host) and not (component.scope.startswith("k8s:") and host.rstrip(".").count(".") < 2)


def _issue(link: Link, host: str) -> Issue:
    fact = link.facts["connect.sni"][0]
    why = f" ({fact.because})" if fact.because else ""
    where = ((fact.span, f"{fact.setting} off"),) if fact.origin in ("written", "inherited") else ()
    return Issue(
        _KIND,
        fact.setting,
        "off",
        link.span,
        f"TLS to {host} does not name it in the handshake; {fact.setting} is off{why}",
        "connect.sni",
        where,
        f"have {fact.setting} name {host}",
        fact.source,
    )
