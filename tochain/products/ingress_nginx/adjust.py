"""ingress-nginx: what counts for a backend by its protocol, and a pool that is switched off."""

from __future__ import annotations

from tochain.model.fact import Facts
from tochain.model.issue import Issue
from tochain.model.limit import NEVER, OFF
from tochain.products.amend import amended, first, text_of
from tochain.products.base import Site
from tochain.products.kubenginx import of_stream

__all__ = ["adjust", "issues"]

_POSTS = "https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/#retry-non-idempotent"


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


def issues(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """Tries that may do things twice: a POST that was already sent goes to the next pod."""
    if site.side != "link" or text_of(site, "proxy-next-upstream-tries") == "1":
        return ()
    wanted, always = first(site, "proxy-next-upstream"), first(site, "retry-non-idempotent")
    words = wanted.text.split() if wanted is not None else []
    if "off" in words:
        return ()
    said = wanted if "non_idempotent" in words else always if text_of(site, "retry-non-idempotent") == "true" else None
    if said is None:
        return ()
    text = f"{said.name} {said.text}: a POST that was already sent goes to the next pod as well"
    issue = Issue(
        "retry-of-non-idempotent", said.name, said.text, said.span, text, "connect.retry_condition",
        fix="leave non_idempotent out", source=_POSTS,
    )  # fmt: skip
    return (issue,)
