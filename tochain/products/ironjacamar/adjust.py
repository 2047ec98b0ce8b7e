"""IronJacamar's condition: connections are looked at in the background only where that is switched on."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import OFF, seconds
from tochain.products.amend import amended, defaulted, text_of
from tochain.products.base import Site

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """No pause without background-validation; the default one with it."""
    out = dict(facts)
    if text_of(site, "background-validation") == "true":
        defaulted(out, "connect.ping_interval", seconds(60), "background-validation is on")
    else:
        amended(out, "connect.ping_interval", lambda _: OFF, "background-validation is not on")
    return out
