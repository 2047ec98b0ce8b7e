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
}
ADDED = {"nodejs-http": "server.keepAliveTimeoutBuffer"}
LATE = {"gunicorn": 1.2}
"""Seconds a server may be late because it looks only once a second."""

SERVED = [pytest.param(name, marks=[pytest.mark.heavy] if name == "nginx" else []) for name in SETTINGS]


def known(product: str, setting: str, version: str) -> float:
    """The default our facts have for a version, in seconds; 0 for a setting the product does not have."""
    facts = load(product)
    assert facts is not None
    told = parse_version(version)
    for row in facts.find(setting):
        steps = [step for step in row.defaults if step.since is None or (told and step.since <= told)]
        limit = parse_duration(steps[-1].value) if steps else None
        if isinstance(limit, Finite):
            return limit.amount / 1_000_000
    return 0.0


def closed_after(port: int) -> float:
    """Seconds from the end of an answer to the server's FIN."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.settimeout(120)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")
        got = b""
        while not got.endswith(b"ok\n"):
            got += connection.recv(65536)
        answered = time.monotonic()
        while connection.recv(65536):
            pass  # the last chunk of a chunked answer
        return time.monotonic() - answered


@pytest.mark.parametrize("product", SERVED)
def test_an_idle_connection_is_closed_when_the_facts_say(proof: Proof, folder: Path, product: str) -> None:
    proof.of("accept.idle_close default", product)
    proof.needs(SERVERS[product])
    program, port = named(SERVERS[product]), free_port()
    found: list[float] = []
    with running(SERVERS[product], Setup(folder, port, None)):
        threads = [threading.Thread(target=lambda: found.append(closed_after(port))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    saw = f"closes after {min(found):.1f} s"
    proof.saw(f"{saw} ({', '.join(f'{one:.2f}' for one in sorted(found))})")
    expected = known(product, SETTINGS[product], program[1]) + (
        known(product, ADDED[product], program[1]) if product in ADDED else 0
    )
    assert len(found) == 3
    assert expected - 0.1 <= min(found) <= expected + LATE.get(product, 0.6)
    proof.observed(product, SETTINGS[product], program, saw, 3)
