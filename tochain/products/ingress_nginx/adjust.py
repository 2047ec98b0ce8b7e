"""ingress-nginx: what counts for a backend by its protocol, and a pool that is switched off."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import NEVER, OFF
from tochain.products.amend import amended, text_of
from tochain.products.base import Site
from tochain.products.kubenginx import of_stream

__all__ = ["adjust"]


def adjust(facts: Facts, site: Site) -> Facts:
    """gRPC is tried again without end, FastCGI has no pool, and none is kept where its size is 0."""
    if site.variant == "stream":
        return of_stream(facts)
    if site.protocol == "grpc":
        because = "grpc_next_upstream_tries is not written by the controller, proxy-next-upstream-tries has no effect"
        amended(facts, "connect.attempts", lambda limit: NEVER, because)
    if site.protocol == "fastcgi":
        amended(facts, "connect.idle_keep", lambda limit: OFF, "fastcgi_keep_conn is not written by the controller")
    if text_of(site, "upstream-keepalive-connections") == "0":
        amended(facts, "connect.idle_keep", lambda limit: OFF, "upstream-keepalive-connections is 0")
    return facts
