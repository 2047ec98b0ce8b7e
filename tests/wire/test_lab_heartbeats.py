"""Heartbeats of brokers and WebSockets through proxies: who is cut, who is told what, and which heartbeat saves it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.wire.lab.beats import HOLDERS, OPEN, WEBSOCKET, Held
from tests.wire.lab.brokers import EPMD, MOSQUITTO, RABBITMQ, Rabbit, rabbitmq
from tests.wire.lab.proof import Proof, named
from tests.wire.lab.tunnels import STREAMS, WEBSOCKETS, Tunnel
from tochain.reproduce.programs import Missing, Setup, find, free_port, running
from tochain.reproduce.servers import SERVERS

# Libraries leave the socket of a connection that was cut to the garbage collector.
LEFT = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
pytestmark = [pytest.mark.wire, pytest.mark.lab, LEFT]

TRIES = 20
LIMIT, WATCHED = 6.0, 10.0
"""The proxy's idle limit in seconds, and how long a connection is held; real limits are 60 s and more."""

SLACK = 2.0
"""Seconds a client on a busy machine may begin to count too late."""

LATE = 20
IN_TIME = {"amqp": 8, "stomp": 4, "mqtt": 3}
"""A heartbeat in seconds that keeps the connection: AMQP's frames come at half of it."""

BROKER_SAYS = {
    "amqp": r"client unexpectedly closed TCP connection",
    "mqtt": r"(?<!<unknown> )closed its connection",
}
"""A line of the broker's log of one that was cut; RabbitMQ says nothing of STOMP."""

CHOSEN = {("pika", "nginx"), ("pika", "haproxy"), ("stomp.py", "nginx"), ("paho", "haproxy tunnel")}


@pytest.fixture(scope="module")
def rabbit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rabbit]:
    """One RabbitMQ that nobody configured."""
    with _rabbit(tmp_path_factory.mktemp("rabbit"), "") as one:
        yield one


@pytest.fixture(scope="module")
def eager(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rabbit]:
    """One that proposes heartbeats which would keep every connection of these proofs."""
    with _rabbit(tmp_path_factory.mktemp("eager"), f"heartbeat = {IN_TIME['amqp']}\n") as one:
        yield one


@contextmanager
def _rabbit(folder: Path, settings: str) -> Iterator[Rabbit]:
    try:
        find(EPMD)
        find(RABBITMQ)
    except Missing as missing:
        pytest.skip(str(missing))
    with rabbitmq(folder, settings) as one:
        yield one


def cases() -> list:
    """Each library before each proxy; some only with everything."""
    pairs = [(library, proxy) for library in HOLDERS for proxy in STREAMS]
    heavy = {pair: [] if pair in CHOSEN else [pytest.mark.heavy] for pair in pairs}
    return [pytest.param(*pair, marks=[*heavy[pair], *_group(pair[0])]) for pair in pairs]


def _group(library: str) -> list[pytest.MarkDecorator]:
    """Proofs of one RabbitMQ belong to one worker."""
    return [] if library == "paho" else [pytest.mark.xdist_group("rabbitmq")]


