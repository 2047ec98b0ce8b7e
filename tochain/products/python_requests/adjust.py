"""requests' conditions: only a Session keeps connections, none with Connection: close; urllib3 by itself tries again."""

from __future__ import annotations

import re

from tochain.model.fact import Facts
from tochain.model.issue import Issue
from tochain.model.limit import OFF, Finite
from tochain.products.amend import amended, defaulted, first
from tochain.products.base import Site

__all__ = ["adjust", "issues"]

_POSTED = re.compile(r"[\"'](POST|PATCH)[\"']", re.IGNORECASE)
_METHODS = "https://urllib3.readthedocs.io/en/stable/reference/urllib3.util.html#urllib3.util.Retry"


def adjust(facts: Facts, site: Site) -> Facts:
    """No idle connections with requests.get() and its like; three retries with urllib3 alone."""
    out = dict(facts)
    if first(site, "no session") is not None and site.side == "link":
        amended(out, "connect.idle_keep", lambda _: OFF, "requests.get() and its like open a connection for each call")
    header = first(site, "Connection")
    if header is not None and header.text.lower() == "close" and site.side == "link":
        amended(out, "connect.idle_keep", lambda _: OFF, "Connection: close ends each connection with its answer")
    if site.variant == "urllib3":
        defaulted(out, "connect.attempts", Finite(4), "urllib3 by itself retries three times")
    return out


def issues(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """Retries that were let loose on methods that are not idempotent."""
    allowed = first(site, "allowed_methods")
    if allowed is None or not (_POSTED.search(allowed.text) or allowed.text.lower() in ("none", "false", "off")):
        return ()
    text = f"Retry with allowed_methods {allowed.text}: a POST the server may have done already is sent again"
    issue = Issue(
        "retry-of-non-idempotent", "allowed_methods", allowed.text, allowed.span, text, "connect.retry_condition",
        fix="leave POST and PATCH out", source=_METHODS,
    )  # fmt: skip
    return (issue,)
