"""Idle reuse by client libraries: what the program that calls sees when its request crosses the closing."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.wire.lab.libraries import LIBRARIES
from tests.wire.lab.proof import Proof
from tochain.products.facts import load
from tochain.reproduce.programs import Missing, Setup, free_port, running
from tochain.reproduce.race import Attempt, attempt, told
from tochain.reproduce.relay import Relay
from tochain.reproduce.servers import SERVERS

pytestmark = [pytest.mark.wire, pytest.mark.lab]

TRIES = 20
ROUNDS = 6
IDLE = 1.0


def marks(library: str, server: str) -> list[pytest.MarkDecorator]:
    """In CI, when asked for, or only with everything."""
    if server != "nginx":
        return [pytest.mark.heavy]
    return [pytest.mark.quick] if library in ("requests", "aiohttp") else []


PAIRS = [pytest.param(library, server, marks=marks(library, server)) for library in LIBRARIES for server in SERVERS]


def crossed(library: str, server: str, folder: Path) -> dict[str, list[Attempt]]:
    """TRIES attempts of each method at least, those that met the window."""
    _, opened, _ = LIBRARIES[library]
    found: dict[str, list[Attempt]] = {"GET": [], "POST": []}
    port = free_port()
    with ExitStack() as stack:
        stack.enter_context(running(SERVERS[server], Setup(folder, port, IDLE)))
        relays = [stack.enter_context(Relay(port)) for _ in range(2 * TRIES)]
        lanes = stack.enter_context(opened([relay.port for relay in relays], folder))
        for _ in range(ROUNDS):
            threads = []
            for at, (relay, send) in enumerate(zip(relays, lanes, strict=True)):
                method = "GET" if at % 2 else "POST"
                work = lambda r=relay, s=send, m=method: found[m].append(attempt(r, s, m, IDLE))  # noqa: E731
                threads.append(threading.Thread(target=work, daemon=True))
                threads[-1].start()
                time.sleep(0.06)
            for thread in threads:
                thread.join(60)
            counts = [sum(one.met for one in ones) for ones in found.values()]
            if min(counts) >= TRIES or not any(counts):
                break
    return found


@pytest.mark.parametrize(("library", "server"), PAIRS)
def test_a_library_that_reuses_meets_the_closing(proof: Proof, folder: Path, library: str, server: str) -> None:
    proof.of("idle-reuse-race", f"{library} -> {server}")
    proof.needs(SERVERS[server])
    product, _, version = LIBRARIES[library]
    try:
        tried = crossed(library, server, folder)
    except Missing as missing:
        proof.skip(str(missing))
    said = {method: Counter(told(one) for one in ones if one.met) for method, ones in tried.items()}
    if not any(said.values()):
        by_hint(proof, product, (library, version()), tried, server)
        return
    saw = ", ".join(f"{method} {' or '.join(sorted(counts))}" for method, counts in said.items())
    tries = min(sum(counts.values()) for counts in said.values())
    proof.saw(f"{saw}; {tries} tries each")
    assert tries >= TRIES
    proof.observed(product, "(stale reuse)", (library, version()), saw, TRIES, server)


def by_hint(proof: Proof, product: str, program: tuple[str, str], tried: dict[str, list[Attempt]], server: str) -> None:
    """No request met the window: only a client that goes by the server's Keep-Alive hint lets go so early."""
    outcomes = {told(one) for ones in tried.values() for one in ones}
    saw = "lets an idle connection go as the server's Keep-Alive hint says"
    tries = min(map(len, tried.values()))
    proof.saw(f"{' or '.join(sorted(outcomes))}: {saw}; {tries} tries each")
    facts = load(product)
    assert outcomes == {"200"} and facts is not None
    assert [step.value for row in facts.find("(keep-alive hint)") for step in row.defaults] == ["on"]
    proof.observed(product, "(keep-alive hint)", program, saw, tries, server)
