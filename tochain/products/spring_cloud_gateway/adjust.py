"""Spring Cloud Gateway's conditions: the Retry filter without a number tries three times more."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Facts
from tochain.model.issue import Issue
from tochain.model.limit import Finite
from tochain.products.base import Site

__all__ = ["adjust", "issues"]

_FILTER = "https://docs.spring.io/spring-cloud-gateway/reference/spring-cloud-gateway/gatewayfilter-factories/retry-factory.html"

_RETRIES = 3


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with the number of tries of a Retry filter that names none."""
    tries = next(iter(facts.get("connect.attempts", ())), None)
    if tries is None or tries.origin != "default" or "Retry" not in site.settings:
        return facts
    because = "the Retry filter without retries: 3 of them"
    return {**facts, "connect.attempts": (replace(tries, limit=Finite(_RETRIES + 1), because=because),)}


def issues(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """A Retry filter whose methods include such as may do things twice; by itself it repeats GET alone."""
    return tuple(
        Issue(
            "retry-of-non-idempotent", methods.name, methods.text, methods.span,
            f"the Retry filter repeats {methods.text}: what the server may have done already is asked for again",
            "connect.retry_condition", fix="leave POST and PATCH out", source=_FILTER,
        )
        for methods in site.settings.get("Retry.methods", ())
        if {"POST", "PATCH"} & {word.strip().upper() for word in methods.text.split(",")}
    )  # fmt: skip
