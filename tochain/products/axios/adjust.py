"""axios uses the agent it is given: without one Node's own, with one what that agent says."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Fact, Facts
from tochain.model.issue import Issue
from tochain.model.limit import NEVER, OFF, Limit, OneOf, Unknown, Word, seconds
from tochain.model.version import parse_versions
from tochain.products.amend import amended, defaulted, first, text_of
from tochain.products.base import Site
from tochain.products.values import read_value

__all__ = ["adjust", "issues"]

_RETRY = "https://github.com/softonic/axios-retry#options"
_CONDITIONS = ("isNetworkError", "isRetryableError", "isIdempotentRequestError", "isNetworkOrIdempotentRequestError")
"""What axios-retry brings along; none of them repeats a request whose time is over."""


def adjust(facts: Facts, site: Site) -> Facts:
    """The idle time of pooled sockets when the code hands over an agent."""
    out = dict(facts)
    _retried(out, site)
    made = first(site, "new Agent")
    if "connect.idle_keep" not in out:
        return out
    if made is None:
        return _global_agent(out, site)
    keep = first(site, "Agent.keepAlive")
    timeout = first(site, "Agent.timeout")
    if text_of(site, "Agent.keepAlive") != "true":
        limit: Limit = OFF
        because = "an Agent made without keepAlive: true opens a connection for each request"
    elif timeout is None:
        limit, because = NEVER, "an Agent made with keepAlive: true and no timeout keeps idle sockets"
    else:
        limit, because = timeout.limit or _read(timeout.text), ""
    if limit == NEVER:
        amended(
            out, "connect.honours_hint", lambda _: OFF, "a hint only shortens the agent's own timeout, and it has none"
        )
    fact: Fact = out["connect.idle_keep"][0]
    place = timeout or keep or made
    out["connect.idle_keep"] = (
        replace(fact, limit=limit, setting="Agent.timeout", span=place.span, origin="written", because=because),
    )
    return out


def _retried(out: Facts, site: Site) -> None:
    """axios-retry by itself tries nothing again whose time is over, so the tries share that time as they should."""
    retries = first(site, "retries")
    condition = text_of(site, "retryCondition").rpartition(".")[2]
    if retries is None or (condition and condition not in _CONDITIONS):
        return
    because = "axios-retry does not repeat a request whose time is over"
    fact = Fact(
        "connect.retry_condition", Word("no-timeouts"), "retryCondition", "default", retries.span, _RETRY, because
    )
    out["connect.retry_condition"] = (fact,)


def issues(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """A condition under which axios-retry sends a POST again that may have been done."""
    condition = first(site, "retryCondition")
    if condition is None or not (condition.text == "true" or condition.text.endswith("isRetryableError")):
        return ()
    text = f"axios-retry with retryCondition {condition.text}: a POST the server may have done already is sent again"
    issue = Issue(
        "retry-of-non-idempotent", "retryCondition", condition.text, condition.span, text, "connect.retry_condition",
        fix="keep isNetworkOrIdempotentRequestError", source=_RETRY,
    )  # fmt: skip
    return (issue,)


def _global_agent(facts: Facts, site: Site) -> Facts:
    """Node's own agent keeps connections since 19 only."""
    version = parse_versions(text_of(site, "runtime version"))
    since = version.surely_since((19,))
    if since is None:
        defaulted(facts, "connect.idle_keep", OneOf((OFF, seconds(5))), "5s since Node 19, no keep-alive before")
    elif not since:
        defaulted(facts, "connect.idle_keep", OFF, "no keep-alive without an agent before Node 19")
    return facts


def _read(text: str) -> Limit:
    try:
        return read_value(text, "ms")
    except ValueError as error:
        return Unknown(str(error))
