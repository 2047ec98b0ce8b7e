"""botocore's retry modes: the number of tries where nobody writes one."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import Finite
from tochain.products.amend import defaulted, text_of
from tochain.products.base import Site

__all__ = ["adjust"]

_TRIES = {"legacy": 5, "standard": 3, "adaptive": 3}


def adjust(facts: Facts, site: Site) -> Facts:
    """The tries of the mode that is written."""
    out = dict(facts)
    mode = (text_of(site, "retries.mode") or text_of(site, "AWS_RETRY_MODE")).lower()
    if mode in _TRIES:
        defaulted(out, "connect.attempts", Finite(_TRIES[mode]), f"retry mode {mode}")
    return out
