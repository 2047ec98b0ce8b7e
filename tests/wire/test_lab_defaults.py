"""Defaults measured: when a server that nobody configured closes an idle connection."""

from __future__ import annotations

import socket
import threading
import time
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
LONG = ("nginx", "tomcat", "go-net-http", "puma")
SERVED = [pytest.param(name, marks=[pytest.mark.heavy] if name in LONG else []) for name in SETTINGS]


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
    found: list[float | None] = []
    with running(SERVERS[product], Setup(folder, port, None)):
        threads = [threading.Thread(target=lambda: found.append(closed_after(port))) for _ in range(TRIES)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(found) == TRIES
    first = min((one for one in found if one is not None), default=None)
    saw = f"open after {WATCHED} s" if first is None else f"closes after {first:.1f} s"
    proof.saw(f"{saw}; {TRIES} tries")
    expected = known(product, FOLLOWS.get(product, SETTINGS[product]), program[1])
    if expected is None or first is None:
        assert (expected, first) == (None, None)
    else:
        expected += (known(product, ADDED[product], program[1]) or 0.0) if product in ADDED else 0.0
        assert expected - 0.1 <= first <= expected + LATE.get(product, 0.6)
    proof.observed(product, SETTINGS[product], program, saw, TRIES)