@contextmanager
def broker(protocol: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[tuple[int, Path]]:
    """The broker of a protocol: its port and its log."""
    if protocol != "mqtt":
        one = request.getfixturevalue("rabbit")
        yield one.ports[protocol], one.log
        return
    port = free_port()
    with running(MOSQUITTO, Setup(folder, port, None)) as log:
        yield port, log


@pytest.mark.parametrize(("library", "proxy"), cases())
def test_a_proxy_cuts_a_connection_whose_heartbeat_is_late(
    proof: Proof, folder: Path, request: pytest.FixtureRequest, library: str, proxy: str
) -> None:
    """Without a heartbeat, and with one that is longer than the limit: half of the tries each."""
    holder, tunnel = HOLDERS[library], STREAMS[proxy]
    who = "mosquitto" if holder.protocol == "mqtt" else "rabbitmq"
    proof.of("heartbeat-later-than-idle", f"{library} none or {LATE} s -> {_limit(tunnel)} -> {who} {holder.protocol}")
    holder.version()
    proof.needs(tunnel.program, *((MOSQUITTO,) if who == "mosquitto" else (RABBITMQ, EPMD)))
    with broker(holder.protocol, folder, request) as (port, log), tunnel.opened(folder, port, LIMIT) as front:
        before = len(log.read_text())
        got = holder.together(front, [0, LATE] * (TRIES // 2), WATCHED)
        says = BROKER_SAYS.get(holder.protocol)
        lines = told(log, before, says, TRIES) if says else []
    saw = f"set to {LIMIT:g} s it cuts after {min(one.after for one in got):.1f} s: the client sees {got[0].outcome}"
    proof.saw(f"{saw}; the broker says {lines[0] if lines else 'nothing'!r}; {TRIES} tries")
    assert {one.outcome for one in got} == {got[0].outcome} != {OPEN}
    assert all(LIMIT - SLACK <= one.after < WATCHED - 0.5 for one in got)
    assert len(lines) == (TRIES if says else 0)
    proof.observed(tunnel.program.product, tunnel.setting, named(tunnel.program), saw, TRIES, f"{library} and {who}")


@pytest.mark.parametrize(("library", "proxy"), cases())
def test_a_heartbeat_in_time_keeps_the_connection(
    proof: Proof, folder: Path, request: pytest.FixtureRequest, library: str, proxy: str
) -> None:
    holder, tunnel = HOLDERS[library], STREAMS[proxy]
    who = "mosquitto" if holder.protocol == "mqtt" else "rabbitmq"
    beat = IN_TIME[holder.protocol]
    proof.of("heartbeat-later-than-idle mended", f"{library} {beat} s -> {_limit(tunnel)} -> {who} {holder.protocol}")
    holder.version()
    proof.needs(tunnel.program, *((MOSQUITTO,) if who == "mosquitto" else (RABBITMQ, EPMD)))
    with broker(holder.protocol, folder, request) as (port, _), tunnel.opened(folder, port, LIMIT) as front:
        got = holder.together(front, [beat] * TRIES, WATCHED)
    proof.saw(f"{got[0].outcome} after {WATCHED:g} s; {TRIES} tries")
    assert got == [Held(OPEN, WATCHED)] * TRIES


@pytest.mark.xdist_group("eager rabbitmq")
@pytest.mark.parametrize(
    ("library", "beat", "expected"),
    [
        ("pika", 0, "none at all"),
        ("aio-pika", 0, "none at all"),
        ("py-amqp", 0, "none at all"),
        ("pika", LATE, "its own"),
        ("aio-pika", LATE, "its own"),
        ("py-amqp", LATE, "the broker's"),
    ],
)
def test_what_a_client_makes_of_the_brokers_heartbeat(
    proof: Proof, folder: Path, eager: Rabbit, library: str, beat: int, expected: str
) -> None:
    """The broker's proposal would keep the connection; a client that does not take it is cut."""
    proposal, tunnel = IN_TIME["amqp"], STREAMS["nginx"]
    rule = "heartbeat-later-than-idle" + (" mended" if expected == "the broker's" else "")
    proof.of(rule, f"{library} {beat or 'none'} -> {_limit(tunnel)} -> rabbitmq that proposes {proposal} s")
    program = (library, HOLDERS[library].version())
    proof.needs(tunnel.program)
    with tunnel.opened(folder, eager.ports["amqp"], LIMIT) as front:
        got = HOLDERS[library].together(front, [beat] * TRIES, WATCHED)
    kept = {one.outcome == OPEN for one in got}
    saw = f"asks for {beat or 'none'} where the broker proposes {proposal} s: both beat at {expected}"
    proof.saw(f"{saw}; {got[0].outcome}; {TRIES} tries")
    assert kept == {expected == "the broker's"}
    proof.observed("amqp-clients", "(heartbeat choice)", program, saw, TRIES, f"rabbitmq, {beat} s", variant=library)


def told(log: Path, before: int, pattern: str, wanted: int) -> list[str]:
    """The broker's lines since then, without what differs from one to the next."""
    for _ in range(30):
        lines = [line for line in log.read_text(errors="replace")[before:].splitlines() if re.search(pattern, line)]
        if len(lines) >= wanted:
            break
        time.sleep(0.1)
    return [match[0] if (match := re.search(pattern, line)) else line for line in lines]


def _limit(tunnel: Tunnel) -> str:
    return f"{tunnel.program.product} {tunnel.setting} {LIMIT:g} s"


APP = """\
async def app(scope, receive, send):
    if scope["type"] != "websocket":
        return
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass
"""


@contextmanager
def chat(folder: Path, ping: int) -> Iterator[int]:
    """uvicorn with a WebSocket that says nothing but its pings."""
    (folder / "chat.py").write_text(APP)
    port = free_port()
    words = ["--host", "127.0.0.1", "--port", str(port), "--app-dir", str(folder), "--ws-ping-interval", str(ping)]
    with running(replace(SERVERS["uvicorn"], prepare=lambda setup: [*words, "chat:app"]), Setup(folder, port, None)):
        yield port


@pytest.mark.parametrize(
    ("rule", "own", "served"),
    [
        ("heartbeat-later-than-idle", LATE, LATE),
        ("heartbeat-later-than-idle mended", 2, 3600),
        ("heartbeat-later-than-idle mended", 0, 2),
    ],
)
@pytest.mark.parametrize("proxy", WEBSOCKETS)
def test_pings_of_either_end_keep_a_websocket(
    proof: Proof, folder: Path, proxy: str, rule: str, own: int, served: int
) -> None:
    tunnel = WEBSOCKETS[proxy]
    proof.of(rule, f"websockets ping {own or 'never'} -> {_limit(tunnel)} -> uvicorn ping {served}")
    WEBSOCKET.version()
    proof.needs(tunnel.program, SERVERS["uvicorn"])
    with ExitStack() as stack:
        port = stack.enter_context(chat(folder, served))
        front = stack.enter_context(tunnel.opened(folder, port, LIMIT))
        got = WEBSOCKET.together(front, [own] * TRIES, WATCHED)
    if rule.endswith("mended"):
        proof.saw(f"{got[0].outcome} after {WATCHED:g} s; {TRIES} tries")
        assert got == [Held(OPEN, WATCHED)] * TRIES
        return
    saw = f"set to {LIMIT:g} s it cuts after {min(one.after for one in got):.1f} s: the client sees {got[0].outcome}"
    proof.saw(f"{saw}; {TRIES} tries")
    assert {one.outcome for one in got} == {got[0].outcome} != {OPEN}
    assert all(LIMIT - SLACK <= one.after < WATCHED - 0.5 for one in got)
    against = "websockets and uvicorn"
    proof.observed(tunnel.program.product, tunnel.setting, named(tunnel.program), saw, TRIES, against)
