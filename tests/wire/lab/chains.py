"""nginx in any form, and an origin that counts what it begins and what it finishes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from tochain.reproduce.programs import Setup, free_port, running
from tochain.reproduce.servers import SERVERS

HEAD = """\
daemon off; master_process off; pid PORT.pid; error_log stderr info;
events { worker_connections 512; }
http {
  access_log PORT-access.log; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u;
  scgi_temp_path s;
"""


@contextmanager
def nginx(folder: Path, text: str) -> Iterator[int]:
    """nginx with the text inside its http block; PORT in it is where it listens, which is what is yielded."""
    port = free_port()
    path = folder / f"{port}.conf"
    path.write_text((HEAD + text + "\n}\n").replace("PORT", str(port)))
    words = ["-p", str(folder), "-c", str(path), "-e", "stderr"]
    with running(replace(SERVERS["nginx"], prepare=lambda setup: words), Setup(folder, port, None)):
        yield port


def proxy(target: int, settings: str = "", name: str = "") -> str:
    """A server block that passes everything on and says who it is."""
    return (
        f"server {{ listen 127.0.0.1:PORT; add_header X-By-{name or 'proxy'} $upstream_status always;\n"
        f"  location / {{ proxy_pass http://127.0.0.1:{target}; {settings} }} }}"
    )


@dataclass(slots=True)
class Origin:
    """Works for a while on each request, then answers; goes on when nobody waits any more."""

    work: float
    status: int = 200
    begun: int = 0
    finished: int = 0
    unheard: int = 0
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def serve(self, one: socket.socket) -> None:
        """One connection, one request."""
        with one, suppress(ConnectionError):
            got = b""
            while b"\r\n\r\n" not in got:
                data = one.recv(65536)
                if not data:
                    return
                got += data
            with self.lock:
                self.begun += 1
            time.sleep(self.work)
            gone = _gone(one)
            with self.lock:
                self.finished += 1
                self.unheard += gone
            if not gone:
                one.sendall(b"HTTP/1.1 %d Told\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % self.status)


def _gone(one: socket.socket) -> bool:
    """Whether the other end has closed while we worked."""
    one.setblocking(False)
    try:
        return one.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        one.setblocking(True)


@contextmanager
def origin(work: float, status: int = 200) -> Iterator[Origin]:
    """The origin while it listens."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    made = Origin(work, status, port=listener.getsockname()[1])

    def accept() -> None:
        while True:
            try:
                one, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=made.serve, args=(one,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield made
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def together(work, tries: int) -> list:
    """What each of several calls at once returns."""
    found: list = []
    threads = [threading.Thread(target=lambda: found.append(work())) for _ in range(tries)]
    for thread in threads:
        thread.start()
        time.sleep(0.02)
    for thread in threads:
        thread.join()
    return found
