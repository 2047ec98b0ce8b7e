"""Emissary's conditions: a retry policy without a number retries once; TCP keepalive is on when any part is set."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Fact, Facts
from tochain.model.limit import OFF, Finite, Word
from tochain.products.amend import first, followed, silence_counted
from tochain.products.base import Site

__all__ = ["adjust"]

_SOURCE = "https://github.com/emissary-ingress/emissary/issues/396"


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with Emissary's own conditions applied."""
    out = dict(facts)
    followed(out, "connect.attempt_total", "connect.request_total")
    silence_counted(out)
    tries = next(iter(out.get("connect.attempts", ())), None)
    if tries is not None and tries.origin == "default" and "retry_policy.retry_on" in site.settings:
        because = "a retry_policy without num_retries retries once"
        out["connect.attempts"] = (replace(tries, limit=Finite(2), because=because),)
    on = any(name.startswith("keepalive.") for name in site.settings)
    for part in ("time", "interval", "probes"):
        fact = next(iter(out.get(f"connect.tcp_keepalive_{part}", ())), None)
        if fact is not None and fact.origin == "default":
            out[fact.timer] = (replace(fact, limit=Word("kernel") if on else OFF),)
    _sni(out, site)
    return out


def _sni(out: Facts, site: Site) -> None:
    """Only where TLS is spoken there is a name to send, and without a TLSContext that has one none is."""
    tls = first(site, "tls")
    if tls is None:
        out.pop("connect.sni", None)
    elif "connect.sni" not in out and site.side == "link":
        because = "no TLSContext of the Mapping names the host"
        out["connect.sni"] = (Fact("connect.sni", OFF, "sni", "default", tls.span, _SOURCE, because),)
