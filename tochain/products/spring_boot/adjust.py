"""What Spring Boot's properties mean together: graceful shutdown, and keep-alive before it had a limit of its own."""

from __future__ import annotations

from dataclasses import replace

from tochain.model.fact import HTTP2, Fact, Facts
from tochain.model.issue import Issue
from tochain.model.limit import Finite, seconds
from tochain.products.amend import amended, defaulted, first, text_of
from tochain.products.base import Site

__all__ = ["adjust", "issues"]

_SERVERS = ("tomcat", "jetty", "undertow", "netty")
_PHASE = "spring.lifecycle.timeout-per-shutdown-phase"
_GRACEFUL = "https://docs.spring.io/spring-boot/reference/web/graceful-shutdown.html"
_DRAIN = ("accept.drain", "lifecycle.drain")


def adjust(facts: Facts, site: Site) -> Facts:
    """The facts with the conditions applied; clients an application is given are left alone."""
    if site.product != "spring-boot" or site.side == "link":
        return facts
    done = dict(facts)
    _shutdown(done, site)
    if "accept.idle_close" not in done and "accept.header_read" in done:
        because = "before 2.5 an idle connection is closed by server.tomcat.connection-timeout"
        done["accept.idle_close"] = tuple(
            replace(f, timer="accept.idle_close", because=because) for f in done["accept.header_read"]
        )
    _http2(done, site)
    return done


def _http2(facts: Facts, site: Site) -> None:
    """Tomcat's HTTP/2 keeps 20 s of its own; the property reaches it since 2.5.11 and 2.6.5."""
    enabled, written = first(site, "server.http2.enabled"), first(site, "server.tomcat.keep-alive-timeout")
    if enabled is None or enabled.text.strip() != "true" or site.variant not in (None, "tomcat"):
        return
    late = [site.versions.surely_since(since) is False for since in ((2, 5, 11), (2, 6), (2, 6, 5))]
    if written is not None and not (late[0] or (not late[1] and late[2])):
        return
    because = "connections of HTTP/2 have a time of their own, which the property did not reach before 2.5.11 and 2.6.5"
    source = "https://github.com/spring-projects/spring-boot/issues/30267"
    fact = Fact(
        "accept.idle_close", seconds(20), "UpgradeProtocol keepAliveTimeout", "default", (written or enabled).span,
        source, because, HTTP2,
    )  # fmt: skip
    facts["accept.idle_close"] = (*facts.get("accept.idle_close", ()), fact)


def issues(facts: Facts, site: Site) -> tuple[Issue, ...]:
    """A time to shut down that does not count, because shutdown is immediate; properties of a server that does not run."""
    if site.product != "spring-boot" or site.side == "link":
        return ()
    return (*_of_other_servers(site), *_shutdown_cut(site))


def _of_other_servers(site: Site) -> tuple[Issue, ...]:
    """server.undertow.* where Tomcat is what the dependencies bring."""
    runs = site.variant or ("tomcat" if "tomcat" in site.traits else "")
    if runs not in _SERVERS:
        return ()
    return tuple(
        Issue("setting-without-effect", name, setting.text, setting.span, f"{name} has no effect: the server is {runs}")
        for name, found in site.settings.items()
        for setting in found[:1]
        if (parts := name.split("."))[0] == "server" and parts[1] in _SERVERS and parts[1] != runs
    )


def _shutdown_cut(site: Site) -> tuple[Issue, ...]:
    written = first(site, _PHASE)
    if written is None or not _immediate(site):
        return ()
    chosen = first(site, "server.shutdown")
    text = f"{_PHASE} {written.text} does not count for requests: server.shutdown is immediate"
    where = ((chosen.span, "immediate: running requests are cut at SIGTERM"),) if chosen is not None else ()
    return (
        Issue(
            "drain-without-effect",
            _PHASE,
            written.text,
            written.span,
            text,
            "lifecycle.drain",
            where,
            source=_GRACEFUL,
            called=(("server.shutdown", "immediate"),),
        ),
    )


def _immediate(site: Site) -> bool:
    chosen = text_of(site, "server.shutdown").lower()
    return chosen == "immediate" or (not chosen and site.versions.surely_since((3, 4)) is False)


def _shutdown(facts: Facts, site: Site) -> None:
    """The phase's timeout counts where shutdown is graceful; immediate cuts running requests at once."""
    for timer in _DRAIN:
        if text_of(site, "server.shutdown").lower() == "graceful":
            defaulted(facts, timer, Finite(30_000_000), "server.shutdown is graceful")
        elif _immediate(site):
            amended(facts, timer, lambda limit: Finite(0), "server.shutdown is immediate")
