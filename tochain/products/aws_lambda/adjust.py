"""AWS Lambda: what the Serverless Framework sets where its file says nothing."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import seconds
from tochain.products.base import Site
from tochain.products.makers import Maker, made_by

__all__ = ["adjust"]

_MAKERS = {
    "serverless": Maker(
        "the default of the Serverless Framework",
        "https://www.serverless.com/framework/docs/providers/aws/guide/functions",
        {
            "accept.request_total": seconds(6),
        },
    ),
}


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with the maker's own defaults."""
    return made_by(facts, site, _MAKERS)
