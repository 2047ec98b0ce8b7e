"""Client libraries that pool, each as a function that sends one request and says the outcome."""

from __future__ import annotations

import asyncio
import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib import metadata
from pathlib import Path

import pytest

from tochain.reproduce.programs import Program, find, free_port, running

Send = Callable[[str], str]
Opened = Iterator[list[Send]]

BODY = b"x=1"

NODE = """\
const http = require("http");
const agents = LANES.map(() => new http.Agent({keepAlive: true}));
const byAgent = (method, at) => new Promise((done) => {
  const request = http.request({host: "127.0.0.1", port: LANES[at], method, path: "/", agent: agents[at],
    headers: method === "POST" ? {"content-length": 3} : {}}, (answer) => {
    answer.resume(); answer.on("end", () => done(String(answer.statusCode)));
  });
  request.on("error", (error) => done(error.code));
  request.end(method === "POST" ? "x=1" : undefined);
});
const sent = (method) => ({method, body: method === "POST" ? "x=1" : undefined});
const byFetch = (method, at) => fetch(`http://127.0.0.1:${LANES[at]}/`, sent(method))
  .then((answer) => answer.text().then(() => String(answer.status)), (error) => error.cause?.code ?? String(error));
http.createServer((request, response) => {
  const [, way, method, at] = request.url.split("/");
  (way === "agent" ? byAgent : byFetch)(method, Number(at)).then((outcome) => response.end(outcome));
}).listen(PORT, "127.0.0.1");
"""


@contextmanager
def requests_(ports: list[int], folder: Path) -> Opened:
    requests = pytest.importorskip("requests")
    open_ones = ExitStack()

    def lane(port: int) -> Send:
        session = open_ones.enter_context(requests.Session())
        session.trust_env = False

        def send(method: str) -> str:
            try:
                return str(
                    session.request(
                        method, f"http://127.0.0.1:{port}/", data=BODY if method == "POST" else None
                    ).status_code
                )
            except requests.RequestException as error:
                return type(error).__name__

        return send

    with open_ones:
        yield [lane(port) for port in ports]


@contextmanager
def urllib3_(ports: list[int], folder: Path) -> Opened:
    urllib3 = pytest.importorskip("urllib3")
    open_ones = ExitStack()

    def lane(port: int) -> Send:
        pool = open_ones.enter_context(urllib3.HTTPConnectionPool("127.0.0.1", port))

        def send(method: str) -> str:
            try:
                return str(pool.request(method, "/", body=BODY if method == "POST" else None).status)
            except urllib3.exceptions.HTTPError as error:
                return type(error).__name__

        return send

    with open_ones:
        yield [lane(port) for port in ports]


@contextmanager
def httpx_(ports: list[int], folder: Path) -> Opened:
    httpx = pytest.importorskip("httpx")
    open_ones = ExitStack()

    def lane(port: int) -> Send:
        client = open_ones.enter_context(httpx.Client(trust_env=False))

        def send(method: str) -> str:
            try:
                return str(
                    client.request(
                        method, f"http://127.0.0.1:{port}/", content=BODY if method == "POST" else None
                    ).status_code
                )
            except httpx.HTTPError as error:
                return type(error).__name__

        return send

    with open_ones:
        yield [lane(port) for port in ports]


@contextmanager
def aiohttp_(ports: list[int], folder: Path) -> Opened:
    aiohttp = pytest.importorskip("aiohttp")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def opened():
        return [aiohttp.ClientSession() for _ in ports]

    async def closed(sessions):
        for session in sessions:
            await session.close()

    def waited(work):
        return asyncio.run_coroutine_threadsafe(work, loop).result(30)

    async def one(session, port: int, method: str) -> str:
        try:
            async with session.request(
                method, f"http://127.0.0.1:{port}/", data=BODY if method == "POST" else None
            ) as answer:
                await answer.read()
                return str(answer.status)
        except aiohttp.ClientError as error:
            return type(error).__name__

    sessions = waited(opened())
    try:
        yield [lambda method, s=s, p=p: waited(one(s, p, method)) for s, p in zip(sessions, ports, strict=True)]
    finally:
        waited(closed(sessions))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def _node(way: str):
    @contextmanager
    def opened(ports: list[int], folder: Path) -> Opened:
        from http.client import HTTPConnection

        path = folder / "client.js"

        def prepare(setup):
            path.write_text(NODE.replace("LANES", json.dumps(ports)).replace("PORT", str(setup.port)))
            return [str(path)]

        program = Program("node", ("node", "nodejs"), "nodejs", ("--version",), prepare)
        from tochain.reproduce.programs import Setup

        port = free_port()

        def lane(at: int) -> Send:
            def send(method: str) -> str:
                connection = HTTPConnection("127.0.0.1", port, timeout=30)
                try:
                    connection.request("GET", f"/{way}/{method}/{at}")
                    return connection.getresponse().read().decode()
                finally:
                    connection.close()

            return send

        with running(program, Setup(folder, port, None)):
            yield [lane(at) for at in range(len(ports))]

    return opened


def _wheel(name: str) -> Callable[[], str]:
    return lambda: metadata.version(name)


def node_version() -> str:
    program = Program("node", ("node", "nodejs"), "nodejs", ("--version",), lambda setup: [])
    return subprocess.run(
        [find(program), "-p", "process.versions.node"], capture_output=True, text=True, check=True
    ).stdout.strip()


def undici_version() -> str:
    program = Program("node", ("node", "nodejs"), "nodejs", ("--version",), lambda setup: [])
    return subprocess.run(
        [find(program), "-p", "process.versions.undici"], capture_output=True, text=True, check=True
    ).stdout.strip()


LIBRARIES = {
    "requests": ("python-requests", requests_, _wheel("requests")),
    "urllib3": ("python-requests", urllib3_, _wheel("urllib3")),
    "httpx": ("httpx", httpx_, _wheel("httpx")),
    "aiohttp": ("aiohttp-client", aiohttp_, _wheel("aiohttp")),
    "node": ("node-http-agent", _node("agent"), node_version),
    "undici": ("undici", _node("fetch"), undici_version),
}
"""By name: the product whose facts it is, what opens lanes, and what tells the version."""
