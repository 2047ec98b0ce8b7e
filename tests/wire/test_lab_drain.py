"""Stopping under load: what becomes of running requests and kept connections, and what a pause before it saves."""

from __future__ import annotations

import http.client
import os
import select
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.wire.lab.balancers import BALANCERS, balancer
from tests.wire.lab.proof import Proof, named
from tests.wire.lab.stops import STOPS, Stop
from tochain.reproduce.programs import Setup, free_port, started
from tochain.reproduce.race import ask

pytestmark = [pytest.mark.wire, pytest.mark.lab]

TRIES = 20
WORK, INTO = 5.0, 1.0
"""How long a request runs, and how far into it the server is told to stop."""
SOON = 1.0
"""What counts as at once on a busy machine, in seconds; the running requests need four times as long."""


@contextmanager
def serving(stop: Stop, folder: Path, words: tuple[str, ...] = ()) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A server that works on each request as long as its path says: its port and its process."""
    with ExitStack() as stack:
        lanes = []
        if stop.behind:  # nginx has nothing of its own that takes time
            lanes.append(stack.enter_context(serving(STOPS["gunicorn"], folder))[0])
        port, plain = free_port(), stop.program.prepare
        program = replace(stop.program, prepare=lambda setup: [*words, *plain(setup)]) if words else stop.program
        process, _ = stack.enter_context(started(program, Setup(folder, port, None, lanes), patience=60))
        yield port, process


@dataclass(slots=True)
class Kept:
    """A connection that was used once and is kept."""

    line: http.client.HTTPConnection

    def ends(self, patience: float) -> str:
        """What comes without being asked for within some seconds."""
        if self.line.sock is None:
            return "not kept"
        self.line.sock.settimeout(max(patience, 0.01))
        try:
            return "closed" if self.line.sock.recv(1) == b"" else "data"
        except TimeoutError:
            return "open"
        except ConnectionError:
            return "closed"

    def asked(self) -> str:
        """What one more request comes to."""
        if self.line.sock is None:
            return "not kept"
        try:
            self.line.request("GET", "/0")
            return str(self.line.getresponse().status)
        except (OSError, http.client.HTTPException):
            return "lost"


def kept(port: int) -> Kept:
    """A connection on which one request was answered."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    line.request("GET", "/0")
    line.getresponse().read()
    return Kept(line)


def outcomes(found: list[str]) -> str:
    """One outcome, or several with how often."""
    counts = Counter(found)
    return next(iter(counts)) if len(counts) == 1 else ", ".join(f"{name} ({n})" for name, n in sorted(counts.items()))


def work(port: int) -> str:
    """The outcome of one long request."""
    return "answered" if ask(port, f"/{round(WORK * 1000)}", "GET") == "200" else "lost"


PATIENT = {"hypercorn": ("--graceful-timeout", "30")}
"""Servers whose own drain is shorter than the requests here."""


