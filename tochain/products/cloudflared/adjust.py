"""cloudflared's condition: the host of the service's URL is named in the handshake, which an address cannot be."""

from __future__ import annotations

from tochain.model.fact import Fact, Facts
from tochain.model.limit import OFF, Limit, Word
from tochain.products.amend import first
from tochain.products.base import Site
from tochain.products.nameless import ADDRESS

__all__ = ["adjust"]

_NAME = "originRequest.originServerName"
_SOURCE = "https://developers.cloudflare.com/cloudflare-one/connections/connect-networks/configure-tunnels/origin-configuration/"


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with the name of TLS to the origin."""
    out = dict(facts)
    tls = first(site, "tls")
    if tls is not None and "connect.sni" not in out:
        nameless = tls.text == ADDRESS
        because = "the service is an address, which is no name to send" if nameless else "the host of the service's URL"
        limit: Limit = OFF if nameless else Word("on")
        out["connect.sni"] = (Fact("connect.sni", limit, _NAME, "default", tls.span, _SOURCE, because),)
    return out
