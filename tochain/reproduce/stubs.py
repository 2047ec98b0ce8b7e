"""A pooling proxy and a keep-alive server in plain Python, for the ends of a hop nobody can look into.

Run as `python -m tochain.reproduce.stubs server PORT IDLE` or `... proxy PORT IDLE|never LANE...`.
"""

from __future__ import annotations

import http.client
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

__all__: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.answer(body)

    do_POST = do_GET  # noqa: N815

    def answer(self, body: bytes) -> None:
        self.reply(200, b"ok\n")

    def reply(self, status: int, text: bytes) -> None:
        self.wfile.write(b"HTTP/1.1 %d Told\r\nContent-Length: %d\r\n\r\n" % (status, len(text)) + text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Nothing: the relay tells the story."""


class _Proxy(_Handler):
    """Keeps one connection a lane, uses it until it was idle for `idle` seconds, and repeats nothing."""

    idle: ClassVar[float] = float("inf")
    lanes: ClassVar[list[int]] = []
    pool: ClassVar[dict[int, tuple[http.client.HTTPConnection, float]]] = {}
    lock: ClassVar[threading.Lock] = threading.Lock()

    def answer(self, body: bytes) -> None:
        lane = self.lanes[int(self.path.split("/")[1])]
        with self.lock:
            connection, since = self.pool.pop(lane, (None, 0.0))
        if connection is not None and time.monotonic() - since > self.idle:
            connection.close()
            connection = None
        connection = connection or http.client.HTTPConnection("127.0.0.1", lane, timeout=30)
        try:
            connection.request(self.command, self.path, body or None)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            self.reply(503, b"upstream connection failed\n")
            return
        with self.lock:
            self.pool[lane] = connection, time.monotonic()
        self.reply(answer.status, text)


def _main(words: list[str]) -> None:
    role, port, idle, *lanes = words
    handler: type[_Handler] = _Proxy if role == "proxy" else type("_Server", (_Handler,), {"timeout": float(idle)})
    if role == "proxy":
        _Proxy.idle = float("inf") if idle == "never" else float(idle)
        _Proxy.lanes = [int(lane) for lane in lanes]
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), handler)
    server.daemon_threads = True
    server.serve_forever()


if __name__ == "__main__":
    _main(sys.argv[1:])