@pytest.mark.parametrize("name", STOPS)
def test_what_a_server_that_is_told_to_stop_does_with_its_connections(proof: Proof, folder: Path, name: str) -> None:
    """Half of the idle connections are asked once more while the running requests still run."""
    stop = STOPS[name]
    word = f"{stop.word.name}{', ' if stop.how else ''}{stop.how}"
    proof.of("drain", f"{stop.program.product} on {word}")
    proof.needs(stop.own, *((STOPS["gunicorn"].program,) if stop.behind else ()))
    with serving(stop, folder, PATIENT.get(name, ())) as (port, process), ThreadPoolExecutor(TRIES) as pool:
        # unicorn has a worker for each of the requests and keeps no connection
        idle = [] if stop.program.product == "unicorn" else [kept(port) for _ in range(TRIES)]
        running = [pool.submit(work, port) for _ in range(TRIES)]
        time.sleep(INTO)
        process.send_signal(stop.word)
        told = time.monotonic()
        time.sleep(0.3)
        again = [one.asked() for one in idle[TRIES // 2 :]]
        left = [one.ends(told + SOON - time.monotonic()) for one in idle[: TRIES // 2]]
        results = [one.result() for one in running]
        process.wait(20)
        for one in idle:
            one.line.close()
    saw = f"running requests {outcomes(results)}"
    if idle:
        quiet = {"closed": "closed at once", "open": "kept while they run"}
        idle_saw = outcomes([quiet.get(one, one) for one in left])
        saw += f", idle connections {idle_saw}, a request on one {outcomes(again)}"
    proof.saw(f"{saw}; {TRIES} tries")
    assert len(set(results)) == 1
    program = named(stop.own)
    proof.observed(stop.program.product, "behaviour.stop", program, saw, TRIES, f"on {word}")


GRACEFUL = ("gunicorn", "uvicorn", "hypercorn", "node server.close", "go Shutdown", "puma", "nginx QUIT")
USED = 8.0
"""Seconds a caller uses its connection after the server was told."""
FIRST = 2.0
"""How long the request runs that makes a connection a busy one at the signal; less than the shortest drain."""


@pytest.mark.parametrize("name", GRACEFUL)
def test_what_becomes_of_connections_that_stay_in_use(proof: Proof, folder: Path, name: str) -> None:
    """As a proxy's pool does: one request after the other on each connection."""
    stop = STOPS[name]
    word = f"{stop.word.name}{', ' if stop.how else ''}{stop.how}, connections in use"
    proof.of("drain", f"{stop.program.product} on {word}")
    proof.needs(stop.own, *((STOPS["gunicorn"].program,) if stop.behind else ()))
    with serving(stop, folder) as (port, process), ThreadPoolExecutor(TRIES) as pool:
        busy = [kept(port) for _ in range(TRIES)]
        for one in busy:
            one.line.request("GET", f"/{round(FIRST * 1000)}")
        kept(port).line.close()  # came after them and is answered: the server has read them all
        early = select.select([one.line.sock for one in busy], [], [], 0)[0]
        assert not early, "answered before the signal: nothing is known of a connection that was idle then"
        process.send_signal(stop.word)
        until = time.monotonic() + USED
        found = list(pool.map(lambda one: used(one, until), busy))
    saw = f"connections in use {outcomes(found)}"
    proof.saw(f"{saw}; {TRIES} tries")
    assert len(set(found)) == 1
    proof.observed(stop.program.product, "behaviour.stop", named(stop.own), saw, TRIES, f"on {word}")


def used(one: Kept, until: float) -> str:
    """Whether a connection that waits for an answer lasts while one request follows the other on it."""
    try:
        one.line.getresponse().read()
        while time.monotonic() < until:
            if one.line.sock is None:
                return "closed"
            one.line.request("GET", "/200")
            one.line.getresponse().read()
    except (OSError, http.client.HTTPException):
        return "closed"
    finally:
        one.line.close()
    return "answered as long as they are used"


LIMITED = {
    "gunicorn": "--graceful-timeout",
    "uvicorn": "--timeout-graceful-shutdown",
    "hypercorn": "--graceful-timeout",
}


@pytest.mark.parametrize("name", LIMITED)
@pytest.mark.parametrize(
    ("rule", "drain", "grace", "expected"),
    [
        ("killed-before-drained", 15, 1, "lost"),
        ("killed-before-drained mended", 15, 16, "answered"),
        ("drain below the longest request", 1, 16, "lost"),
    ],
)
def test_a_server_that_is_given_less_time_than_its_requests_need_loses_them(
    proof: Proof, folder: Path, name: str, rule: str, drain: int, grace: int, expected: str
) -> None:
    long = WORK + 2
    proof.of(rule, f"{name} {LIMITED[name]} {drain} s, SIGKILL after {grace} s, requests of {long:g} s")
    proof.needs(STOPS[name].program)
    with (
        serving(STOPS[name], folder, (LIMITED[name], str(drain))) as (port, process),
        ThreadPoolExecutor(TRIES) as pool,
    ):
        running = [pool.submit(ask, port, f"/{round(long * 1000)}", "GET") for _ in range(TRIES)]
        time.sleep(INTO)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
        results = [one.result() for one in running]
    proof.saw(f"{outcomes(results)}; {TRIES} tries")
    assert ["answered" if one == "200" else "lost" for one in results] == [expected] * TRIES


LEARNS = 3.0
"""Seconds until the balancer has heard that a server leaves; in a cluster that is the way through API and controller."""
# Not Node: it goes on answering on connections that were busy when it was told, which may be all of a pool.
FOR_LOAD = ("gunicorn", "uvicorn", "hypercorn", "go Shutdown", "puma", "nginx QUIT")
CHOSEN = {("haproxy", "gunicorn"), ("haproxy", "uvicorn"), ("nginx", "go Shutdown")}
PAIRS = [
    pytest.param(one, other, marks=[] if (one, other) in CHOSEN else pytest.mark.heavy)
    for one in BALANCERS
    for other in FOR_LOAD
]


@pytest.mark.parametrize(("proxy", "name"), PAIRS)
@pytest.mark.parametrize(
    ("rule", "pause"), [("no-pause-before-stop", 0.0), ("no-pause-before-stop mended", LEARNS + 2.0)]
)
def test_a_pause_before_the_stop_saves_what_the_balancer_still_sends(
    proof: Proof, folder: Path, proxy: str, name: str, rule: str, pause: float
) -> None:
    """Two servers, one of which leaves under load: callers see failures, or none of them does."""
    stop = STOPS[name]
    proof.of(rule, f"{proxy} hears of it after {LEARNS:g} s -> {name}, pause {pause:g} s")
    proof.needs(BALANCERS[proxy].program, stop.own)
    with ExitStack() as stack:
        leaves, process = stack.enter_context(serving(stop, folder))
        stays, _ = stack.enter_context(serving(stop, folder))
        front = stack.enter_context(balancer(proxy, folder, [leaves, stays]))
        pool = stack.enter_context(ThreadPoolExecutor(TRIES + 1))
        until = time.monotonic() + 2 + max(LEARNS, pause) + 2
        callers = [pool.submit(calls, front.port, until) for _ in range(TRIES)]
        time.sleep(1)
        news = pool.submit(later, LEARNS, lambda: front.only(stays))
        time.sleep(pause)
        process.send_signal(stop.word)
        found = [one.result() for one in callers]
        news.result()
    sums: Counter[str] = sum(found, Counter())
    lost = sum(n for outcome, n in sums.items() if outcome != "200")
    what = " and ".join(sorted(set(sums) - {"200"}))
    proof.saw(f"{lost} of {sums.total()} requests lost{f' ({what})' if lost else ''}; {TRIES} callers")
    if pause:
        assert lost == 0
    else:
        assert lost and sums["200"]


def calls(port: int, until: float) -> Counter[str]:
    """What one caller gets: a request of a fifth of a second after the other."""
    found: Counter[str] = Counter()
    while time.monotonic() < until:
        found[ask(port, "/200", "GET")] += 1
        time.sleep(0.05)
    return found


def later(seconds: float, work) -> None:
    time.sleep(seconds)
    work()
