"""A TCP relay that lets every byte, FIN and RST arrive a fixed time later, and remembers what it saw."""

from __future__ import annotations

import heapq
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

__all__ = ["DELAY", "Event", "Relay"]

DELAY = 0.05
"""One way, in seconds: long enough that a request can be sent while the server's FIN is still on its way."""

Side = Literal["client", "server"]
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: on, 0 s; close() then sends RST


@dataclass(frozen=True, slots=True)
class Event:
    """What one side did, at the moment it left that side; it arrives `delay` later.

    `at` is time.monotonic(), `connection` counts from 0, `what` is open, data, FIN or RST; `text` is the first line.
    """

    at: float
    connection: int
    sender: Side
    what: Literal["open", "data", "FIN", "RST"]
    text: str = ""


@dataclass(slots=True, eq=False)
class _Pair:
    """Both sockets of one connection, and which direction has ended."""

    number: int
    ends: dict[Side, socket.socket]
    over: set[Side] = field(default_factory=set)
    heard: float = 0.0


class Relay:
    """Listens on 127.0.0.1 and forwards each connection to `target`, `delay` seconds late in both directions.

    With `forget` (seconds) it is a box that drops a flow nobody used for that long: "reset" answers what comes then
    with RST, "silent" lets it vanish. One thread; meant for small messages. `port` is where it listens.
    """

    def __init__(
        self,
        target: int,
        delay: float = DELAY,
        *,
        forget: float | None = None,
        forgotten: Literal["reset", "silent"] = "reset",
    ) -> None:
        self.events: list[Event] = []
        self.delay = delay
        self._target = target
        self._forget = forget
        self._forgotten = forgotten
        self._news = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._pairs: dict[int, tuple[_Pair, Side]] = {}
        self._due: list[tuple[float, int, _Pair, Side, bytes | None]] = []
        self._order = 0
        self._connections = 0
        self._stop = False
        self._poll = select.poll()
        self._poll.register(self._listener, select.POLLIN)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Ends the thread and closes every socket."""
        self._stop = True
        self._thread.join(5)
        self._listener.close()
        for pair, side in list(self._pairs.values()):
            pair.ends[side].close()

    def wait(self, wanted: Callable[[Event], bool], timeout: float) -> Event | None:
        """The first event that is wanted, as soon as there is one; None after `timeout` seconds."""
        with self._news:
            self._news.wait_for(lambda: any(wanted(event) for event in self.events), timeout)
            return next((event for event in self.events if wanted(event)), None)

    def _run(self) -> None:
        while not self._stop:
            for handle, flags in self._poll.poll(self._pause()):
                if handle == self._listener.fileno():
                    self._accept()
                elif handle in self._pairs:
                    self._heard(*self._pairs[handle], flags)
            self._deliver()

    def _pause(self) -> float:
        left = (self._due[0][0] - time.monotonic()) * 1000 if self._due else 100.0
        return min(max(left, 0.0), 100.0)

    def _accept(self) -> None:
        client, _ = self._listener.accept()
        try:
            server = socket.create_connection(("127.0.0.1", self._target), 5)
        except OSError:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            client.close()
            return
        pair = _Pair(self._connections, {"client": client, "server": server}, heard=time.monotonic())
        self._connections += 1
        sides: tuple[Side, Side] = ("client", "server")
        for side in sides:
            end = pair.ends[side]
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end.settimeout(5)
            self._pairs[end.fileno()] = pair, side
            self._poll.register(end, select.POLLIN)
        self._note(pair, "client", "open")

    def _heard(self, pair: _Pair, side: Side, flags: int) -> None:
        """One end did something: it goes into the queue for the other end."""
        end = pair.ends[side]
        if side in pair.over:  # its FIN was seen: what can still come is a reset, or the end of both directions
            if flags & select.POLLERR:
                self._note(pair, side, "RST")
                self._queue(pair, side, None)
            self._drop(pair, side)
            return
        try:
            data = end.recv(65536)
        except OSError:
            self._note(pair, side, "RST")
            self._queue(pair, side, None)
            self._drop(pair, side)
            return
        if self._late(pair, data, side):
            return
        if data:
            self._note(pair, side, "data", data.split(b"\r\n", 1)[0].decode("latin-1")[:100])
        else:
            pair.over.add(side)
            self._poll.modify(end, 0)
            self._note(pair, side, "FIN")
        self._queue(pair, side, data)

    def _late(self, pair: _Pair, data: bytes, side: Side) -> bool:
        """Whether the flow was forgotten before this came; the box then answers for itself or not at all."""
        now = time.monotonic()
        forgotten = self._forget is not None and now - pair.heard > self._forget
        if not forgotten:
            pair.heard = now
            return False
        if data:
            self._note(pair, side, "data", data.split(b"\r\n", 1)[0].decode("latin-1")[:100])
        if self._forgotten == "reset":
            self._reset(pair, side)
        elif not data:
            self._drop(pair, side)
        return True

    def _note(self, pair: _Pair, side: Side, what: Literal["open", "data", "FIN", "RST"], text: str = "") -> None:
        with self._news:
            self.events.append(Event(time.monotonic(), pair.number, side, what, text))
            self._news.notify_all()

    def _queue(self, pair: _Pair, side: Side, data: bytes | None) -> None:
        self._order += 1
        heapq.heappush(self._due, (time.monotonic() + self.delay, self._order, pair, side, data))

    def _deliver(self) -> None:
        while self._due and self._due[0][0] <= time.monotonic():
            _, _, pair, sender, data = heapq.heappop(self._due)
            receiver: Side = "server" if sender == "client" else "client"
            end = pair.ends[receiver]
            if end.fileno() < 0:
                continue
            try:
                if data is None:
                    self._reset(pair, receiver)
                elif data:
                    end.sendall(data)
                else:
                    end.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # the receiver has gone: its reset is heard on its own socket

    def _reset(self, pair: _Pair, side: Side) -> None:
        if pair.ends[side].fileno() >= 0:
            pair.ends[side].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._drop(pair, side)

    def _drop(self, pair: _Pair, side: Side) -> None:
        end = pair.ends[side]
        if end.fileno() >= 0:
            self._poll.unregister(end)
            del self._pairs[end.fileno()]
            end.close()
