"""Clients that hold one long connection: each with the heartbeat asked for, until it breaks or the time is over."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata

import pytest

OPEN = "open"


@dataclass(frozen=True, slots=True)
class Held:
    """What became of the connection: open, or what the client was told, and after how many seconds."""

    outcome: str
    after: float


Hold = Callable[[int, int, float], Held]
"""Connects to a port with a heartbeat in seconds (0: none) and holds for some seconds at most."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A client library: its protocol, its distribution and module, and what holds a connection."""

    protocol: str
    wheel: str
    module: str
    hold: Hold

    def version(self) -> str:
        """The version that is installed; the test is skipped, and says why, where it is missing."""
        pytest.importorskip(self.module, reason=f"{self.wheel} is not installed; install the wheel {self.wheel}")
        return metadata.version(self.wheel)

    def together(self, port: int, beats: Sequence[int], seconds: float) -> list[Held]:
        """What several connections at once come to, one for each of the heartbeats."""
        with ThreadPoolExecutor(len(beats)) as pool:
            return list(pool.map(lambda beat: self.hold(port, beat, seconds), beats))


def _until(seconds: float) -> Callable[[], float]:
    """Seconds that are left."""
    end = time.monotonic() + seconds
    return lambda: max(0.0, end - time.monotonic())


def pika_(port: int, beat: int, seconds: float) -> Held:
    import pika

    connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", port, heartbeat=beat))
    began, left = time.monotonic(), _until(seconds)
    try:
        while left():
            connection.process_data_events(min(1.0, left()))
    except pika.exceptions.AMQPError as error:
        return Held(type(error).__name__, time.monotonic() - began)
    connection.close()
    return Held(OPEN, seconds)


def amqp_(port: int, beat: int, seconds: float) -> Held:
    """py-amqp sends heartbeats when the program calls for them."""
    import amqp

    connection = amqp.Connection(f"127.0.0.1:{port}", heartbeat=beat)
    connection.connect()
    began, left = time.monotonic(), _until(seconds)
    while left():
        try:
            connection.drain_events(min(0.5, left()))
        except TimeoutError:
            pass
        except (OSError, amqp.exceptions.AMQPError) as error:
            connection.collect()
            return Held(type(error).__name__, time.monotonic() - began)
        if beat:
            connection.heartbeat_tick()
    connection.close()
    return Held(OPEN, seconds)


def aio_pika_(port: int, beat: int, seconds: float) -> Held:
    import aio_pika

    async def held() -> Held:
        connection = await aio_pika.connect(f"amqp://127.0.0.1:{port}/?heartbeat={beat}")
        began, told = time.monotonic(), asyncio.Event()
        seen: list[str] = []

        def closed(_: object, error: BaseException | None) -> None:
            seen.append(type(error).__name__)
            told.set()

        connection.close_callbacks.add(closed)
        try:
            await asyncio.wait_for(told.wait(), seconds)
        except TimeoutError:
            connection.close_callbacks.discard(closed)
            await connection.close()
            return Held(OPEN, seconds)
        return Held(seen[0], time.monotonic() - began)

    return asyncio.run(held())


def stomp_(port: int, beat: int, seconds: float) -> Held:
    import stomp

    gone = threading.Event()

    class Told(stomp.ConnectionListener):
        def on_disconnected(self) -> None:
            gone.set()

    connection = stomp.Connection(
        [("127.0.0.1", port)], heartbeats=(beat * 1000, beat * 1000), reconnect_attempts_max=1
    )
    connection.set_listener("told", Told())
    connection.connect("guest", "guest", wait=True)
    began = time.monotonic()
    if gone.wait(seconds):
        return Held("on_disconnected", time.monotonic() - began)
    connection.remove_listener("told")
    connection.disconnect()
    return Held(OPEN, seconds)


def paho_(port: int, beat: int, seconds: float) -> Held:
    import paho.mqtt.client as mqtt

    gone = threading.Event()
    told: list[str] = []

    def disconnected(client, userdata, flags, reason, properties) -> None:
        told.append(str(reason))
        gone.set()

    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
    client.on_disconnect = disconnected
    client.connect("127.0.0.1", port, keepalive=beat)
    client.loop_start()
    began = time.monotonic()
    if gone.wait(seconds):
        client.loop_stop()
        return Held(told[0], time.monotonic() - began)
    client.on_disconnect = None
    client.disconnect()
    client.loop_stop()
    return Held(OPEN, seconds)


def websockets_(port: int, beat: int, seconds: float) -> Held:
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.client import connect

    with connect(f"ws://127.0.0.1:{port}/", ping_interval=beat or None, proxy=None) as connection:
        began = time.monotonic()
        try:
            connection.recv(timeout=seconds)
        except TimeoutError:
            return Held(OPEN, seconds)
        except ConnectionClosed as error:
            code = error.rcvd.code if error.rcvd else 1006
            return Held(f"{type(error).__name__} {code}", time.monotonic() - began)
    return Held("a message", seconds)


HOLDERS = {
    "pika": Holder("amqp", "pika", "pika", pika_),
    "py-amqp": Holder("amqp", "amqp", "amqp", amqp_),
    "aio-pika": Holder("amqp", "aio-pika", "aio_pika", aio_pika_),
    "stomp.py": Holder("stomp", "stomp.py", "stomp", stomp_),
    "paho": Holder("mqtt", "paho-mqtt", "paho.mqtt.client", paho_),
}
"""By name."""

WEBSOCKET = Holder("websocket", "websockets", "websockets.sync.client", websockets_)
