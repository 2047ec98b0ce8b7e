"""What requestTimeout limits: an answer where it throws, else nothing; before 4.4 of the handler a silent socket."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.limit import NEVER, Unknown
from tochain.products.amend import amended, first, text_of
from tochain.products.base import Site

__all__ = ["adjust"]

_ONLY_WARNS = "requestTimeout only warns unless throwOnRequestTimeout is true"
_BEFORE = "before @smithy/node-http-handler 4.4 requestTimeout was the limit for a silent socket"


def adjust(facts: Facts, site: Site) -> Facts:
    """The request's limit where it is one."""
    out = dict(facts)
    throws = text_of(site, "throwOnRequestTimeout").lower()
    if first(site, "requestTimeout") is None or throws not in ("", "false", "off"):
        return out
    amended(out, "connect.request_total", lambda _: NEVER, _ONLY_WARNS)
    if first(site, "socketTimeout") is None:
        amended(out, "connect.read_stall", lambda _: Unknown(_BEFORE), _BEFORE)
    return out
