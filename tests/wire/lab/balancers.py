"""HAProxy and nginx before several servers, told at run time that only one of them is left."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tochain.reproduce.clients import CLIENTS
from tochain.reproduce.programs import Program, Setup, free_port, started

NGINX = """\
daemon off; worker_processes 1; pid {port}.pid; error_log stderr info;
events {{ worker_connections 512; }}
http {{
  access_log {port}-access.log; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u;
  scgi_temp_path s; proxy_next_upstream off;
  upstream app {{ {servers} keepalive 32; }}
  server {{ listen 127.0.0.1:{port}; location / {{
    proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; }} }}
}}
"""
HAPROXY = """\
global
  nbthread 1
  stats socket unix@{port}.admin level admin
defaults
  mode http
  retries 0
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen app
  bind 127.0.0.1:{port}
{servers}
"""


@dataclass(frozen=True, slots=True)
class Balancer:
    """A running balancer that repeats nothing."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    ports: Sequence[int]


class Nginx(Balancer):
    """Learns by a reload."""

    program = CLIENTS["nginx"]

    @staticmethod
    def text(port: int, ports: Sequence[int]) -> str:
        """The configuration."""
        servers = " ".join(f"server 127.0.0.1:{one} max_fails=0;" for one in ports)
        return NGINX.format(port=port, servers=servers)

    @staticmethod
    def words(folder: Path, path: Path) -> list[str]:
        """The command line."""
        return ["-p", str(folder), "-c", str(path), "-e", "stderr"]

    def only(self, port: int) -> None:
        """Leaves one server."""
        (self.folder / f"{self.port}.conf").write_text(self.text(self.port, [port]))
        self.process.send_signal(signal.SIGHUP)


class Haproxy(Balancer):
    """Learns through its socket."""

    program = CLIENTS["haproxy"]

    @staticmethod
    def text(port: int, ports: Sequence[int]) -> str:
        """The configuration."""
        servers = "\n".join(f"  server s{one} 127.0.0.1:{one}" for one in ports)
        return HAPROXY.format(port=port, servers=servers)

    @staticmethod
    def words(folder: Path, path: Path) -> list[str]:
        """The command line."""
        return ["-db", "-f", str(path)]

    def only(self, port: int) -> None:
        """Leaves one server."""
        for one in self.ports:
            if one != port:
                self._say(f"set server app/s{one} state drain")

    def _say(self, command: str) -> None:
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(self.folder / f"{self.port}.admin"))
            line.sendall(f"{command}\n".encode())
            line.recv(1000)


BALANCERS = {"nginx": Nginx, "haproxy": Haproxy}
"""By name."""


@contextmanager
def balancer(name: str, folder: Path, ports: Sequence[int]) -> Iterator[Nginx | Haproxy]:
    """The balancer while it listens."""
    kind, port = BALANCERS[name], free_port()
    path = folder / f"{port}.conf"
    path.write_text(kind.text(port, ports))
    program: Program = replace(kind.program, prepare=lambda setup: kind.words(folder, path))
    with started(program, Setup(folder, port, None)) as (process, _):
        yield kind(port, folder, process, ports)
