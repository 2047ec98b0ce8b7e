"""Idle reuse: what a client sees when the proxy keeps a connection longer than the server, and when it does not."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.wire.lab.proof import Proof, named
from tochain.reproduce.clients import CLIENTS
from tochain.reproduce.race import Attempt, told
from tochain.reproduce.servers import SERVERS
from tochain.reproduce.stage import METHODS, race

pytestmark = [pytest.mark.wire, pytest.mark.lab]

TRIES = 20
ROUNDS = 10
"""How often tries are made again that a busy machine was too late for."""
LONG, SHORT = 3.0, 1.0
"""The idle limits in seconds, one for each end; real ones are 60 times that and more."""

# What is proven in a few minutes: every proxy before nginx, nginx before every server.
CHOSEN = {*((proxy, "nginx") for proxy in CLIENTS), *(("nginx", server) for server in SERVERS)}
SHOWN_MENDED = {(proxy, "nginx") for proxy in ("nginx", "envoy", "haproxy", "caddy")}
QUICK = {*((proxy, "nginx") for proxy in ("nginx", "envoy", "haproxy")), ("nginx", "gunicorn"), ("nginx", "uvicorn")}


def marks(pair: tuple[str, str], chosen: set[tuple[str, str]]) -> list[pytest.MarkDecorator]:
    """In CI, when asked for, or only with everything."""
    return [pytest.mark.quick] if pair in QUICK & chosen else [] if pair in chosen else [pytest.mark.heavy]


PAIRS = [pytest.param(proxy, server, marks=marks((proxy, server), CHOSEN)) for proxy in CLIENTS for server in SERVERS]
MENDED = [
    pytest.param(proxy, server, marks=marks((proxy, server), SHOWN_MENDED)) for proxy in CLIENTS for server in SERVERS
]

LET_GO = {"haproxy": 0.5}
"""HAProxy has no idle limit of one connection: pool-purge-delay takes about three rounds to reach a lone one."""


def met(proxy: str, server: str, *, again: bool = False) -> dict[str, list[Attempt]]:
    """TRIES attempts of each method that met the window; those a busy machine was late for are made again."""
    found: dict[str, list[Attempt]] = {method: [] for method in METHODS}
    for _ in range(ROUNDS):
        missing = TRIES - min(map(len, found.values()))
        if missing <= 0:
            break
        for method, tried in race(CLIENTS[proxy], SERVERS[server], LONG, SHORT, missing, again=again).items():
            found[method] += [one for one in tried if one.met]
    return {method: tried[:TRIES] for method, tried in found.items()}


def outcomes(tried: list[Attempt]) -> str:
    """What all the attempts came to: one outcome, or several with how often."""
    counts = Counter(told(one) for one in tried)
    return (
        next(iter(counts))
        if len(counts) == 1
        else " or ".join(f"{name} ({n} of {len(tried)})" for name, n in sorted(counts.items()))
    )


@pytest.mark.parametrize(("proxy", "server"), PAIRS)
def test_a_proxy_that_keeps_longer_meets_the_closing(proof: Proof, proxy: str, server: str) -> None:
    proof.of("idle-reuse-race", f"{proxy} -> {server}")
    proof.needs(CLIENTS[proxy], SERVERS[server])
    tried = met(proxy, server)
    assert {method: len(ones) for method, ones in tried.items()} == dict.fromkeys(METHODS, TRIES)
    saw = ", ".join(f"{method} {outcomes(ones)}" for method, ones in tried.items())
    proof.saw(f"{saw}; {TRIES} tries each")
    proof.observed(proxy, "behaviour.stale_reuse", named(CLIENTS[proxy]), saw, TRIES, server)
    # Nothing but a proxy's own silent retry lets a request survive the closing of its connection.
    assert all(told(one) != "200" for ones in tried.values() for one in ones)
    assert all(told(one) != "200 after a silent retry" for one in tried["POST"])


@pytest.mark.parametrize(
    "proxy", [p if p in ("haproxy", "apache-httpd") else pytest.param(p, marks=pytest.mark.heavy) for p in CLIENTS]
)
def test_what_a_caller_sees_that_kept_its_own_connection(proof: Proof, proxy: str) -> None:
    """Some proxies close such a caller's connection instead of answering, and leave the repeating to it."""
    proof.of("idle-reuse-race", f"caller that pools -> {proxy} -> nginx")
    proof.needs(CLIENTS[proxy], SERVERS["nginx"])
    tried = met(proxy, "nginx", again=True)
    assert {method: len(ones) for method, ones in tried.items()} == dict.fromkeys(METHODS, TRIES)
    saw = ", ".join(f"{method} {outcomes(ones)}" for method, ones in tried.items())
    proof.saw(f"{saw}; {TRIES} tries each")
    against = "nginx for a caller that keeps its connection"
    proof.observed(proxy, "behaviour.stale_reuse", named(CLIENTS[proxy]), saw, TRIES, against)


@pytest.mark.parametrize(("proxy", "server"), MENDED)
def test_a_proxy_that_gives_up_first_never_does(proof: Proof, proxy: str, server: str) -> None:
    proof.of("idle-reuse-race mended", f"{proxy} -> {server}")
    proof.needs(CLIENTS[proxy], SERVERS[server])
    tried = race(CLIENTS[proxy], SERVERS[server], LET_GO.get(proxy, SHORT), LONG, TRIES)
    counts = Counter(told(one) for ones in tried.values() for one in ones)
    proof.saw(f"{counts.most_common()[0][0]}; {sum(counts.values())} tries")
    assert counts == {"200": 2 * TRIES}
    assert not any(one.met for ones in tried.values() for one in ones)
