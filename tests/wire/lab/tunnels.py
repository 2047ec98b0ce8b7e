"""Proxies that hand bytes on and cut a connection that is silent for too long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.wire.lab.chains import nginx, proxy
from tochain.reproduce.clients import CLIENTS
from tochain.reproduce.programs import Program, Setup, free_port, running

STREAM = """\
daemon off; master_process off; pid {port}.pid; error_log stderr info;
events {{ worker_connections 512; }}
stream {{ server {{ listen 127.0.0.1:{port}; proxy_pass 127.0.0.1:{target}; proxy_timeout {idle:g}s; }} }}
"""
HAPROXY = """\
global
  nbthread 1
defaults
  mode {mode}
  log stderr format raw local0 info
  option {mode}log
  timeout connect 5s
{timers}
listen tunnel
  bind 127.0.0.1:{port}
  server one 127.0.0.1:{target}
"""
BOTH = "  timeout client {idle:g}s\n  timeout server {idle:g}s\n"
TUNNEL = "  timeout client 60s\n  timeout server 60s\n  timeout tunnel {idle:g}s\n"
UPGRADE = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"


@dataclass(frozen=True, slots=True)
class Tunnel:
    """A proxy with one idle limit: the program, its setting, and what starts it for a target and seconds."""

    program: Program
    setting: str
    opened: Callable[[Path, int, float], AbstractContextManager[int]]


@contextmanager
def _stream(folder: Path, target: int, idle: float) -> Iterator[int]:
    port = free_port()
    path = folder / f"{port}.conf"
    path.write_text(STREAM.format(port=port, target=target, idle=idle))
    words = ["-p", str(folder), "-c", str(path), "-e", "stderr"]
    with running(replace(CLIENTS["nginx"], prepare=lambda setup: words), Setup(folder, port, None)):
        yield port


def _read(folder: Path, target: int, idle: float) -> AbstractContextManager[int]:
    return nginx(folder, proxy(target, f"proxy_read_timeout {idle:g}s; {UPGRADE}"))


def _haproxy(mode: str, timers: str) -> Callable[[Path, int, float], AbstractContextManager[int]]:
    @contextmanager
    def opened(folder: Path, target: int, idle: float) -> Iterator[int]:
        port = free_port()
        path = folder / f"{port}.cfg"
        path.write_text(HAPROXY.format(mode=mode, timers=timers.format(idle=idle), port=port, target=target))
        words = ["-db", "-f", str(path)]
        with running(replace(CLIENTS["haproxy"], prepare=lambda setup: words), Setup(folder, port, None)):
            yield port

    return opened


STREAMS = {
    "nginx": Tunnel(CLIENTS["nginx"], "proxy_timeout", _stream),
    "haproxy": Tunnel(CLIENTS["haproxy"], "timeout client", _haproxy("tcp", BOTH)),
    "haproxy tunnel": Tunnel(CLIENTS["haproxy"], "timeout tunnel", _haproxy("tcp", TUNNEL)),
}
"""For any protocol over TCP."""

WEBSOCKETS = {
    "nginx": Tunnel(CLIENTS["nginx"], "proxy_read_timeout", _read),
    "haproxy": Tunnel(CLIENTS["haproxy"], "timeout tunnel", _haproxy("http", TUNNEL)),
}
"""For connections that began as HTTP."""
