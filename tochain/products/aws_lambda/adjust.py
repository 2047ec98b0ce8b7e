"""AWS Lambda: what the Serverless Framework sets where its file says nothing."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Facts
from tochain.model.limit import seconds
from tochain.products.base import Site

__all__ = ["adjust"]

_SOURCE = "https://www.serverless.com/framework/docs/providers/aws/guide/functions"


def adjust(facts: Facts, site: Site) -> Facts:
    """A function of the framework has 6 s, not Lambda's own 3 s, unless a timeout is written."""
    if "serverless" not in site.traits:
        return facts
    found = tuple(
        replace(fact, limit=seconds(6), because="the default of the Serverless Framework", source=_SOURCE)
        if fact.origin == "default"
        else fact
        for fact in facts.get("accept.request_total", ())
    )
    return {**facts, "accept.request_total": found} if found else facts
