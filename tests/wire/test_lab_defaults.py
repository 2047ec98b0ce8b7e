"""Defaults measured: when a server that nobody configured closes an idle connection."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.wire.lab.proof import Proof, named
from tochain.model.limit import Finite, parse_duration
from tochain.model.version import parse_version
from tochain.products.facts import load
from tochain.reproduce.programs import Setup, free_port, running
from tochain.reproduce.servers import SERVERS

pytestmark = [pytest.mark.wire, pytest.mark.lab]

SETTINGS = {
    "nginx": "keepalive_timeout",
    "gunicorn": "keepalive",
    "uvicorn": "timeout_keep_alive",
    "hypercorn": "keep_alive_timeout",
    "nodejs-http": "server.keepAliveTimeout",
    "tomcat": "keepAliveTimeout",
    "go-net-http": "Server.IdleTimeout",
    "puma": "persistent_timeout",
}
FOLLOWS = {"tomcat": "connectionTimeout", "go-net-http": "Server.ReadTimeout"}
"""Where the default is that of another setting."""
ADDED = {"nodejs-http": "server.keepAliveTimeoutBuffer"}
LATE = {"gunicorn": 1.2, "tomcat": 1.6}
"""Seconds a server may be late because it looks only once a second."""
WATCHED = 90
"""Seconds after which a connection counts as never closed."""

TRIES = 20
ROUNDS = 4
"""How often it is measured again where a busy machine was late."""
LONG = ("nginx", "tomcat", "go-net-http", "puma")
SERVED = [pytest.param(name, marks=pytest.mark.heavy if name in LONG else pytest.mark.quick) for name in SETTINGS]


def known(product: str, setting: str, version: str) -> float | None:
    """The default our facts have for a version, in seconds; None for never."""
    facts = load(product)
    assert facts is not None
    told = parse_version(version)
    for row in facts.find(setting):
        steps = [step for step in row.defaults if step.since is None or (told and step.since <= told)]
        limit = parse_duration(steps[-1].value) if steps else None
        if isinstance(limit, Finite):
            return limit.amount / 1_000_000
    return None


def closed_after(port: int) -> float | None:
    """Seconds from the end of an answer to the server's FIN; None when none comes while we watch."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.settimeout(WATCHED)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")
        got = b""
        while not got.endswith(b"ok\n"):
            got += connection.recv(65536)
        answered = time.monotonic()
        try:
            while connection.recv(65536):
                pass  # the last chunk of a chunked answer
        except TimeoutError:
            return None
        return time.monotonic() - answered


@pytest.mark.parametrize("product", SERVED)
def test_an_idle_connection_is_closed_when_the_facts_say(proof: Proof, folder: Path, product: str) -> None:
    proof.of("accept.idle_close default", product)
    proof.needs(SERVERS[product])
    program, port = named(SERVERS[product]), free_port()
    expected = default(product, program[1])
    with running(SERVERS[product], Setup(folder, port, None)):
        for _ in range(ROUNDS):
            first = min((one for one in together(port) if one is not None), default=None)
            if right(first, expected, LATE.get(product, 0.6)):
                break
    saw = f"open after {WATCHED} s" if first is None else f"closes after {first:.1f} s"
    proof.saw(f"{saw}; {TRIES} tries")
    assert right(first, expected, LATE.get(product, 0.6)), f"the facts say {expected}"
    proof.observed(product, SETTINGS[product], program, saw, TRIES)


def default(product: str, version: str) -> float | None:
    """Seconds the facts have for a server nobody configured; None for never."""
    basic = known(product, FOLLOWS.get(product, SETTINGS[product]), version)
    return None if basic is None else basic + (known(product, ADDED.get(product, ""), version) or 0.0)


def together(port: int) -> list[float | None]:
    """What TRIES connections at once come to."""
    with ThreadPoolExecutor(TRIES) as pool:
        return list(pool.map(lambda _: closed_after(port), range(TRIES)))


def right(seen: float | None, expected: float | None, late: float) -> bool:
    """Whether a server closed when the facts say, but for what a clock that looks now and then is late."""
    if seen is None or expected is None:
        return seen == expected
    return expected - 0.1 <= seen <= expected + late
