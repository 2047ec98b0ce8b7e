"""A box between the ends forgets an idle flow: what the next request comes to, and what keeps the flow known."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.wire.lab.box import FORGET, answering, asks, box
from tests.wire.lab.proof import Proof
from tochain.reproduce.relay import Relay

pytestmark = [pytest.mark.wire, pytest.mark.lab]

IDLE = 6.0
TRIES = 20
RELAY_FORGETS, QUIET = 2.0, 4.0
DROP = "ct state invalid drop"
RESET = "ct state invalid reject with tcp reset"


@pytest.mark.parametrize(
    ("rule", "verdict", "alive", "expected"),
    [
        ("flow-forgotten-before-keepalive", DROP, 0, "no answer"),
        ("flow-forgotten-before-keepalive", RESET, 0, "reset"),
        ("flow-forgotten-before-keepalive mended", DROP, 2, "answered"),
        pytest.param("keepalive-later-than-flow", DROP, 5, "no answer", marks=pytest.mark.heavy),
        pytest.param("keepalive-later-than-flow mended", RESET, 2, "answered", marks=pytest.mark.heavy),
    ],
)
def test_conntrack_forgets_an_idle_flow(proof: Proof, rule: str, verdict: str, alive: int, expected: str) -> None:
    proof.of(rule, f"conntrack {FORGET} s, {verdict.rpartition('invalid ')[2]}, TCP keepalive {alive or 'off'}")
    with box(verdict) as (client, server), answering(server):
        outcomes = together(lambda: asks(client, IDLE, alive))
    proof.saw(f"{outcomes[0]} after {IDLE:g} s; {TRIES} tries")
    assert outcomes == [expected] * TRIES


def together(work: Callable[[], str]) -> list[str]:
    """The outcomes of TRIES clients at once."""
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(work())) for _ in range(TRIES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.quick
@pytest.mark.parametrize(
    ("rule", "forgotten", "beat", "expected"),
    [
        ("flow-forgotten-before-keepalive", "reset", 0.0, "reset"),
        ("flow-forgotten-before-keepalive", "silent", 0.0, "no answer"),
        ("heartbeat-later-than-flow mended", "silent", 0.3, "answered"),
        ("heartbeat-later-than-flow", "reset", 3.0, "reset"),
    ],
)
def test_a_box_in_user_space(proof: Proof, folder: Path, rule: str, forgotten, beat: float, expected: str) -> None:
    """Without root: a relay that forgets. TCP keepalive ends at such a relay, so only an application's beats help."""
    proof.of(rule, f"relay {RELAY_FORGETS:g} s, {forgotten}, heartbeat {beat or 'off'}")
    with closing(socket.create_server(("127.0.0.1", 0), backlog=64)) as listener:
        threading.Thread(target=_echo, args=(listener,), daemon=True).start()
        with Relay(listener.getsockname()[1], 0.0, forget=RELAY_FORGETS, forgotten=forgotten) as relay:
            outcomes = together(lambda: _second(relay.port, beat))
    proof.saw(f"{outcomes[0]}; {TRIES} tries")
    assert outcomes == [expected] * TRIES


def _echo(listener: socket.socket) -> None:
    def serve(one: socket.socket) -> None:
        with one:
            try:
                while data := one.recv(100):
                    one.sendall(data)
            except OSError:
                return

    while True:
        try:
            one, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=serve, args=(one,), daemon=True).start()


def _second(port: int, beat: float) -> str:
    """What the request after four quiet seconds comes to; with a beat the seconds are not quiet."""
    with socket.create_connection(("127.0.0.1", port), 5) as one:
        one.settimeout(2)
        try:
            pauses = [0.0, *([beat] * int(QUIET / beat) if beat else [QUIET])]
            for pause in pauses:
                time.sleep(pause)
                one.sendall(b"x")
                one.recv(1) or _closed()
        except TimeoutError:
            return "no answer"
        except ConnectionError:
            return "reset"
    return "answered"


def _closed() -> None:
    raise ConnectionError("closed")
