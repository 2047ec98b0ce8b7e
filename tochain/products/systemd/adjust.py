"""What systemd's times mean by the kind of service: a oneshot is its own start, and runs never overlap."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Facts
from tochain.model.limit import NEVER
from tochain.products.amend import defaulted, text_of
from tochain.products.base import Site

__all__ = ["adjust"]

_START, _RUN = "lifecycle.startup", "schedule.duration"


def adjust(facts: Facts, site: Site) -> Facts:
    """The start of a oneshot is its whole run, without a limit unless one is written; RuntimeMaxSec does not count for it."""
    if text_of(site, "Type").lower() != "oneshot":
        return facts
    out = dict(facts)
    defaulted(out, _START, NEVER, "a oneshot may take any time to start")
    out[_RUN] = tuple(replace(fact, timer=_RUN) for fact in out.get(_START, ()))
    return out
