"""Envoy Gateway's conditions: retries by default number, keepalive by block, the smaller of two totals."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import Facts
from tochain.model.limit import OFF, Finite, Word
from tochain.products.amend import followed, silence_counted
from tochain.products.base import Site

__all__ = ["adjust"]

_RETRIES = 2


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with Envoy Gateway's own conditions applied."""
    out = dict(facts)
    followed(out, "connect.attempt_total", "connect.request_total")
    silence_counted(out, "client timeout.http.streamIdleTimeout")
    tries = next(iter(out.get("connect.attempts", ())), None)
    if (
        tries is not None
        and tries.origin == "default"
        and any(name.startswith("backend retry.") for name in site.settings)
    ):
        out["connect.attempts"] = (
            replace(tries, limit=Finite(_RETRIES + 1), because="retry without numRetries: 2 retries"),
        )
    for side, prefix in (("accept", "client tcpKeepalive."), ("connect", "backend tcpKeepalive.")):
        on = any(name.startswith(prefix) for name in site.settings)
        for part in ("time", "interval", "probes"):
            fact = next(iter(out.get(f"{side}.tcp_keepalive_{part}", ())), None)
            if fact is not None and fact.origin == "default":
                out[fact.timer] = (replace(fact, limit=Word("kernel") if on else OFF),)
    return out
